"""How a YOLO data set lies on disk: its classes, its images by part, and the text of each image.

Ultralytics keeps `images/<part>` beside `labels/<part>`, Roboflow `<part>/images` beside
`<part>/labels`, LabelImg and Darknet each text beside its image.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfod.errors import UserError
from tfod.files import IMAGE_SUFFIXES, from_user
from tfod.steps.convert.find_images import files_below
from tfod.steps.convert.labelled import part_of
from tfod.steps.convert.yolo_yaml import Value, read_yaml

YAMLS = ("data.yaml", "dataset.yaml", "data.yml", "dataset.yml")
CLASSES = ("classes.txt", "obj.names", "_darknet.labels", "classes.names", "predefined_classes.txt")
_PART_KEYS = {"train": "train", "val": "val", "valid": "val", "test": "test"}
_NO_LABELS = ("train.txt", "val.txt", "valid.txt", "test.txt", "requirements.txt")


@dataclass
class Layout:
    """What lies where.

    Attributes:
        names: class names in the order of their numbers; empty when no file has them.
        names_file: that file, or None.
        images: each image with its part.
        unstated: how many of them data.yaml does not name, though it names others.
        texts: label files, none of which is something else.
        keypoints: the texts have keypoints behind each box.
    """

    names: list[str] = field(default_factory=list)
    names_file: Path | None = None
    images: list[tuple[Path, str]] = field(default_factory=list)
    unstated: int = 0
    texts: list[Path] = field(default_factory=list)
    keypoints: bool = False


def find_layout(path: Path, images: Path | None = None) -> Layout:
    """Look at a data set.

    Args:
        path: its folder, or its data.yaml.
        images: where the images are, if elsewhere.

    Raises:
        UserError: a file cannot be read.
    """
    root = path if path.is_dir() else path.parent
    yaml_path = (
        path if path.is_file() else next((y for n in YAMLS if (y := root / n).exists()), None)
    )
    settings = read_yaml(yaml_path) if yaml_path else {}
    layout = Layout(keypoints="kpt_shape" in settings)
    layout.names, layout.names_file = _class_names(root, yaml_path, settings)
    stated = {} if images else _stated_images(settings, root)
    folder = images or root
    found = [(image, part_of(image.relative_to(folder))) for image in _images_below(folder)]
    roots = [root, *dict.fromkeys(_label_folder(image.parent) for image in stated)]
    texts = {text.resolve(): text for place in roots[::-1] for text in texts_below(place)}
    layout.texts = sorted(texts.values())
    more = _with_free_text(found, set(texts), list(stated)) if stated else found
    layout.images, layout.unstated = [*stated.items(), *more], len(more) if stated else 0
    return layout


def _with_free_text(
    found: Sequence[tuple[Path, str]], texts: set[Path], stated: Sequence[Path]
) -> list[tuple[Path, str]]:
    """The images that are not stated and have a text of their own."""
    free = texts - {text.resolve() for image in stated for text in text_candidates(image)}
    known = {image.resolve() for image in stated}
    return [
        (image, part)
        for image, part in found
        if image.resolve() not in known
        and any(text.resolve() in free for text in text_candidates(image))
    ]


def text_candidates(image: Path) -> list[Path]:
    """Where the text of an image may lie: labels/ in place of the last images/, or beside it."""
    moved = _label_folder(image.parent) / f"{image.stem}.txt"
    return [moved, image.with_suffix(".txt")]


def _label_folder(folder: Path) -> Path:
    pieces = list(folder.parts)
    for index in range(len(pieces) - 1, -1, -1):
        if pieces[index].lower() == "images":
            return Path(*pieces[:index], "labels", *pieces[index + 1 :])
    return folder


def _images_below(folder: Path) -> list[Path]:
    return files_below(folder, *IMAGE_SUFFIXES)


def texts_below(folder: Path) -> list[Path]:
    """Find the texts in a folder and all below it that may be labels, sorted."""
    return [text for text in files_below(folder, ".txt") if _may_be_labels(text)]


def _may_be_labels(text: Path) -> bool:
    name = text.name.lower()
    if any(piece.lower() == "labels" for piece in text.parts[:-1]):
        return name not in CLASSES
    return name not in (*CLASSES, *_NO_LABELS) and not name.startswith(("readme", "license"))


def _class_names(
    root: Path, yaml_path: Path | None, settings: dict[str, Value]
) -> tuple[list[str], Path | None]:
    names = settings.get("names")
    if yaml_path and names:
        return _names_of_yaml(names, yaml_path), yaml_path
    folders = [root, root / "labels", *(path for path in sorted(root.glob("*")) if path.is_dir())]
    for folder in folders:
        for name in CLASSES:
            path = folder / name
            if path.is_file():
                return read_class_file(path), path
    return [], None


def _names_of_yaml(names: Value, path: Path) -> list[str]:
    if isinstance(names, str):
        return read_class_file(path.parent / from_user(names))
    if isinstance(names, dict):
        numbers = [int(key) for key in names if key.isdecimal()]
        if sorted(numbers) != list(range(len(names))):
            raise UserError(
                f"{path}: the classes have the numbers {', '.join(names)} (expected 0, 1, 2 ...). "
                "Correct names."
            )
        names = [name for _, name in sorted(zip(numbers, names.values(), strict=True))]
    return _unique(names, path)


def read_class_file(path: Path) -> list[str]:
    """Read a class name a line, in the order of the numbers.

    Raises:
        UserError: it cannot be read, or a name is there twice.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text. Save it as UTF-8.") from error
    while lines and not lines[-1].strip():
        lines.pop()
    return _unique([line.strip() for line in lines], path)


def _unique(names: Sequence[str], path: Path) -> list[str]:
    for number, name in enumerate(names):
        if not name:
            raise UserError(f"{path}: class number {number} has no name. Give it one.")
        if name in names[:number]:
            raise UserError(f'{path}: class "{name}" is there twice. Name each class once.')
    return list(names)


def _stated_images(settings: dict[str, Value], root: Path) -> dict[Path, str]:
    """The images that data.yaml names, by part; a folder that stands for two is no part."""
    path = settings.get("path")
    bases = [root / from_user(path)] if isinstance(path, str) else []
    owners: dict[Path, list[str]] = {}
    places: dict[Path, Path] = {}
    for key, part in _PART_KEYS.items():
        value = settings.get(key) or []
        for text in [value] if isinstance(value, str) else value:
            place = _existing(text, [*bases, root])
            if place is not None:
                owners.setdefault(place.resolve(), []).append(part)
                places.setdefault(place.resolve(), place)
    stated: dict[Path, str] = {}
    for resolved, place in places.items():
        one = len(set(owners[resolved])) == 1
        part = owners[resolved][0] if one else part_of(Path(place.name, "*"))
        found = _images_below(place) if place.is_dir() else _listed(place, root)
        stated |= {image: stated.get(image, part) for image in found}
    return stated


def _existing(text: str, bases: list[Path]) -> Path | None:
    """A stated place that exists; Roboflow's `../train/images` means `train/images`."""
    if text in ("", "null", "~"):
        return None
    relative = from_user(text)
    inside = Path(*[piece for piece in relative.parts if piece != ".."])
    places = [base / way for way in (relative, inside) for base in bases]
    return next((place for place in places if place.exists()), None)


def _listed(listing: Path, root: Path) -> list[Path]:
    """The images that a file like train.txt lists, a path a line."""
    lines = listing.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    images = (from_user(line.strip()) for line in lines if line.strip())
    return [_existing(str(image), [listing.parent, root]) or root / image for image in images]
