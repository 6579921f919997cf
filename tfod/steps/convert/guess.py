"""Which format a file or folder has: by what is in its labels, and of a target by its name."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tfod.errors import refusal
from tfod.remedies import Remedy
from tfod.steps.convert.label_files import label_files
from tfod.steps.convert.read_yolo import label_texts
from tfod.steps.convert.rows import FORMATS
from tfod.steps.convert.yolo_folder import settings_file
from tfod.words import plural, some

_YOLO = (".yaml", ".yml", ".data")
_SUFFIXES = {".json": "coco", ".csv": "csv", ".yaml": "yolo", ".yml": "yolo"}
_EXPECTED = "labels in XML, JSON, CSV or YOLO's text"
_MADE = ("csv", "tfrecord")  # often made from the labels that lie next to them


def guess_source(path: Path, setting: str = "from_format") -> tuple[str, list[str]]:
    """Tell the format of a data set, and in sentences what else is there.

    Args:
        path: file or folder.
        setting: the parameter that answers when several formats are there.

    Raises:
        UserError: there is nothing, or several formats.
    """
    if path.is_file() and path.suffix.lower() in _YOLO:
        return "yolo", []
    found = label_files(path)
    formats = {name: found[name] for name in FORMATS if name in found}
    chosen = [name for name in formats if name not in _MADE] or [*formats]
    if len(chosen) > 1:
        raise refusal(
            "several-formats",
            path,
            f"contains labels in {len(chosen)} formats",
            got=" and ".join(chosen),
            remedy=Remedy.SET(setting=setting, value=chosen),
        )
    if chosen:
        left = {name: files for name, files in formats.items() if name != chosen[0]}
        return chosen[0], _left(left, path, chosen[0])
    if path.is_dir() and (settings_file(path) or label_texts(path)):
        return "yolo", []
    if path.is_file():
        what, expected = "not a file of labels", "VOC, COCO, CSV, data.yaml, or the folder of labels"
        raise refusal("no-format", path, what, expected=expected)
    what = "no labels found"
    raise refusal("no-labels", path, what, expected=_EXPECTED, remedy=Remedy.CHECK_PATH)


def _left(left: Mapping[str, Sequence[Path]], root: Path, chosen: str) -> list[str]:
    """Say what was not read, because it repeats other labels."""
    return [
        f"{plural(len(files), 'file')} left out: {some([f.relative_to(root) for f in files])} "
        f"({FORMATS[name]}); the labels are those in {FORMATS[chosen]}"
        for name, files in left.items()
    ]


def guess_target(path: Path, source_format: str) -> str:
    """Tell the format of what is to be written: by the ending of a file; a folder means VOC.

    Raises:
        UserError: neither says it.
    """
    if path.suffix.lower() in _SUFFIXES and not path.is_dir():
        return _SUFFIXES[path.suffix.lower()]
    if source_format != "voc":
        return "voc"
    what, expected = "cannot tell which format to write", "coco, yolo or csv"
    remedy = Remedy.SET(setting="to_format", value="FORMAT")
    raise refusal("no-target-format", path, what, expected=expected, remedy=remedy)
