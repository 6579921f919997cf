"""Which format a file or folder has, guessed from its names."""

from pathlib import Path

from tfod.errors import refusal
from tfod.listing import files_below
from tfod.remedies import Remedy
from tfod.steps.convert.read_coco import find_coco
from tfod.steps.convert.read_csv import find_csv
from tfod.steps.convert.read_yolo import texts_below
from tfod.steps.convert.yolo_folder import CLASSES, YAMLS

_SUFFIXES = {".json": "coco", ".csv": "csv", ".yaml": "yolo", ".yml": "yolo"}
_EXPECTED = "VOC .xml, COCO .json, YOLO data.yaml or .txt, or .csv"


def guess_source(path: Path) -> str:
    """Tell the format of what is to be converted.

    Raises:
        UserError: there is nothing, or several formats.
    """
    if path.is_file():
        if path.suffix.lower() in _SUFFIXES:
            return _SUFFIXES[path.suffix.lower()]
        what, expected = "not a file to convert from", ".json, .csv, .yaml, or the folder of labels"
        raise refusal("no-format", path, what, expected=expected)
    found = [name for name, is_there in _signs(path).items() if is_there]
    if len(found) == 1:
        return found[0]
    if found:
        what = f"contains labels in {len(found)} formats"
        remedy = Remedy.SET(setting="from_format", value="FORMAT")
        raise refusal("several-formats", path, what, got=" and ".join(found), remedy=remedy)
    if find_csv(path):  # in folders of parts, where other tools put a CSV without boxes
        return "csv"
    what = "no labels found"
    raise refusal("no-labels", path, what, expected=_EXPECTED, remedy=Remedy.CHECK_PATH)


def _signs(folder: Path) -> dict[str, bool]:
    """Format -> whether something of it is in the folder."""
    yolo = any((folder / name).is_file() for name in (*YAMLS, *CLASSES))
    return {
        "voc": bool(files_below(folder, [".xml"])),
        "coco": bool(find_coco(folder)),
        "yolo": yolo or bool(texts_below(folder)),
        "csv": any(folder.glob("*.csv")),
    }


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
