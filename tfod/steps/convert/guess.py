"""Which format a file or folder has: by what is in its labels, and of a target by its name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tfod.data.folders import find_folders
from tfod.data.label_kinds import UNREAD, kind_of
from tfod.errors import refusal
from tfod.listing import files_below
from tfod.remedies import Remedy
from tfod.steps.convert.read_yolo import label_texts
from tfod.steps.convert.rows import TITLES
from tfod.steps.convert.yolo_folder import names_classes, settings_file
from tfod.words import plural, some

_SETTINGS = (".yaml", ".yml", ".data")
_SUFFIXES = {".json": "coco", ".csv": "csv", ".yaml": "yolo", ".yml": "yolo"}
_EXPECTED = f"labels in {', '.join(TITLES.values())}"
_MADE = ("csv", "tfrecord")  # often made from the labels that lie next to them
_EACH_IMAGE = ("voc", "yolo", "kitti", "oidv4")  # whose folder is named
_ALIKE = 20  # after so many of one format in a folder the others are taken for it too


def guess_source(path: Path) -> tuple[str, list[str]]:
    """Tell the format of what is to be converted, and in sentences what else is there.

    Args:
        path: file or folder.

    Raises:
        UserError: there is nothing, or several formats.
    """
    if path.is_file() and path.suffix.lower() in _SETTINGS:
        return "yolo", []
    found = label_files(path)
    if path.is_file() and (kind := next(iter(found), "")) in _EACH_IMAGE:
        what = f"{TITLES[kind]} of one image, not of a data set"
        remedy = Remedy.USE(value=path.parent)
        raise refusal("no-format", path, what, expected="the folder of labels", remedy=remedy)
    formats = {name: found[name] for name in TITLES if name in found}
    chosen = [name for name in formats if name not in _MADE] or [*formats]
    if len(chosen) > 1:
        what = f"contains labels in {len(chosen)} formats"
        remedy = Remedy.SET_ONE(setting="from_format", values=chosen)
        raise refusal("several-formats", path, what, got=" and ".join(chosen), remedy=remedy)
    if chosen:
        left = {name: files for name, files in formats.items() if name not in chosen}
        return chosen[0], _left(left, path, chosen[0])
    if other := next((name for name in UNREAD if name in found), None):
        raise refusal("format-not-read", found[other][0], f"not read: {UNREAD[other]}")
    if path.is_dir() and (settings_file(path) or names_classes(path)):
        return "yolo", []
    if path.is_file():
        return _of_file(path), []
    what = "no labels found"
    raise refusal("no-labels", path, what, expected=_EXPECTED, remedy=Remedy.CHECK_PATH)


def _of_file(path: Path) -> str:
    """The format that the name of a file says, so that its reader tells what is wrong in it."""
    if path.suffix.lower() in _SUFFIXES:
        return _SUFFIXES[path.suffix.lower()]
    what, expected = "not a data set that is read", ".json, .csv, .yaml, .zip, or a folder"
    raise refusal("no-format", path, what, expected=expected)


def label_files(path: Path) -> dict[str, list[Path]]:
    """Format -> the files of labels at a path: itself, all below it, and those that go with it.

    Raises:
        UserError: a folder cannot be read.
    """
    if path.is_file():
        return {kind: [path]} if (kind := kind_of(path)) else {}
    found = _by_kind(files_below(path))
    if beside := [xml for folder in find_folders(path).found for _, xml in folder.pairs if xml]:
        found.setdefault("voc", beside)
    found.pop("yolo", None)
    texts = [*label_texts(path)]
    if texts and (not found or any(kind_of(text) == "yolo" for text in texts)):
        found["yolo"] = texts  # beside other labels an empty text or a caption says nothing
    return found


def _by_kind(files: Iterable[Path]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    looked: dict[tuple[Path, str], list[str]] = defaultdict(list)  # folder, suffix -> formats
    for file in files:
        before = looked[file.parent, file.suffix.lower()]
        if len(before) == _ALIKE and len(set(before)) == 1:
            kind = before[0]
        else:
            kind = kind_of(file)
            before[:] = [*before, kind][-_ALIKE:]
        if kind:
            found[kind].append(file)
    return dict(found)


def _left(left: Mapping[str, Sequence[Path]], root: Path, chosen: str) -> list[str]:
    """Say what was not read, because it repeats other labels."""
    return [
        f"{plural(len(files), 'file')} in {TITLES[name]} left out, because there are labels in "
        f"{TITLES[chosen]}: {some([file.relative_to(root).as_posix() for file in files])}"
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
