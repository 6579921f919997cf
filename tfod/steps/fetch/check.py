"""Whether a folder holds the published checkpoint it should, and whether it changed since.

`fetched.json` in the folder remembers the SHA-256 of each file and of the archive. Nobody
published checksums to compare with: the first files that passed the check are trusted.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

from tfod.config.reading import parse_config, read_text
from tfod.errors import refusal
from tfod.files import whole_file
from tfod.steps.fetch.zoo import Published

RECEIPT = "fetched.json"
FILES = ("pipeline.config", "checkpoint/ckpt-0.index", "checkpoint/ckpt-0.data-00000-of-00001")
NETWORK = ("model/_feature_extractor/", "model/_box_predictor/")
Quiet = Callable[[], AbstractContextManager[object]]


@dataclass
class Receipt:
    """What is remembered of a checkpoint that passed the check.

    Attributes:
        name: of the checkpoint.
        source: address or file name of the archive; "": unpacked by hand.
        archive_bytes, archive_sha256: of the archive; 0 and "": unpacked by hand.
        variables: number of variables of its network.
        files: path in the folder, with slashes -> SHA-256 in hexadecimal.
    """

    name: str
    source: str
    archive_bytes: int
    archive_sha256: str
    variables: int
    files: dict[str, str]


def check(model: Published, folder: Path, quiet: Quiet = nullcontext) -> int:
    """Read the config and the checkpoint of a folder; give the number of variables of its network.

    TensorFlow is imported and reads in the context that `quiet` makes.

    Raises:
        UserError: files are missing, damaged, or those of another network.
    """
    for name in FILES:
        if not (folder / name).is_file():
            what = f"missing, so {model.name} is incomplete"
            raise refusal("checkpoint-incomplete", folder / name, what)
    _check_config(model, folder / "pipeline.config")
    with quiet():
        from tfod.model.checkpoints.format import read_checkpoint

        checkpoint = read_checkpoint(folder / "checkpoint" / "ckpt-0")
    count = sum(key.startswith(NETWORK) for key in checkpoint.variables)
    if count == 0 or model.variables not in (None, count):
        raise refusal(
            "not-this-checkpoint",
            checkpoint.path,
            f"not {model.name}",
            expected=f"{model.variables or 'some'} network variables",
            got=count,
        )
    return count


def _check_config(model: Published, path: Path) -> None:
    ssd = parse_config(read_text(path), str(path)).model.ssd
    resizer = ssd.image_resizer.fixed_shape_resizer
    got = (ssd.feature_extractor.type, resizer.height, resizer.width)
    expected = (model.extractor, model.size_px, model.size_px)
    if got != expected:
        raise refusal(
            "not-this-checkpoint",
            path,
            "belongs to a different model",
            expected="feature extractor {}, images {}x{}".format(*expected),
            got="{}, {}x{}".format(got[0] or "none", *got[1:]),
        )


def write_receipt(folder: Path, receipt: Receipt) -> None:
    """Write `fetched.json`, with the files as they are now."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != RECEIPT)
    receipt.files = {path.relative_to(folder).as_posix(): sha256(path) for path in paths}
    with whole_file(folder / RECEIPT) as temporary:
        temporary.write_text(json.dumps(asdict(receipt), indent=2) + "\n", "utf-8")


def read_receipt(folder: Path) -> Receipt | None:
    """Read `fetched.json`; None when there is none or it is not readable."""
    try:
        receipt = Receipt(**json.loads((folder / RECEIPT).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return receipt if receipt.files else None


def changed_files(folder: Path, receipt: Receipt) -> list[str]:
    """Name the files that are gone or have other content; new ones do not matter."""
    return [
        name
        for name, known in receipt.files.items()
        if not (folder / name).is_file() or sha256(folder / name) != known
    ]


def sha256(path: Path) -> str:
    """Give the SHA-256 of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
