"""The sessions in workspace/images: found by name, and how far their labelling is.

A session is a folder of photos that a person labels; train/, test/ and val/ are copies of it. What
is labelled is read from the XML files, no image is opened.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfod.data.folders import find_folders
from tfod.data.other_labels import OtherLabels, find_other_labels
from tfod.data.photo_folder import PhotoFolder, is_copy, no_images, read_folder
from tfod.data.scan import scan
from tfod.errors import Problem, no_such, refusal
from tfod.files import from_user
from tfod.remedies import Remedy
from tfod.workspace import Workspace

CAPTURE = Remedy.RUN(step="capture", classes=["NAME", "NAME"])


@dataclass
class LabelCount:
    """How far the labelling of a session is.

    Attributes:
        session: its folder.
        images: number of images.
        labelled: those with an XML that a person made or checked.
        boxes: class name -> boxes in them, in alphabetical order.
        no_objects: labelled images without a box (negatives).
        suggested: names of images whose boxes a model drew and nobody has checked.
        suggested_classes: class names in them, in alphabetical order.
        left: names of images still to label; those of `suggested` are among them.
        unknown: class name that is not in the class list -> names of the images that have it.
        other_labels: labels in other formats of images without XML.
        unreadable: what is wrong with the XML files that cannot be read.
        unread: names of photos of a format that is not read, so LabelImg does not show them.
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
    other_labels: list[OtherLabels] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def count_labels(session: Path | PhotoFolder, classes: Sequence[str] = ()) -> LabelCount:
    """Count what is labelled in a session; names that are not in the class list are reported.

    Raises:
        UserError: the folder is missing or holds no image.
    """
    folder = session if isinstance(session, PhotoFolder) else read_folder(session)
    unread = [path.name for path in folder.unread]
    count = LabelCount(folder.path, images=len(folder.pairs), unread=unread)
    boxes: Counter[str] = Counter()
    suggested: set[str] = set()
    for photo in scan([folder], "xml"):
        image = photo.image_path.name
        if photo.xml_problem is not None:
            count.unreadable.append(photo.xml_problem)
        if photo.annotation is None:
            count.left.append(image)
            continue
        names = photo.annotation.names
        if photo.suggested:
            count.suggested.append(image)
            count.left.append(image)
            suggested.update(names)
            continue
        count.labelled += 1
        if not names:
            count.no_objects += 1
        boxes.update(names)
        for name in set(names).difference(classes) if classes else ():
            count.unknown.setdefault(name, []).append(image)
    count.boxes = {name: boxes[name] for name in sorted(boxes)}
    count.suggested_classes = sorted(suggested)
    count.other_labels = find_other_labels([folder])
    return count


def count_sessions(workspace: Workspace) -> dict[Path, LabelCount]:
    """Count what is labelled in each session; the one with the newest photo comes first.

    Parts that split did not make count like sessions: a person labels them where they are.

    Raises:
        UserError: there is no folder of images.
    """
    sessions = find_folders(workspace.images, CAPTURE).originals
    newest_first = sorted(sessions, key=_newest_s, reverse=True)
    return {session.path: count_labels(session) for session in newest_first}


def find_session(workspace: Workspace, name: str | None) -> Path:
    """Find a session by its name or path; the newest with something left to label when None.

    Raises:
        UserError: there is none of that name, or it is a copy that split made.
    """
    if name is None:
        counts = count_sessions(workspace)
        if not counts:
            raise no_images(workspace.images, find_folders(workspace.images).found)
        return next((path for path, count in counts.items() if count.left), next(iter(counts)))
    inside = workspace.images / name
    folder = inside if inside.is_dir() else from_user(name)
    if folder.is_dir() and not is_copy(folder):
        return folder
    known = [session.name for session in find_folders(workspace.images, CAPTURE).originals]
    if not folder.is_dir():
        remedy = Remedy.RUN(step="label") if known else CAPTURE
        raise no_such("no-such-session", inside, "session not found", known, remedy)
    raise refusal(
        "folder-is-a-copy",
        folder,
        "this is a copy; the next split replaces it",
        expected="the session its photos come from",
        remedy=Remedy.USE(value=known) if known else None,
    )


def _newest_s(session: PhotoFolder) -> float:
    return max(image.stat().st_mtime for image, _ in session.pairs)
