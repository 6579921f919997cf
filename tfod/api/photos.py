"""From a camera to labelled photos: capture, label."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfod.api.settings import PRINTED, Place, check_score, place, several
from tfod.workspace import Workspace

if TYPE_CHECKING:
    from tfod.steps.capture.capture import CaptureResult
    from tfod.steps.label.sessions import LabelCount


def capture(
    classes: Sequence[str] = (),
    *,
    number: int = 20,
    every: float = 2.0,
    countdown: float = 3.0,
    session: str | None = None,
    camera: str | int = 0,
    min_sharpness: float = 80.0,
    min_change: float = 0.5,
    resolution: str | None = None,
    warm_up: float = 2.0,
    mirror: bool = False,
    headless: bool = False,
    workspace: Place = ".",
) -> "CaptureResult":
    """Take photos of each class with a camera, in a window; space takes one now, q ends.

    Args:
        classes: class names.
        number: photos of each class, counting those already in the session.
        every: seconds between photos.
        countdown: seconds to get ready before each class.
        session: folder in workspace/images, continued if it exists; None: date and time.
        camera: webcam number, video file, folder of images, address, or "synthetic".
        min_sharpness: skip frames less sharp than this percentage of the usual; 0: off.
        min_change: skip frames where less than this percentage of the picture changed; 0: off.
        resolution: to ask the webcam for, such as "1280x720".
        warm_up: longest time in seconds to wait for the webcam to adjust to the light.
        mirror: mirror the window; photos are saved unmirrored.
        headless: open no window.
        workspace: see `tfod.api`.

    Raises:
        UserError: the camera cannot be opened or drops out, or a setting is out of range.
    """
    from tfod.camera.camera import open_camera
    from tfod.camera.synthetic import other_scenes
    from tfod.cli.capture import read_resolution
    from tfod.steps.capture.capture import capture as run
    from tfod.steps.capture.names import file_names, photos_below, session_name
    from tfod.steps.capture.options import CaptureOptions

    here, classes = place(workspace), several(classes)
    options = CaptureOptions(
        number, session_name(session), every, countdown, warm_up, min_sharpness, min_change,
        headless, mirror,
    )  # fmt: skip
    file_names(classes, here.label_map)  # before a webcam is opened in vain
    source = other_scenes(str(camera), photos_below(here.images))
    width, height = read_resolution(resolution)
    with open_camera(source, width, height, classes=classes) as frames:
        return run(here, frames, classes, options, PRINTED)


def capture_film(
    film: str | Path,
    *,
    classes: str = "",
    number: int | None = None,
    every: int = 10,
    session: str | None = None,
    min_sharpness: float = 80.0,
    min_change: float = 0.5,
    workspace: Place = ".",
) -> "CaptureResult":
    """Take photos from a video or a folder of images.

    Args:
        film: the file, folder or address.
        classes: begins the names of the photos, when they show one class.
        number: photos at most; None: all that are worth keeping.
        every: frames from one that is considered to the next.
        session: folder in workspace/images; None: named after the video.
        min_sharpness: as of `capture`.
        min_change: as of `capture`.
        workspace: see `tfod.api`.

    Raises:
        UserError: the video cannot be read, or a setting is out of range.
    """
    from tfod.camera.camera import open_camera
    from tfod.steps.capture.film import capture_film as run
    from tfod.steps.capture.film import session_of
    from tfod.steps.capture.names import session_name
    from tfod.steps.capture.options import FilmOptions

    name = session_name(session_of(str(film)) if session is None else session)
    options = FilmOptions(name, classes, number, every, min_sharpness, min_change)
    with open_camera(str(film), classes=[classes] if classes else None) as frames:
        return run(place(workspace), frames, str(film), options, PRINTED)


def label(
    session: str | Path | None = None,
    classes: Sequence[str] = (),
    *,
    suggest: str | Path | None = None,
    min_score: float = 0.3,
    rename: Mapping[str, str] | None = None,
    status: bool = False,
    workspace: Place = ".",
) -> "LabelCount":
    """Draw boxes in LabelImg, or correct those a model suggests, and count what is labelled.

    Args:
        session: folder in workspace/images; None: the newest with work left.
        classes: class names; none: those of the label map.
        suggest: let this model draw boxes first, as of `load`.
        min_score: lowest score of a suggested box, 0..1.
        rename: class of the model -> class of yours.
        status: only suggest and count; open no window.
        workspace: see `tfod.api`.

    Raises:
        UserError: there is no such session, no class list, no LabelImg or no screen.
    """
    from tfod.steps.label.classes import class_list, known_classes
    from tfod.steps.label.label import check_window
    from tfod.steps.label.label import label as run
    from tfod.steps.label.sessions import count_labels, find_session

    here, classes = place(workspace), several(classes)
    check_score(min_score)
    folder = find_session(here, None if session is None else str(session))
    if not status:
        check_window()
    names = (known_classes if status else class_list)(here, folder, classes)
    if suggest is not None:
        known = known_classes(here, folder, classes, suggestions=False)
        _suggest(here, folder, suggest, known, rename or {}, min_score)
    if not status and (problem := run(folder, names, count_labels(folder, names).left)):
        PRINTED.note(problem)
    return count_labels(folder, names)


def _suggest(
    workspace: Workspace,
    folder: Path,
    model: str | Path,
    classes: Sequence[str],
    rename: Mapping[str, str],
    min_score: float,
) -> None:
    from tfod.api.detector import load
    from tfod.runtimes.load import model_name
    from tfod.steps.label.suggest import suggest
    from tfod.steps.label.suggest_classes import ProjectClasses

    detector = load(model, workspace=workspace)
    project = ProjectClasses(list(classes) or None, rename)
    suggest(folder, detector.of_arrays, model_name(detector.path), project, min_score, PRINTED)
