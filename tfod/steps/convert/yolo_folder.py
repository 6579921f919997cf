"""What data.yaml and its companions say of a YOLO data set: the classes, and images by part.

No file that they name may lie outside the folder of the data set.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import yaml

from tfod.data.other_labels import CLASSES, YAMLS, folders_above
from tfod.data.photo_folder import PART_WORDS
from tfod.errors import UserError, refusal
from tfod.listing import IMAGE_SUFFIXES, files_below, files_in, read_text
from tfod.remedies import Remedy
from tfod.steps.convert.find_images import is_inside, leads_out
from tfod.steps.convert.rows import part_of

MOST_BYTES = 2**20  # of data.yaml and of a list of classes
NAME_CLASSES = Remedy.SET(setting="classes", value="NAME,NAME")
Value = str | list[str] | dict[str, str]


def settings_file(root: Path) -> Path | None:
    """The file of a folder that names the classes or the images: data.yaml, or Darknet's obj.data.

    YAML of any other name counts when it has `names`.
    """
    usual = [root / name for name in YAMLS]
    others = [path for path in files_in(root, [".yaml", ".yml"]) if _has_names(path)]
    found = [path for path in usual if path.is_file()] or others or files_in(root, [".data"])
    return found[0] if found else None


def names_classes(root: Path) -> bool:
    """Whether there is a list of class names in a folder."""
    return any((root / name).is_file() for name in CLASSES)


def _has_names(path: Path) -> bool:
    try:
        return "names" in read_yaml(path)
    except UserError as error:
        return "yolo-class-names" in error.codes


def read_settings(path: Path) -> dict[str, Value]:
    """Read data.yaml, or lines `key = value` of obj.data.

    Raises:
        UserError: as `read_yaml`.
    """
    if path.suffix.lower() != ".data":
        return read_yaml(path)
    pairs = [line.partition("=") for line in read_text(path, MOST_BYTES).splitlines()]
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}


def read_yaml(path: Path) -> dict[str, Value]:
    """Read the keys whose value is a text, a list of texts, or a mapping of texts to texts.

    Every scalar is the text it is: YAML would make a class "no" False and "1e3" a number.

    Raises:
        UserError: not text, not YAML, or class names that are something else.
    """
    text = read_text(path, MOST_BYTES)
    try:
        found = yaml.load(text, Loader=yaml.BaseLoader)  # makes texts, lists and dicts, no more
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = mark.line + 1 if mark else None
        raise refusal("not-yaml", path, f"not YAML ({reason})", line) from error
    values = found if isinstance(found, dict) else {}
    if "names" in values and not _is_flat(values["names"]):
        raise _bad_names(path, "a list of names", None)
    return {key: value for key, value in values.items() if _is_flat(value)}


def _is_flat(value: object) -> bool:
    texts = value if isinstance(value, list) else [value]
    if isinstance(value, dict):
        texts = [*value, *value.values()]
    return all(isinstance(text, str) for text in texts)


def _bad_names(path: Path, expected: str, got: str | None) -> UserError:
    what = "unusable class names"
    return refusal("yolo-class-names", path, what, expected=expected, got=got)


def class_names(
    root: Path, yaml_path: Path | None, names: Value | None
) -> tuple[list[str], Path | None]:
    """Find the class names and the file that has them; none and None when no file has.

    Args:
        root: the folder of the data set.
        yaml_path: its data.yaml, or None.
        names: what that says: names, numbers with names, or the name of a file.

    Raises:
        UserError: a name is missing or given twice, or a file cannot be read or leads out.
    """
    if not yaml_path or not names:
        folders = [root, root / "labels", *filter(Path.is_dir, sorted(root.glob("*")))]
        paths = (folder / name for folder in folders for name in CLASSES)
        path = next(filter(Path.is_file, paths), None)
        if path is None:
            return [], None
        if not _stays_in(root, path):
            raise leads_out(path, os.path.realpath(path), remedy=NAME_CLASSES)
        return _read_classes(path), path
    if isinstance(names, str):
        path = root / _slashed(names)
        if not path.is_file():  # Darknet's data/obj.names of a folder that is not called data
            path = next(filter(Path.is_file, root.rglob(path.name)), path)
        if not _stays_in(root, path):
            raise leads_out(yaml_path, names, remedy=NAME_CLASSES)
        return _read_classes(path), yaml_path
    if isinstance(names, dict):
        numbers = [int(key) for key in names if key.isdecimal() and len(key) < 10]
        if sorted(numbers) != list(range(len(names))):
            raise _bad_names(yaml_path, "the numbers 0, 1, 2 ...", ", ".join(names))
        names = [name for _, name in sorted(zip(numbers, names.values(), strict=True))]
    return _unique(names, yaml_path), yaml_path


def names_above(root: Path) -> tuple[list[str], Path | None]:
    """Find the class names beside or above a folder of images that has none in it.

    Raises:
        UserError: a name is missing or given twice, or a file cannot be read.
    """
    paths = (folder / name for folder in folders_above(root) for name in (*YAMLS, *CLASSES))
    for path in filter(Path.is_file, paths):
        if path.name in CLASSES:
            return _read_classes(path), path
        if isinstance(names := read_yaml(path).get("names"), (list, dict)):
            return class_names(path.parent, path, names)
    return [], None


def _stays_in(root: Path, path: Path) -> bool:
    """Whether a file lies in the folder, links followed; one that leads to itself does."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _read_classes(path: Path) -> list[str]:
    """Read a class name a line, in the order of the numbers."""
    lines = read_text(path, MOST_BYTES).rstrip().splitlines()
    return _unique([line.strip() for line in lines], path)


def _unique(names: list[str], path: Path) -> list[str]:
    for number, name in enumerate(names):
        if not name or name in names[:number]:
            got = f'"{name}" twice' if name else f"none for number {number}"
            raise _bad_names(path, "a different name for each class", got)
    return names


def stated_images(settings: dict[str, Value], root: Path, yaml_path: Path) -> dict[Path, str]:
    """Find the images that data.yaml names, each with its part.

    Of a folder that stands for two parts the name decides.

    Raises:
        UserError: an image or a list of images lies outside the data set, or cannot be read.
    """
    path = settings.get("path")
    bases = [root / path, root] if isinstance(path, str) else [root]
    owners: dict[Path, set[str]] = defaultdict(set)
    for key, part in PART_WORDS.items():
        value = settings.get(key) or []
        for text in [value] if isinstance(value, str) else value:
            if place := _existing(text, bases, root, yaml_path):
                owners[place].add(part)
    stated: dict[Path, str] = {}
    for place, parts in owners.items():
        part = min(parts) if len(parts) == 1 else part_of(Path(place.name, "*"))
        found = files_below(place, IMAGE_SUFFIXES) if place.is_dir() else _listed(place, root)
        stated |= {image: stated.get(image, part) for image in found}
    return stated


def _existing(
    text: str, bases: Sequence[Path], root: Path, file: Path, line: int | None = None
) -> Path | None:
    """A stated place that exists; Roboflow's `../train/images` means `train/images`.

    Raises:
        UserError: it exists, but outside the data set.
    """
    if text in ("", "null", "~"):
        return None
    plain = _without_dots(text)
    ways = [Path(_slashed(text)), plain]
    if len(plain.parts) > 1 and plain.parts[0] == "data":  # Darknet's paths begin so
        ways.append(Path(*plain.parts[1:]))
    places = [base / way for way in ways for base in bases if os.path.exists(base / way)]
    inside = [place for place in places if is_inside(place, root)]
    if places and not inside:
        raise leads_out(file, text, line)
    return root / os.path.relpath(inside[0], root) if inside else None


def _listed(listing: Path, root: Path) -> list[Path]:
    """The images that a file like train.txt lists, a path a line."""
    if not _stays_in(root, listing):
        raise leads_out(listing, os.path.realpath(listing))
    images = []
    for number, line in enumerate(read_text(listing).splitlines(), 1):
        if text := line.strip():
            image = _existing(text, [listing.parent, root], root, listing, number)
            images.append(image or root / _without_dots(text))
    return images


def _slashed(text: str) -> str:
    return text.replace("\\", "/")


def _without_dots(text: str) -> Path:
    pieces = PurePosixPath(_slashed(text)).parts
    return Path(*[piece for piece in pieces if piece not in ("..", "/")])
