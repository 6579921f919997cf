"""The best checkpoint of a training: the folder `best/` of a model folder.

    best/ckpt-N, checkpoint    the weights, in the old layout, without optimizer
    best/best.json             when they were measured, on which photos, and what came out

The checkpoint is written first and best.json after it, each whole or not at all, so `best/` always
names a checkpoint that is there; at worst best.json tells the figure of the one before.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tfod.files import whole_file
from tfod.model.checkpoints.files import latest_checkpoint
from tfod.model.checkpoints.restore import Model
from tfod.model.checkpoints.save import save_checkpoint

BEST = "best"
LAST = "last"
SCORE = "best.json"


@dataclass(frozen=True)
class Best:
    """How good the best checkpoint is.

    Attributes:
        step: its global step.
        mean_ap: its mAP, mean over IoU 0.50 to 0.95.
        part: "val", or "test" where there are no photos for validation.
        images: number of photos it was measured on.
        photos: what they were, see `fingerprint`.
        stopped_at: the step at which the training ended early; None when it did not.
    """

    step: int
    mean_ap: float
    part: str
    images: int
    photos: Mapping[str, int]
    stopped_at: int | None = None

    def is_measured_on(self, photos: Mapping[str, int]) -> bool:
        """Whether figures of these photos can be compared with this one."""
        return dict(self.photos) == dict(photos)


def fingerprint(records: Iterable[str | Path]) -> dict[str, int]:
    """Tell record files apart: name -> size, bytes."""
    return {Path(path).name: Path(path).stat().st_size for path in records}


def read_best(model_dir: Path) -> Best | None:
    """Read how good the best checkpoint is; None when that is not known."""
    try:
        return Best(**json.loads((model_dir / BEST / SCORE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def save_best(model_dir: Path, model: Model, best: Best) -> Path:
    """Replace the best checkpoint of a model folder; return its prefix.

    Raises:
        UserError: the disk is full or the folder cannot be written. The one before stays.
    """
    prefix = save_checkpoint(model_dir / BEST, model, best.step, max_to_keep=1)
    _write(model_dir, best)
    return prefix


def note_early_stop(model_dir: Path, step: int) -> None:
    """Keep in mind at which step a training ended because it got no better."""
    best = read_best(model_dir)
    if best is not None:
        _write(model_dir, replace(best, stopped_at=step))


def choose_checkpoint(model_dir: Path, which: str | Path | None = None) -> Path:
    """Find what to evaluate or export: a prefix, or a folder for its newest checkpoint.

    Args:
        which: "best", "last", or the path of a checkpoint or of a folder of them. None: the best
            where there is one, else the last.
    """
    if which is None or str(which) == BEST:
        best = latest_checkpoint(model_dir / BEST)
        return model_dir if best is None else best
    return model_dir if str(which) == LAST else Path(which)


def _write(model_dir: Path, best: Best) -> None:
    with whole_file(model_dir / BEST / SCORE) as temporary:
        temporary.write_text(json.dumps(asdict(best), indent=2) + "\n", encoding="utf-8")
