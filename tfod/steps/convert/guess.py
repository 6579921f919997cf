"""Which format a file or folder has, from what is there."""

from pathlib import Path

from tfod.errors import UserError
from tfod.steps.convert.box_csv import find_csv
from tfod.steps.convert.coco_json import find_coco
from tfod.steps.convert.find_images import files_below
from tfod.steps.convert.yolo_layout import CLASSES, YAMLS, texts_below

FORMATS = {"voc": "VOC XML", "coco": "COCO JSON", "yolo": "YOLO text", "csv": "CSV"}
_SUFFIXES = {".json": "coco", ".csv": "csv", ".yaml": "yolo", ".yml": "yolo"}


def guess_source(path: Path) -> str:
    """Tell the format of what is to be converted.

    Raises:
        UserError: there is nothing, or several formats.
    """
    if not path.exists():
        raise UserError(f"{path}: no such file or folder. Check the path.")
    if path.is_file():
        if path.suffix.lower() in _SUFFIXES:
            return _SUFFIXES[path.suffix.lower()]
        raise UserError(
            f"{path}: not a file to convert from (expected .json, .csv, .yaml, or a folder). For "
            "XML or YOLO text name their folder."
        )
    found = [name for name, there in _signs(path).items() if there]
    if len(found) == 1:
        return found[0]
    if found:
        ways = " or ".join(f"--from {name}" for name in found)
        raise UserError(f"{path}: has labels in {len(found)} formats. Say which: {ways}.")
    if find_csv(path):  # in folders of parts, where other tools put a CSV that is none of boxes
        return "csv"
    raise UserError(
        f"{path}: no labels here (looked for VOC .xml, COCO .json, YOLO data.yaml or .txt, .csv). "
        "Check the path."
    )


def _signs(folder: Path) -> dict[str, bool]:
    """Format -> something of it is in the folder."""
    yolo = any((folder / name).is_file() for name in (*YAMLS, *CLASSES))
    return {
        "voc": bool(files_below(folder, ".xml")),
        "coco": bool(find_coco(folder)),
        "yolo": yolo or bool(texts_below(folder)),
        "csv": any(folder.glob("*.csv")),
    }


def guess_target(path: Path, source_format: str) -> str:
    """Tell the format of what is to be written: by the ending of a file; a folder means VOC.

    Raises:
        UserError: it cannot be told.
    """
    if path.suffix.lower() in _SUFFIXES and not path.is_dir():
        return _SUFFIXES[path.suffix.lower()]
    if source_format != "voc":
        return "voc"
    raise UserError(f"{path}: which format? Say --to coco, --to yolo or --to csv.")
