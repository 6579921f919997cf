"""The scores at which a model's detections count: for each class what `evaluate` found best.

They are in `eval/report.json` of the model, and `export` puts those of its checkpoint beside the
exported model as `thresholds.json`, a file that people may edit:

    {"thresholds": [{"id": 1, "name": "Mask", "min_score": 0.46}, ...], ...}
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfod.detections import DEFAULT_SCORE, Detector, MinScore
from tfod.errors import refusal
from tfod.listing import read_text
from tfod.remedies import Remedy
from tfod.words import some

THRESHOLDS = "thresholds.json"
REPORT = "eval/report.json"  # in the folder of a model
KEYS = ("checkpoint", "step", "fingerprint", "images", "thresholds")  # of the report, kept
MOST_BYTES = 2**24
MOST_SAID = 5  # classes in a sentence
_EXPECTED = '{"thresholds": [{"id": 1, "min_score": 0.5}, ...]}'


def fingerprint(checkpoint: Path) -> str:
    """Tell the weights of a checkpoint, given its prefix, wherever they are copied.

    The index of a checkpoint holds the checksum of each tensor, so its own says what they are.
    """
    return hashlib.sha256(checkpoint.with_name(f"{checkpoint.name}.index").read_bytes()).hexdigest()


def measured_thresholds(checkpoint: Path) -> dict[str, Any] | None:
    """Find what `evaluate` found best for these weights; None when it measured others, or none.

    Args:
        checkpoint: its prefix, in the folder of the model or in a folder in it.
    """
    for folder in (checkpoint.parent, checkpoint.parent.parent):
        path = folder / REPORT
        if path.is_file():
            report = _read(path)
            if report.get("fingerprint") == fingerprint(checkpoint):
                scores_in(report, path)
                return {key: report[key] for key in KEYS if key in report}
    return None


def min_score_of(detector: Detector, min_score: MinScore | None = None) -> MinScore:
    """The score from which on detections count: the one given, else the model's own, else 0.5.

    Args:
        detector: its path is that of the exported model, or of the `saved_model` folder in it.
        min_score: what the user wants; None: nothing in particular.

    Raises:
        UserError: the model has thresholds that cannot be read.
    """
    path: Path | None = getattr(detector, "path", None)  # a function of somebody's own has none
    if min_score is not None or path is None:
        return DEFAULT_SCORE if min_score is None else min_score
    for folder in (path, path.absolute().parent):
        if (folder / "saved_model").is_dir() and (folder / THRESHOLDS).is_file():
            return scores_in(_read(folder / THRESHOLDS), folder / THRESHOLDS)
    return DEFAULT_SCORE


def scores_in_words(min_score: MinScore, class_names: Mapping[int, str]) -> str:
    """Say from which score on detections count: "0.50", or "Mask 0.46, No-mask 0.52"."""
    if not isinstance(min_score, Mapping):
        return f"{min_score:.2f}"
    if len(set(min_score.values())) == 1:
        return f"{next(iter(min_score.values())):.2f}"
    said = [
        f"{class_names.get(class_id, f'class {class_id + 1}')} {score:.2f}"
        for class_id, score in sorted(min_score.items())
    ]
    return some(said, MOST_SAID)


def scores_in(content: Mapping[str, Any], path: Path) -> dict[int, float]:
    """Class id, 0-based -> lowest score, of what a file of thresholds holds.

    Raises:
        UserError: it holds something else.
    """
    try:
        scores = {int(row["id"]) - 1: float(row["min_score"]) for row in content["thresholds"]}
        if all(0 <= score <= 1 for score in scores.values()):
            return scores
        got = f"a score of {next(s for s in scores.values() if not 0 <= s <= 1):g}"
    except (KeyError, TypeError, ValueError) as error:
        got = f"{type(error).__name__}: {error}"
    what, remedy = "the thresholds of the classes cannot be read", Remedy.REPLACE_FILE
    raise refusal("thresholds-unreadable", path, what, expected=_EXPECTED, got=got, remedy=remedy)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_text(path, MOST_BYTES))
    except (ValueError, RecursionError) as error:
        what = f"not JSON, or cut off ({error})"
        raise refusal("not-json", path, what, remedy=Remedy.REPLACE_FILE) from error
    return content if isinstance(content, dict) else {}
