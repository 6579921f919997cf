"""Taking photos: `tfod capture`."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfod.cli.app import Camera, Headless, Json, app, prepare_window, workspace
from tfod.cli.bars import TerminalProgress
from tfod.cli.classes import WithClasses
from tfod.cli.next import NAMES, after_capture, continued_by, given_flags
from tfod.cli.problems import command
from tfod.cli.terminal import Stopped, finish, stderr_kept_back
from tfod.errors import refusal
from tfod.remedies import Remedy

if TYPE_CHECKING:
    from tfod.camera import camera as cameras
    from tfod.steps.capture.capture import CaptureResult
    from tfod.steps.capture.options import CaptureOptions, FilmOptions

NO_WEBCAM = (
    "no webcam was found. Plug one in, or use something else: --camera takes a video file, a "
    "folder of images, an address (http://..., rtsp://...) or synthetic; "
    "--from takes photos from a video."
)


@app.command(cls=WithClasses, epilog="Example: tfod capture --classes Mask No-mask --number 20")
def capture(
    context: typer.Context,
    classes: Annotated[
        list[str], typer.Option(help="Class names, separated by spaces: --classes Mask No-mask.")
    ] = [],  # noqa: B006 (typer wants it so)
    number: Annotated[
        int | None,
        typer.Option(
            help="Photos of each class, counting those already in the session. Default: 20; "
            "from a video, all."
        ),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(
            help="Seconds between photos (default: 2), or frames with --from (default: 10)."
        ),
    ] = None,
    countdown: Annotated[float, typer.Option(help="Seconds to get ready before each class.")] = 3.0,
    session: Annotated[
        str | None,
        typer.Option(
            help="Folder in workspace/images, continued if it exists. Default: date and time."
        ),
    ] = None,
    camera: Camera = "0",
    film: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="VIDEO", help="Take photos from a video or a folder of images."
        ),
    ] = None,
    min_sharpness: Annotated[
        float,
        typer.Option(help="Skip frames less sharp than this percentage of the usual; 0 = off."),
    ] = 80.0,
    min_change: Annotated[
        float,
        typer.Option(
            help="Skip frames where less than this percentage of the picture changed; 0 = off."
        ),
    ] = 0.5,
    resolution: Annotated[
        str | None,
        typer.Option(
            metavar="WIDTHxHEIGHT", help="Resolution to ask the webcam for, such as 1280x720."
        ),
    ] = None,
    warm_up: Annotated[
        float,
        typer.Option(help="Longest time in seconds to wait for the webcam to adjust to the light."),
    ] = 2.0,
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Mirror the window; photos are saved unmirrored.")
    ] = False,
    list_cameras: Annotated[
        bool, typer.Option("--list", help="List the webcams of this computer and stop.")
    ] = False,
    headless: Headless = False,
    as_json: Json = False,
) -> None:
    """Take photos of each class with a camera, or from a video; space takes one now, q ends."""
    if list_cameras:
        return _list_cameras(as_json)
    from tfod.steps.capture.film import session_of
    from tfod.steps.capture.names import session_name
    from tfod.steps.capture.options import (
        EVERY_FRAMES,
        EVERY_S,
        NUMBER,
        CaptureOptions,
        FilmOptions,
    )

    given = given_flags(context)
    if film is not None:
        _refuse_with_video(given)
        session = session_of(film) if session is None else session
    session = session_name(session)
    again: dict[str, Any] = {"step": "capture", **given, "session": session}
    if film is not None:
        frames = _whole_frames(EVERY_FRAMES if every is None else every)
        of_video = FilmOptions(
            session, _one_class(classes), number, frames, min_sharpness, min_change
        )
        result, is_repeatable = _from_video(film, of_video, again), True
    else:
        options = CaptureOptions(
            NUMBER if number is None else number, session, EVERY_S if every is None else every,
            countdown, warm_up, min_sharpness, min_change, headless, mirror,
        )  # fmt: skip
        result, is_repeatable = _from_camera(camera, resolution, classes, options, again)
    _report(result, again if is_repeatable else None, as_json)


def _from_camera(
    camera: str,
    resolution: str | None,
    classes: list[str],
    options: "CaptureOptions",
    again: dict[str, Any],
) -> tuple["CaptureResult", bool]:
    """Take photos with a camera; give the result and whether the same command would continue."""
    from tfod.camera.camera import open_camera
    from tfod.camera.synthetic import other_scenes
    from tfod.steps.capture.capture import capture as run
    from tfod.steps.capture.names import file_names, photos_below

    file_names(classes, workspace().label_map)  # before a webcam is opened in vain
    if not options.headless:
        prepare_window()
    width, height = read_resolution(resolution)
    shown = other_scenes(camera, photos_below(workspace().images))
    progress = TerminalProgress()
    with open_camera(shown, width, height, classes=classes) as source:
        progress.note(f"{source.description}{_other_size(source, resolution)}")
        with continued_by(again):
            result = run(workspace(), source, classes, options, progress)
        return result, not source.ends  # a video would begin at its first frame again


def _from_video(film: str, options: "FilmOptions", again: dict[str, Any]) -> "CaptureResult":
    from tfod.camera.camera import open_camera
    from tfod.steps.capture.film import capture_film

    classes = [options.class_name] if options.class_name else None
    with open_camera(film, classes=classes) as source:
        with continued_by(again):
            return capture_film(workspace(), source, film, options, TerminalProgress())


def _report(result: "CaptureResult", again: dict[str, Any] | None, as_json: bool) -> None:
    """Say what a session captured and what comes next."""
    from tfod.camera.video import in_words

    skipped = result.skipped_line()
    lines = [f"captured {result}", *([skipped] if skipped else [])]
    if result.by_hand:
        lines.append(f"{result.by_hand} with the space bar, whatever their quality")
    lines += in_words(result.bad_frames, result.reconnections)
    lines += [f"ended: {result.ended}"] if result.ended else []
    lines += [f"note: {note}" for note in result.notes]
    wrote = [result.folder] if result.folder.is_dir() else []
    then = after_capture(workspace(), result, again, as_json)
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=then)
    if result.ended == "Ctrl-C":
        raise Stopped  # so that `tfod capture ... && tfod split` stops


def read_resolution(text: str | None) -> tuple[int | None, int | None]:
    """Read WIDTHxHEIGHT."""
    if text is None:
        return None, None
    match = re.fullmatch(r"(\d{2,5})[x*](\d{2,5})", text.lower().replace(" ", ""))
    if not match:
        raise refusal(
            "bad-resolution",
            setting="resolution",
            what="not a size",
            expected="WIDTHxHEIGHT in pixels, such as 1280x720",
            got=text,
        )
    return int(match[1]), int(match[2])


def _other_size(source: "cameras.Camera", resolution: str | None) -> str:
    """Say what the camera gives when that is not what was asked for."""
    height, width = source.size
    if resolution and read_resolution(resolution) != (width, height):
        return f"; {resolution} was requested, the camera gives {width}x{height}"
    return ""


def _whole_frames(every: float) -> int:
    if not float(every).is_integer():
        raise refusal(
            "not-whole",
            setting="every",
            what="counts frames in a video",
            expected="a whole number",
            got=f"{every:g}",
        )
    return int(every)


def _one_class(classes: list[str]) -> str:
    """The class that the names of the photos of a video begin with; "" for none."""
    if len(classes) > 1:
        raise refusal(
            "one-class",
            setting="classes",
            what="a video takes one class or none; you sort objects into classes when you label",
            got=" ".join(classes),
            remedy=Remedy.LEAVE_OUT(setting="classes"),
        )
    return classes[0] if classes else ""


def _refuse_with_video(given: dict[str, Any]) -> None:
    """Refuse flags that only a camera has."""
    for name in ("camera", "countdown", "resolution", "warm_up", "mirror"):
        if name in given:
            raise refusal(
                "only-for-cameras",
                setting=name,
                what="does not apply to a video",
                remedy=Remedy.LEAVE_OUT(setting=name),
            )


def _list_cameras(as_json: bool) -> None:
    from tfod.camera.webcams import list_webcams

    webcams = list_webcams(quiet=stderr_kept_back)
    lines = [str(webcam) for webcam in webcams] or [NO_WEBCAM]
    camera = webcams[0].index if webcams else 0
    then = command("capture", camera=camera, classes=NAMES) if webcams else ""
    finish({"webcams": webcams}, as_json=as_json, lines=lines, then=then)
