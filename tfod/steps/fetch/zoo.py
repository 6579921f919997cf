"""The published checkpoints: the SSD models with a feature pyramid of the TF2 model zoo.

A table, and names and addresses from it; it knows nothing of downloading. Names, addresses, speed
and mAP are those of the TensorFlow 2 Detection Model Zoo (research/object_detection/g3doc/
tf2_detection_zoo.md in tensorflow/models). The zoo publishes neither sizes nor checksums: the sizes
here are approximate, twice the float32 weights (the archive holds them as a checkpoint and as a
SavedModel) less what gzip saves.
"""

import re
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from tfod.errors import refusal
from tfod.remedies import Advice, Remedy
from tfod.words import closest

ADDRESS = "https://download.tensorflow.org/models/object_detection/tf2/20200711"
DEFAULT = "ssd_mobilenet_v2_fpnlite_640x640_coco17_tpu-8"
SUFFIXES = (".tar.gz", ".tgz", ".tar")


@dataclass(frozen=True)
class Published:
    """One published checkpoint.

    Attributes:
        name: of its archive without ".tar.gz", and of the only folder in it.
        extractor: `feature_extractor.type` in its pipeline.config.
        size_px: side of the images in the network.
        speed_ms: time per image as the zoo measured it, on a GPU of 2020.
        coco_map: mAP on COCO 2017 val in percent, as published.
        about_mb: size of the archive in 10^6 bytes, approximate.
        variables: number of variables of the network; None: unknown, so not checked.
        trains: whether this version can train it.
    """

    name: str
    extractor: str
    size_px: int
    speed_ms: int
    coco_map: float
    about_mb: int
    variables: int | None = None
    trains: bool = False


def _ssd(backbone: str, size: int, speed: int, coco_map: float, mb: int) -> Published:
    name = f"ssd_{backbone}_{size}x{size}_coco17_tpu-8"
    lite = backbone.endswith("fpnlite")
    extractor = f"ssd_{backbone.removesuffix('lite')}_keras"
    return Published(name, extractor, size, speed, coco_map, mb, 384 if lite else None, lite)


PUBLISHED = (
    _ssd("mobilenet_v2_fpnlite", 320, 22, 22.2, 20),
    _ssd("mobilenet_v2_fpnlite", 640, 39, 28.2, 20),
    _ssd("mobilenet_v1_fpn", 640, 48, 29.1, 90),
    _ssd("resnet50_v1_fpn", 640, 46, 34.3, 245),
    _ssd("resnet50_v1_fpn", 1024, 87, 38.3, 245),
    _ssd("resnet101_v1_fpn", 640, 57, 35.6, 385),
    _ssd("resnet101_v1_fpn", 1024, 104, 39.5, 385),
    _ssd("resnet152_v1_fpn", 640, 80, 35.4, 500),
    _ssd("resnet152_v1_fpn", 1024, 111, 39.6, 500),
)
BY_NAME = {model.name: model for model in PUBLISHED}


def find(text: str) -> Published:
    """Find a checkpoint by its name or by parts of it.

    Args:
        text: the name, also as path, address or archive; or parts like "320", "mobilenet-320",
            "resnet50_1024". Where parts fit several, the one that this version trains is meant.

    Raises:
        UserError: no checkpoint or several fit; names them or the nearest.
    """
    name = re.split(r"[/\\]", text.strip().rstrip("/\\"))[-1].lower()
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    if name in BY_NAME:
        return BY_NAME[name]
    parts = [part for part in re.split(r"[^a-z0-9]+", name) if part]
    fitting = [m for m in PUBLISHED if parts and all(part in _squashed(m) for part in parts)]
    chosen = [model for model in fitting if model.trains] or fitting
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise refusal(
            "checkpoint-ambiguous",
            f'"{text}"',
            f"matches {len(chosen)} published checkpoints",
            remedy=Remedy.USE(value=[model.name for model in chosen]),
        )
    guess = closest(name, BY_NAME)
    list_all: Advice = Remedy.RUN(step="fetch", list=True)
    raise refusal(
        "unknown-checkpoint",
        f'"{text}"',
        "not a published checkpoint",
        remedy=list_all if guess is None else Remedy.DID_YOU_MEAN(name=guess),
    )


def trainable(folder: Path) -> list[Path]:
    """The folders in pre-trained-models/ with a checkpoint that can be trained, newest first."""
    indices = folder.glob("*/checkpoint/ckpt-*.index")
    found = {index.parents[1] for index in indices}
    refused = {model.name for model in PUBLISHED if not model.trains}
    usable = [path for path in found if path.name not in refused]
    return sorted(usable, key=lambda path: path.stat().st_mtime, reverse=True)


def address(model: Published, url: str | None) -> str:
    """Give the address of an archive, from that of a server that has them all, or of this one.

    Raises:
        UserError: it is not an http or https address.
    """
    url = (url or ADDRESS).strip()
    try:
        parts = urllib.parse.urlsplit(url)
        is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is not a number
        is_address = False
    if not is_address:
        raise refusal(
            "not-an-address",
            what="not an address",
            setting="url",
            expected="http:// or https://",
            got=url,
            remedy=None if "://" in url else Remedy.SET(setting="archive", value=url),
        )
    if parts.path.endswith(SUFFIXES):
        return url
    return f"{url.rstrip('/')}/{model.name}.tar.gz"


def _squashed(model: Published) -> str:
    return re.sub(r"[^a-z0-9]", "", model.name)
