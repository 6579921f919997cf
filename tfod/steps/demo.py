"""The whole path, from capture to live, on a synthetic camera.

`demo` calls the functions that the commands call and announces each, so that it can be repeated
step by step, or with a real camera. It works in a workspace of its own.

The settings below were chosen so that random weights learn the drawn classes within minutes on two
CPU cores: small images, a third of the filters, three levels of anchors, a short memory of the
batch statistics. docs/log.md has what was tried. They are no advice for photos.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tfod.camera.camera import open_camera
from tfod.data.images import read_image, write_image
from tfod.errors import refusal
from tfod.files import refuse_file, whole_folder
from tfod.model.checkpoints.best import choose_checkpoint
from tfod.progress import SILENT, Progress
from tfod.remedies import Advice, Remedy
from tfod.runtimes.load import load_detector
from tfod.steps.capture.capture import capture
from tfod.steps.capture.options import CaptureOptions
from tfod.steps.config import ConfigOptions, write_new_config
from tfod.steps.evaluate.coco import PRECISION
from tfod.steps.evaluate.evaluate import evaluate
from tfod.steps.export.export import export
from tfod.steps.live.live import live
from tfod.steps.live.options import LiveOptions
from tfod.steps.records.records import write_parts
from tfod.steps.split.split import split
from tfod.steps.train.start import read_to_train
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace

NAME = "demo"
CLASSES = ("circle", "square", "triangle")
IMAGES_PER_CLASS = 70
SIZE, STEPS, BATCH_SIZE = 160, 600, 16
SSD = "model.ssd"
PREDICTOR = f"{SSD}.box_predictor.weight_shared_convolutional_box_predictor"
RATE = "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"
SETTINGS = (
    f"{SSD}.feature_extractor.depth_multiplier=0.35",
    f"{SSD}.feature_extractor.conv_hyperparams.batch_norm.decay=0.95",
    f"{SSD}.feature_extractor.fpn.max_level=5",
    f"{SSD}.anchor_generator.multiscale_anchor_generator.max_level=5",
    f"{PREDICTOR}.conv_hyperparams.batch_norm.decay=0.95",
    f"{PREDICTOR}.depth=48",
    f"{PREDICTOR}.num_layers_before_predictor=2",
    f"{RATE}.learning_rate_base=0.08",
    f"{RATE}.warmup_learning_rate=0.016",
)
VIDEO = "synthetic:scene=moving;frames=150"  # 5 s
MARKER = ".tfod-demo"
MIN_SCORE = 0.4
MOST_PICTURES = 3
PICTURE_WIDTH_PX = 960

Announce = Callable[[Advice], None]


@dataclass(frozen=True)
class DemoResult:
    """What the demo reached and where its results are.

    Attributes:
        map, map_50: DetectionBoxes_Precision/mAP and mAP@.50IOU on the test images; None where
            those show no object.
        seconds: wall time of each step by its name, and "all".
        picture: test images with truth (left) and prediction (right).
        video: what `live` recorded.
    """

    map: float | None
    map_50: float | None
    seconds: dict[str, float]
    picture: Path
    video: Path


def demo(
    folder: Path,
    steps: int = STEPS,
    announce: Announce = lambda step: None,
    progress: Progress = SILENT,
) -> DemoResult:
    """Run the whole path in `folder`.

    Args:
        folder: becomes the workspace; what an earlier demo left in it is deleted.
        announce: is given each step with its settings before it runs.

    Raises:
        UserError: the folder holds something else, or is a file.
    """
    _empty(folder)
    workspace = Workspace(folder.absolute())
    clock = _Clock(folder, announce)
    _make_data(workspace, clock, progress)
    with clock.step(
        "config", name=NAME, size=SIZE, steps=steps, batch_size=BATCH_SIZE, set=SETTINGS
    ):
        options = ConfigOptions(size=SIZE, steps=steps, batch_size=BATCH_SIZE, overrides=SETTINGS)
        config = read_to_train(workspace, write_new_config(workspace, NAME, options).path)
    model_dir, exported = workspace.model(NAME), workspace.exported(NAME)
    with clock.step("train", name=NAME, seed=0):
        train(workspace, config, model_dir, TrainOptions(seed=0), progress)
    with clock.step("evaluate", name=NAME):
        result = evaluate(config, model_dir, progress=progress)
    with clock.step("export", name=NAME):
        export(workspace, config, choose_checkpoint(model_dir), exported)
    picture, video = folder / "result.jpg", folder / "live.mp4"
    with clock.step(
        "live", name=NAME, camera=VIDEO, headless=True, record=video, min_score=MIN_SCORE
    ):
        _record(workspace, exported, video, progress)
    _write_picture(picture, result.pictures[:MOST_PICTURES])
    return DemoResult(
        map=result.figures[f"{PRECISION}mAP"],
        map_50=result.figures[f"{PRECISION}mAP@.50IOU"],
        seconds={**clock.seconds, "all": sum(clock.seconds.values())},
        picture=picture.absolute(),
        video=video.absolute(),
    )


class _Clock:
    """Announces each step and times it."""

    def __init__(self, folder: Path, announce: Announce) -> None:
        self.folder = folder
        self.announce = announce
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, step: str, **settings: object) -> Iterator[None]:
        self.announce(Remedy.RUN(step=step, **settings, workspace=self.folder))
        begun_s = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - begun_s


def _empty(folder: Path) -> None:
    refuse_file(folder)
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        what = "contains files that are not from an earlier demo and would be deleted"
        raise refusal("folder-of-others", folder, what, remedy=Remedy.CHOOSE_FOLDER)
    with whole_folder(folder) as new:
        (new / MARKER).touch()


def _make_data(workspace: Workspace, clock: _Clock, progress: Progress) -> None:
    """Capture with labels, split, write the records."""
    options = CaptureOptions(IMAGES_PER_CLASS, every_s=0, countdown_s=0, headless=True)
    with clock.step(
        "capture", camera="synthetic", classes=CLASSES, number=IMAGES_PER_CLASS, every=0,
        countdown=0, headless=True,
    ):  # fmt: skip
        with open_camera("synthetic", classes=CLASSES) as camera:
            capture(workspace, camera, CLASSES, options, progress)
    with clock.step("split"):
        split(workspace, progress=progress)
    with clock.step("records"):
        write_parts(workspace, progress=progress)


def _record(workspace: Workspace, exported: Path, video: Path, progress: Progress) -> None:
    """Record what the exported model sees in a moving scene."""
    options = LiveOptions(MIN_SCORE, headless=True, record=video)
    with open_camera(VIDEO, classes=CLASSES) as camera:
        live(workspace, load_detector(exported), camera, options, progress)


def _write_picture(path: Path, pictures: list[Path]) -> None:
    """Put pictures of one size on top of each other."""
    rows = np.vstack([read_image(picture) for picture in pictures])
    height_px = round(rows.shape[0] * PICTURE_WIDTH_PX / rows.shape[1])
    rows = cv2.resize(rows, (PICTURE_WIDTH_PX, height_px), interpolation=cv2.INTER_AREA)
    write_image(path, rows, jpeg_quality=88)
