"""Which format a file or folder has, guessed from its names."""

from pathlib import Path

from tfod.data.folders import find_folders
from tfod.data.other_labels import CLASSES, YAMLS, kind_of
from tfod.errors import refusal
from tfod.listing import files_below
from tfod.remedies import Remedy
from tfod.steps.convert.read_coco import find_coco
from tfod.steps.convert.read_csv import find_csv
from tfod.steps.convert.read_yolo import texts_below, texts_beside

_SUFFIXES = {".json": "coco", ".csv": "csv", ".yaml": "yolo", ".yml": "yolo"}
_EXPECTED = "VOC .xml, COCO .json, YOLO data.yaml or .txt, LabelMe or CreateML .json, or .csv"


def guess_source(path: Path) -> str:
    """Tell the format of what is to be converted.

    Raises:
        UserError: there is nothing, or several formats.
    """
    if path.is_file():
        if path.suffix.lower() in _SUFFIXES:
            is_json = path.suffix.lower() == ".json"
            return (is_json and kind_of(path)) or _SUFFIXES[path.suffix.lower()]
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
    texts = [text for place in (folder, *texts_beside(folder)) for text in texts_below(place)]
    kinds = {kind_of(file) or "coco" for file in find_coco(folder)}
    return {
        "voc": bool(files_below(folder, [".xml"])) or _has_xml_beside(folder),
        **{kind: kind in kinds for kind in ("coco", "labelme", "createml")},
        "yolo": yolo or bool(texts),
        "csv": any(folder.glob("*.csv")),
    }


def _has_xml_beside(images: Path) -> bool:
    return any(xml for folder in find_folders(images).found for _, xml in folder.pairs)


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
