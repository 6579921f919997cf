"""Names of sessions and of the photos in them: valid on every system, numbered, never twice."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from tfod.errors import refusal
from tfod.labels import read_label_map
from tfod.listing import IMAGE_SUFFIXES, files_below, files_in
from tfod.remedies import Remedy

_NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # of Windows, the strictest


def file_name(name: str) -> str:
    """Turn a name into one that files may have on every system; "" when nothing is left."""
    return _NOT_IN_FILE_NAMES.sub("_", name).strip(" .")


def file_names(classes: Sequence[str], label_map: Path) -> dict[str, str]:
    """Class name -> how its files begin.

    Args:
        label_map: may hold classes of any name, as the XML then holds the name whole; it need not
            exist.

    Raises:
        UserError: there are none, one is not possible, or two would have the same files.
    """
    known = read_label_map(label_map).names.values() if label_map.is_file() else ()
    if not classes:
        remedy = Remedy.SET(setting="classes", value=["Mask", "No-mask"])
        raise refusal("no-classes", setting="classes", what="no classes given", remedy=remedy)
    names: dict[str, str] = {}
    for name in classes:
        if name in names:
            remedy = Remedy.SET(setting="classes", value=[*dict.fromkeys(classes)])
            what = f'the class "{name}" is given twice'
            raise refusal("class-given-twice", setting="classes", what=what, remedy=remedy)
        names[name] = _beginning(name, classes, known, names.values())
    return names


def _beginning(
    name: str, classes: Sequence[str], known: Collection[str], others: Collection[str]
) -> str:
    if name not in known:
        _refuse_characters(name, classes)
    beginning = file_name(name)
    if not beginning:
        what = f'"{name}" cannot be the name of a class'
        expected = "letters or digits"
        raise refusal("class-name-empty", setting="classes", what=what, expected=expected)
    if beginning.casefold() in (other.casefold() for other in others):
        raise refusal(
            "class-names-clash",
            setting="classes",
            what=f'"{name}" and another class would get the same file names',
            remedy=Remedy.RENAME,
        )
    return beginning


def _refuse_characters(name: str, classes: Sequence[str]) -> None:
    """Refuse a comma, which may separate classes elsewhere, and what would change in file names."""
    if "," in name:
        parts = [part.strip() for part in ",".join(classes).split(",")]
        raise refusal(
            "class-name-comma",
            setting="classes",
            what="a class name contains a comma",
            expected="one name for each class",
            got=f'"{name}"',
            remedy=Remedy.SET(setting="classes", value=[part for part in parts if part]),
        )
    if bad := _NOT_IN_FILE_NAMES.search(name):
        character = (
            f'"{bad[0]}"' if bad[0].isprintable() else f"the control character {ord(bad[0])}"
        )
        shown = f'"{name}"' if name.isprintable() else repr(name)
        what = f"{shown} contains {character}, which is not allowed in file names"
        remedy = Remedy.USE(value=f'another name, such as "{file_name(name)}"')
        raise refusal("class-name-character", setting="classes", what=what, remedy=remedy)


def session_name(name: str | None = None) -> str:
    """Check the name of a session; date and time when None.

    Raises:
        UserError: split would not find such a folder, or no system could make it.
    """
    if name is None:
        return datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    is_reserved = name.startswith(".") or name in ("train", "test", "val")  # by split
    if is_reserved or _NOT_IN_FILE_NAMES.search(name) or not name.strip(" ."):
        what = f'"{name}" cannot be the name of a session folder'
        expected = 'a name that begins with a letter or digit, not "train", "test" or "val"'
        raise refusal("bad-session-name", setting="session", what=what, expected=expected)
    return name


def photos(folder: Path, beginning: str) -> list[int]:
    """Numbers of the photos `BEGINNING_NUMBER` of a session, in no order."""
    numbers = _numbers(folder, beginning)
    return [number for number, suffix in numbers if suffix.lower() in IMAGE_SUFFIXES]


def photos_below(folder: Path) -> int:
    """Count the photos of all sessions and of the parts made from them."""
    return len(files_below(folder, IMAGE_SUFFIXES)) if folder.is_dir() else 0


def next_path(folder: Path, beginning: str) -> Path:
    """Give the path of the next photo: a number no file of the session has, not even an XML."""
    number = max((number for number, _ in _numbers(folder, beginning)), default=0) + 1
    return folder / f"{beginning}_{number}.jpg"


def _numbers(folder: Path, beginning: str) -> Iterator[tuple[int, str]]:
    pattern = re.compile(re.escape(beginning) + r"_(\d+)(\.\w+)", re.IGNORECASE)
    for path in files_in(folder) if folder.is_dir() else ():
        if match := pattern.fullmatch(path.name):
            yield int(match[1]), match[2]
