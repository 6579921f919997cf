"""Names of sessions and of the photos in them: on every system, numbered on, nothing twice."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from tfod.errors import UserError
from tfod.files import IMAGE_SUFFIXES
from tfod.labels import read_label_map
from tfod.terminal import quoted
from tfod.workspace import LABEL_MAP

_NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # of Windows, the strictest


def file_name(name: str) -> str:
    """Turn a name into one that files may have on every system; "" when nothing is left."""
    return _NOT_IN_FILE_NAMES.sub("_", name).strip(" .")


def file_names(classes: Sequence[str]) -> dict[str, str]:
    """Class name -> how its files begin.

    Raises:
        UserError: none are given, one cannot be, or two have the same files.
    """
    names: dict[str, str] = {}
    known = read_label_map(LABEL_MAP).names.values() if LABEL_MAP.is_file() else ()
    for name in classes:
        if name not in known:  # there the XML holds the name whole
            _refuse_characters(name, classes)
        begins = file_name(name)
        if not begins:
            raise UserError(f'--classes: "{name}" cannot be a class name. Use letters.')
        if begins.casefold() in (other.casefold() for other in names.values()):
            raise UserError(
                f'--classes: the files of "{name}" would be called like those of another class. '
                "Choose another name."
            )
        names[name] = begins
    if not names:
        raise UserError("--classes: none given. Name them: --classes Mask No-mask.")
    return names


def _refuse_characters(name: str, classes: Sequence[str]) -> None:
    """Refuse a comma, which may separate classes elsewhere, and what would change in file names."""
    if "," in name:
        parts = [part.strip() for part in ",".join(classes).split(",")]
        meant = quoted(*filter(None, parts)) or "Mask No-mask"
        raise UserError(
            f'--classes: "{name}" is one name with a comma in it (expected spaces between the '
            f"classes). Write: --classes {meant}."
        )
    if no := _NOT_IN_FILE_NAMES.search(name):
        held = f'"{no[0]}"' if no[0].isprintable() else f"the character number {ord(no[0])}"
        shown = f'"{name}"' if name.isprintable() else repr(name)
        raise UserError(
            f"--classes: {shown} holds {held}, which file names cannot hold. Choose another name, "
            f'such as "{file_name(name)}".'
        )


def session_name(name: str | None = None) -> str:
    """Check the name of a session; date and time when None.

    Raises:
        UserError: split would not find such a folder, or no system could make it.
    """
    if name is None:
        return datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    unseen = name.startswith(".") or name in ("train", "test", "val")  # by split
    if unseen or _NOT_IN_FILE_NAMES.search(name) or not name.strip(" ."):
        raise UserError(
            f'--session: "{name}" cannot be the name of a session folder. Begin with a letter or '
            'digit, not "train", "test" or "val".'
        )
    return name


def photos(folder: Path, begins: str) -> list[int]:
    """Numbers of the photos `begins_NUMBER` of a session, in no order."""
    numbers = _numbers(folder, begins)
    return [number for number, suffix in numbers if suffix.lower() in IMAGE_SUFFIXES]


def photos_below(folder: Path) -> int:
    """Count the photos of all sessions and of the parts made from them."""
    return sum(path.suffix.lower() in IMAGE_SUFFIXES for path in folder.rglob("*"))


def next_path(folder: Path, begins: str) -> Path:
    """Give the path of the next photo: a number no file of the session has, not even an XML."""
    number = max((number for number, _ in _numbers(folder, begins)), default=0) + 1
    return folder / f"{begins}_{number}.jpg"


def _numbers(folder: Path, begins: str) -> Iterator[tuple[int, str]]:
    pattern = re.compile(re.escape(begins) + r"_(\d+)(\.\w+)", re.IGNORECASE)
    for path in folder.iterdir() if folder.is_dir() else ():
        if match := pattern.fullmatch(path.name):
            yield int(match[1]), match[2]
