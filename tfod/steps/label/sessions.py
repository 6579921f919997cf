"""The sessions in workspace/images: found by name, counted, their classes.

A session is a folder of photos that a person labels; train/, test/ and val/ are copies of it. What
is labelled is read from the XML files, no image is opened.
"""

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfod import workspace as paths
from tfod.data.folders import find_folders
from tfod.data.photo_folder import is_copy, no_images, read_folder
from tfod.data.scan import scan
from tfod.errors import UserError
from tfod.files import from_user
from tfod.labels import read_label_map
from tfod.terminal import quoted

_CAPTURED = re.compile(r"(.+)_([1-9]\d*)")  # how capture names its photos


@dataclass
class Labelled:
    """How far the labelling of a session is.

    Attributes:
        session: its folder.
        images: number of images.
        labelled: those with an XML that a person made or saw.
        boxes: class name -> boxes in them, in alphabetical order.
        no_objects: labelled images without a box (negatives).
        suggested: names of images whose boxes a model drew and nobody has looked at.
        suggested_classes: class names in them, in alphabetical order.
        left: names of images still to label; those of `suggested` are among them.
        unknown: class name that is not in the class list -> names of the images that have it.
        unreadable: XML files that cannot be read, each with the reason.
        unseen: XML files that LabelImg does not show, as they are not called like their image.
    """

    session: Path
    images: int = 0
    labelled: int = 0
    boxes: dict[str, int] = field(default_factory=dict)
    no_objects: int = 0
    suggested: list[str] = field(default_factory=list)
    suggested_classes: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


def look(session: Path, classes: Sequence[str] = ()) -> Labelled:
    """Count what is labelled in a session.

    Args:
        session: the folder.
        classes: the class list; names that are not in it are told. Any name will do when empty.

    Raises:
        UserError: the folder is missing or holds no image.
    """
    folder = read_folder(session)
    result = Labelled(session, images=len(folder.pairs))
    boxes: Counter[str] = Counter()
    suggested: set[str] = set()
    for photo in scan([folder], "xml"):
        name = photo.image_path.name
        if photo.xml_problem:
            result.unreadable.append(f"{photo.xml_problem}.")
        if photo.annotation is None:
            result.left.append(name)
            continue
        names = photo.annotation.names
        if photo.annotation.path.name != f"{photo.image_path.stem}.xml":
            result.unseen.append(photo.annotation.path.name)
        if photo.suggested:
            result.suggested.append(name)
            suggested.update(names)
            result.left.append(name)
            continue
        result.labelled += 1
        result.no_objects += not names
        boxes.update(names)
        for unknown in set(names).difference(classes) if classes else ():
            result.unknown.setdefault(unknown, []).append(name)
    result.boxes = {name: boxes[name] for name in sorted(boxes)}
    result.suggested_classes = sorted(suggested)
    return result


def sessions(images_dir: Path = paths.IMAGES) -> dict[Path, int]:
    """Find the sessions, the newest first, each with the number of images left to label.

    Newest is where the newest photo lies. train/ and test/, and val/ with them, are no sessions.

    Raises:
        UserError: there is no such folder.
    """
    if not images_dir.is_dir():
        raise UserError(
            f"{images_dir}: no such folder. Take photos first, `tfod capture --classes A B`, or "
            f"copy yours into {images_dir / 'NAME'}."
        )
    newest, left = {}, {}
    for folder in find_folders(images_dir).sessions:
        newest[folder.path] = max(image.stat().st_mtime for image, _ in folder.pairs)
        left[folder.path] = len(look(folder.path).left)
    return {folder: left[folder] for folder in sorted(newest, key=newest.__getitem__)[::-1]}


def find_session(name: str | None, images_dir: Path = paths.IMAGES) -> Path:
    """Find a session by its name or path; the newest with something left to label when None.

    Raises:
        UserError: there is none of that name, or it is a copy that split made.
    """
    if name is None:
        there = sessions(images_dir)
        if not there:
            raise no_images(images_dir, find_folders(images_dir).found)
        return next((folder for folder, left in there.items() if left), next(iter(there)))
    for folder in (images_dir / name, from_user(name)):
        if folder.is_dir():
            break
    else:
        raise _no_such_session(name, images_dir)
    if is_copy(folder):
        raise UserError(
            f"{folder}: a copy that the next `tfod split` replaces. Label the session its photos "
            f"come from: {', '.join(path.name for path in sessions(images_dir)) or 'none is left'}."
        )
    return folder


def _no_such_session(name: str, images_dir: Path) -> UserError:
    there = [folder.name for folder in sessions(images_dir)]
    known = f"there are: {', '.join(there)}" if there else f"{images_dir} has none yet"
    close = difflib.get_close_matches(name, there, 1, 0.5)
    remedy = f"Did you mean {close[0]}?" if close else "Name one, or none for the newest."
    return UserError(f"{images_dir / name}: no such session ({known}). {remedy}")


def typed(session: Path) -> str:
    """What to type for a session: its name, or the path when it lies elsewhere."""
    return quoted(session.name if session.parent == paths.IMAGES else str(session))


def class_list(
    session: Path,
    given: Sequence[str] = (),
    label_map: Path = paths.LABEL_MAP,
    suggestions: bool = True,
) -> list[str]:
    """Give the classes to choose from.

    Those given; else those of the label map; else the names in the XML of all sessions and how the
    files begin that capture wrote. Where none of these is in any XML they are no classes.

    Args:
        session: the folder.
        given: by the user.
        label_map: its path.
        suggestions: whether XML counts that nobody has looked at.

    Raises:
        UserError: none of these; an empty name; a label map that cannot be read.
    """
    if any(not name.strip() for name in given):
        raise UserError("--classes: an empty name. Name them: --classes Mask No-mask.")
    if given:
        return list(dict.fromkeys(name.strip() for name in given))
    if label_map.is_file():
        return list(read_label_map(label_map).names.values())
    in_workspace = session.parent == paths.IMAGES
    others = [folder.path for folder in find_folders(paths.IMAGES).sessions] if in_workspace else []
    seen = {folder: look(folder) for folder in dict.fromkeys((session, *others))}
    drawn = {
        folder: [*one.boxes, *(one.suggested_classes if suggestions else ())]
        for folder, one in seen.items()
    }
    known = {name for found in drawn.values() for name in found}
    names: dict[str, None] = {}
    for folder, found in drawn.items():
        names |= dict.fromkeys(found)
        captured = _captured_classes(folder)
        is_new = folder == session and not found
        if not known or is_new or not known.isdisjoint(captured):  # else image_1.jpg is of none
            names |= dict.fromkeys(captured)
    names.pop("", None)  # of a box without a name
    if not names:
        raise UserError(
            f"{session}: which classes? There is no {label_map} to tell. Name them: "
            f"`tfod label {typed(session)} --classes A B`."
        )
    return list(names)


def _captured_classes(session: Path) -> list[str]:
    """Class names in names like Mask_1.jpg; IMG_4711.jpg is no class, as 1 to 4710 are missing.

    Of photos from a film the class stands before the film, after which the session is called.
    """
    of_film = re.compile(rf"(.+)_{re.escape(session.name)}_\d{{6,}}")
    numbers: dict[str, list[int]] = {}
    for image, _ in read_folder(session).pairs:
        if match := of_film.fullmatch(image.stem):
            numbers[match[1]] = [1]
        elif match := _CAPTURED.fullmatch(image.stem):
            numbers.setdefault(match[1], []).append(int(match[2]))
    return [name for name, found in numbers.items() if min(found) <= len(found)]
