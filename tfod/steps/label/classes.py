"""The classes to choose from while labelling, and what tells them."""

import re
from collections.abc import Sequence
from pathlib import Path

from tfod.data.folders import find_folders
from tfod.data.photo_folder import read_folder
from tfod.errors import UserError, refusal
from tfod.labels import read_label_map
from tfod.remedies import Remedy
from tfod.steps.label.sessions import count_labels
from tfod.workspace import Workspace

NAME_THEM = Remedy.SET(setting="classes", value=["NAME", "NAME"])
_CAPTURED = re.compile(r"(.+)_([1-9]\d*)")  # how capture names its photos


def class_list(
    workspace: Workspace, session: Path, given: Sequence[str] = (), suggestions: bool = True
) -> list[str]:
    """Give the classes to choose from.

    Those given; else those of the label map; else the names in the XML of all sessions and how the
    files begin that capture wrote. Where none of these is in any XML they are not classes.
    XML that nobody has checked counts unless `suggestions` is False.

    Raises:
        UserError: none of these; an empty name; a label map that cannot be read.
    """
    if any(not name.strip() for name in given):
        what = "a class has an empty name"
        raise refusal("class-name-empty", what=what, setting="classes", remedy=NAME_THEM)
    if given:
        return list(dict.fromkeys(name.strip() for name in given))
    if workspace.label_map.is_file():
        return list(read_label_map(workspace.label_map).names.values())
    drawn: dict[Path, list[str]] = {}
    for folder in _sessions(workspace, session):
        count = count_labels(folder)
        drawn[folder] = [*count.boxes, *(count.suggested_classes if suggestions else ())]
    known = set().union(*drawn.values())
    classes: dict[str, None] = {}
    for folder, names in drawn.items():
        classes |= dict.fromkeys(names)
        captured = _captured_classes(folder)
        is_new = folder == session and not names
        if not known or is_new or not known.isdisjoint(captured):  # else image_1.jpg is of none
            classes |= dict.fromkeys(captured)
    classes.pop("", None)  # of a box without a name
    if not classes:
        what = "no classes given, and none found"
        raise refusal("classes-unknown", session, what, remedy=NAME_THEM)
    return list(classes)


def known_classes(
    workspace: Workspace, folder: Path, classes: Sequence[str] = (), suggestions: bool = True
) -> list[str]:
    """As `class_list`, but empty when nothing tells the classes: counting needs none."""
    try:
        return class_list(workspace, folder, classes, suggestions)
    except UserError:
        if classes:
            raise
        return []


def _sessions(workspace: Workspace, session: Path) -> list[Path]:
    """The session, and the others when it is one of the workspace."""
    if session.absolute().parent != workspace.images.absolute():
        return [session]
    others = [folder.path for folder in find_folders(workspace.images).originals]
    return list(dict.fromkeys([session, *others]))


def _captured_classes(session: Path) -> list[str]:
    """Class names in names like Mask_1.jpg; IMG_4711.jpg is not a class, as 1 to 4710 are missing.

    Of photos from a video the class comes before the video, after which the session is called.
    """
    of_video = re.compile(rf"(.+)_{re.escape(session.name)}_\d{{6,}}")
    numbers: dict[str, list[int]] = {}
    for image, _ in read_folder(session).pairs:
        if match := of_video.fullmatch(image.stem):
            numbers[match[1]] = [1]
        elif match := _CAPTURED.fullmatch(image.stem):
            numbers.setdefault(match[1], []).append(int(match[2]))
    return [name for name, found in numbers.items() if min(found) <= len(found)]
