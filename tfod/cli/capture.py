"""Taking photos: `tfod capture`."""

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tfod import workspace as paths
from tfod.cli.app import Camera, Headless, Json, app
from tfod.cli.classes import WithClasses
from tfod.errors import UserError
from tfod.terminal import Stopped, finish, quoted

if TYPE_CHECKING:
    from tfod.camera import camera as cameras
    from tfod.steps.capture.capture import CaptureResult


@app.command(cls=WithClasses)
def capture(
    context: typer.Context,
    classes: Annotated[
        list[str], typer.Option(help="The classes, several after one flag: --classes Mask No-mask.")
    ] = [],  # noqa: B006 (typer wants it so)
    number: Annotated[
        int | None,
        typer.Option(
            help="Photos of each class, those the session has counted: 20 if absent; all of a film."
        ),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(help="Seconds between two photos, 2 if absent; of a film frames, 10."),
    ] = None,
    countdown: Annotated[float, typer.Option(help="Seconds before a class begins.")] = 3.0,
    session: Annotated[
        str | None,
        typer.Option(
            help="Folder in workspace/images, goes on where it is; date and time if absent."
        ),
    ] = None,
    camera: Camera = "0",
    film: Annotated[
        str | None,
        typer.Option("--from", metavar="FILM", help="Take photos from a film or a folder."),
    ] = None,
    min_sharpness: Annotated[
        float, typer.Option(help="Skip blurred frames: percent of the usual sharpness, 0: off.")
    ] = 80.0,
    min_change: Annotated[
        float,
        typer.Option(help="Skip frames like the last: percent of the picture changed, 0: off."),
    ] = 0.5,
    resolution: Annotated[
        str | None, typer.Option(metavar="WIDTHxHEIGHT", help="Ask the webcam for it: 1280x720.")
    ] = None,
    warm_up: Annotated[
        float, typer.Option(help="Seconds a webcam may take until its light has settled.")
    ] = 2.0,
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Mirror the window; the files stay as the camera sees.")
    ] = False,
    flash: Annotated[bool, typer.Option(help="Flash the window at each photo.")] = True,
    beep: Annotated[bool, typer.Option("--beep", help="Beep at each photo.")] = False,
    list_cameras: Annotated[
        bool, typer.Option("--list", help="Only tell which webcams there are.")
    ] = False,
    headless: Headless = False,
    as_json: Json = False,
) -> None:
    """Take photos of each class with a camera, or from a film; space takes one at once, q ends."""
    if list_cameras:
        return _list_cameras(as_json)
    from tfod.camera.camera import open_camera
    from tfod.camera.synthetic import other_scenes
    from tfod.show.window import check_display
    from tfod.steps.capture.capture import capture as run
    from tfod.steps.capture.film import EVERY_FRAMES, capture_film, session_of
    from tfod.steps.capture.names import file_names, photos_below, session_name

    limits = {"min_sharpness": min_sharpness, "min_change": min_change}
    if film is None:
        file_names(classes)  # before a webcam is opened for nothing
        session = session_name(session)
        if not headless:
            check_display()
        limits["again"] = again = _again(context, session)
        shown = other_scenes(camera, photos_below(paths.IMAGES))
        with open_camera(shown, *_resolution(resolution), classes=classes) as source:
            _say_source(source, resolution)
            result = run(
                source, classes, 20 if number is None else number,
                2.0 if every is None else every, countdown, session, headless=headless,
                warm_up_s=warm_up, mirror=mirror, flash=flash, beep=beep, **limits,
            )  # fmt: skip
        if source.frame_count:  # a film would begin at its first picture again
            again = ""
    else:
        _refuse_with_film(context)
        every_frames, class_name = _of_film(EVERY_FRAMES if every is None else every, classes)
        session = session_name(session_of(film) if session is None else session)
        limits["again"] = again = _again(context, session)
        with open_camera(film, classes=classes or None) as source:
            result = capture_film(source, film, class_name, number, every_frames, session, **limits)
    _tell(result, again, as_json)


def _tell(result: "CaptureResult", again: str, as_json: bool) -> None:
    """Say what a session captured and what comes next."""
    skipped = result.skipped_line()
    lines = [f"captured {result}", *([skipped] if skipped else [])]
    if result.by_hand:
        lines.append(f"{result.by_hand} with the space bar, whatever they are like")
    lines += [f"ended: {result.ended}"] if result.ended else []
    lines += [f"note: {note}" for note in result.notes]
    wrote = [result.folder] if result.folder.is_dir() else []
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=_next(result, again, as_json))
    if result.ended == "Ctrl-C":
        raise Stopped  # so that `tfod capture ... && tfod split` stops


def _next(result: "CaptureResult", again: str, as_json: bool) -> str:
    """The next command; in words two, when the session may go on."""
    then = _after_all(result)
    if not again or result.ended in ("", "the film ended"):
        return then
    return again if as_json or not then else f"{again}   (goes on); or: {then}"


def _after_all(result: "CaptureResult") -> str:
    """The next command when no more photos are to come; "" when there are none."""
    from tfod.steps.label.sessions import class_list, look, typed

    taken = sum(result.images.values())
    if not taken + sum(result.before.values()):
        return ""
    if result.labelled:
        return "tfod split"
    if not taken and not look(result.folder).left:
        return "tfod check"
    then = f"tfod label {typed(result.folder)}"
    try:
        told = class_list(result.folder)
    except UserError:  # nothing tells the classes, as the photos of a film are called after it
        told = []
    given = [name for name in result.images if name]
    if told and (paths.LABEL_MAP.is_file() or set(given) <= set(told)):
        return then
    return f"{then} --classes {quoted(*dict.fromkeys([*told, *given])) or 'NAME NAME'}"


def _again(context: typer.Context, session: str) -> str:
    """Give the command as it was typed but for passwords, with the session that is to go on."""
    from tfod.camera.sources import without_login

    words = ["tfod", "capture"]
    for parameter in context.command.params:
        value = context.params.get(parameter.name)
        if parameter.name == "session" or not _is_typed(context, parameter.name):
            continue
        if isinstance(value, bool):
            words.append((parameter.opts if value else parameter.secondary_opts)[0])
        else:
            values = value if isinstance(value, list | tuple) else [value]
            if parameter.name in ("camera", "film") and "://" in value:
                values = [without_login(value)]
            words += [parameter.opts[0], *map(str, values)]
    return quoted(*words, "--session", session)


def _resolution(text: str | None) -> tuple[int | None, int | None]:
    """Read WIDTHxHEIGHT."""
    if text is None:
        return None, None
    match = re.fullmatch(r"(\d{2,5})[x*](\d{2,5})", text.lower().replace(" ", ""))
    if not match:
        raise UserError(f"--resolution {text}: expected WIDTHxHEIGHT in pixels, as 1280x720.")
    return int(match[1]), int(match[2])


def _say_source(source: "cameras.Camera", resolution: str | None) -> None:
    """Say what the camera gives, which may not be what was asked for."""
    given = f"{source.size[1]}x{source.size[0]}"
    note = ""
    if resolution and _resolution(resolution) != source.size[::-1]:
        note = f"; asked for {resolution}, it gives {given}"
    print(f"{source.description}{note}", file=sys.stderr)


def _of_film(every: float, classes: list[str]) -> tuple[int, str]:
    """Check what means something else for a film: frames, and the one class or none."""
    if not float(every).is_integer():
        raise UserError(f"--every {every:g}: of a film it counts frames (expected a whole number).")
    if len(classes) > 1:
        raise UserError(
            f"--classes {' '.join(classes)}: a film has one class or none here. Leave --classes "
            "out and tell the classes apart when you label."
        )
    return int(every), classes[0] if classes else ""


def _refuse_with_film(context: typer.Context) -> None:
    """Refuse flags that mean nothing for a film."""
    of_cameras = "camera countdown resolution warm_up mirror flash beep".split()
    for parameter in context.command.params:
        if parameter.name in of_cameras and _is_typed(context, parameter.name):
            flag = parameter.opts[0]
            raise UserError(f"{flag}: means nothing for a film (--from). Leave it or --from out.")


def _is_typed(context: typer.Context, name: str) -> bool:
    """Tell whether a flag was on the command line, and not from the environment or a default."""
    return context.get_parameter_source(name).name == "COMMANDLINE"


def _list_cameras(as_json: bool) -> None:
    from tfod.camera.webcams import list_webcams, none_there

    webcams = list_webcams()
    lines = [str(webcam) for webcam in webcams] or [none_there()]
    then = f"tfod capture --camera {webcams[0].index} --classes NAME NAME" if webcams else ""
    finish({"webcams": webcams}, as_json=as_json, lines=lines, then=then)
