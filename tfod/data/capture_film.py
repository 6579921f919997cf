"""Photos from a film: `tfod capture --from film.mp4 --every 10`.

Every tenth frame is looked at and kept when it is neither blurred nor like the last one. Files are
called after the film and the number of the frame, so the same frame never comes twice, and the
same command goes on behind the last one.
"""

import re
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TimeRemainingColumn

from tfod import paths
from tfod.camera import Camera, CameraLost
from tfod.data.capture import CaptureResult, new_judge, save
from tfod.data.capture_names import file_name, file_names, session_name
from tfod.data.capture_quality import MIN_CHANGE, MIN_SHARPNESS, Judge
from tfod.data.images import read_image
from tfod.errors import UserError
from tfod.paths import IMAGE_SUFFIXES
from tfod.terminal import say

EVERY_FRAMES = 10


def session_of(film: str) -> str:
    """Name the session of a film after it, so that the same command finds it again."""
    stem = file_name(re.split(r"[\\/]", film.rstrip("\\/"))[-1].partition("?")[0])
    name = Path(stem).stem if Path(stem).suffix else stem
    return f"film_{name}" if name in ("train", "test", "val", "") else name.lstrip(".")


def capture_film(
    film: Camera,
    name: str,
    class_name: str = "",
    number: int | None = None,
    every: int = EVERY_FRAMES,
    session: str | None = None,
    images_dir: Path = paths.IMAGES,
    console: Console | None = None,
    min_sharpness: float = MIN_SHARPNESS,
    min_change: float = MIN_CHANGE,
    again: str = "",
) -> CaptureResult:
    """Keep every `every`-th frame of a film that is worth keeping.

    Args:
        film: open; not a live camera.
        name: what the photos are called after, mostly that of the file.
        class_name: begins the names of the photos; "" when several classes are to be seen.
        number: photos of this film in the session, those it has counted; None: all.
        every: frames from one that is looked at to the next.
        session: name of the folder in `images_dir`; `name` when None.
        images_dir: folder of the sessions.
        console: where progress goes; stderr when None.
        min_sharpness: as of `capture`.
        min_change: as of `capture`.
        again: the command that goes on with this session.

    Raises:
        UserError: a live camera, a number that cannot be, a film that breaks off (what was
            captured stays).
    """
    console = console or Console(stderr=True)
    _check(film, number, every)
    judge = new_judge(min_sharpness, min_change)
    folder = images_dir / session_name(session_of(name) if session is None else session)
    paths.refuse_file(folder)
    parts = [*([file_names([class_name])[class_name]] if class_name else []), session_of(name)]
    begins = "_".join(parts)
    there = _frames_of(folder, begins)
    result = CaptureResult(
        folder,
        {class_name: 0},
        {class_name: len(there)},
        judge.skipped,
        0,
        min_sharpness,
        min_change,
    )
    _say_what(console, film, every, number, there)
    last = max(there, default=-1)
    if there:
        judge.keep(judge.look(read_image(there[last])))
    try:
        result.ended = _take(film, judge, result, folder / begins, last, every, number, console)
    except KeyboardInterrupt:
        result.ended = "Ctrl-C"
    except CameraLost as error:
        go_on = f"; go on with `{again}`" if again else ""
        raise UserError(f"{error} {result} are kept in {folder}{go_on}.") from error
    return result


def _check(film: Camera, number: int | None, every: int) -> None:
    if film.live:
        raise UserError(
            f"--from {film.description}: a camera that is live (expected a film or a folder). Use "
            "--camera."
        )
    if every < 1:
        raise UserError(f"--every {every}: expected 1 or more frames.")
    if number is not None and number < 1:
        raise UserError(f"--number {number}: expected at least 1.")
    if film.frame_count is None and number is None:
        raise UserError(f"--from {film.description}: has no end. Say how many: --number 100.")


def _say_what(
    console: Console, film: Camera, every: int, number: int | None, there: dict[int, Path]
) -> None:
    frames = f", {film.frame_count} frames" if film.frame_count else ""
    upto = f", {number} photos at most" if number else ""
    say(console, f"{film.description}{frames}: looks at 1 of {every} frames{upto}")
    if there:
        say(console, f"  {len(there)} photos are there; goes on behind frame {max(there)}")


def _take(
    film: Camera,
    judge: Judge,
    result: CaptureResult,
    begins: Path,
    last: int,
    every: int,
    number: int | None,
    console: Console,
) -> str:
    """Look at the frames behind `last`; say why it ended before the film did."""
    (class_name,) = result.images
    columns = ("{task.description}", BarColumn(), "{task.completed} of {task.total} frames")
    bar = Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    )
    with bar:
        task = bar.add_task("kept 0", total=film.frame_count)
        for frame in film:
            if (
                number is not None
                and result.before[class_name] + result.images[class_name] >= number
            ):
                return ""
            if frame.index > last and frame.index % every == 0:
                verdict = judge.look(frame.image)
                if verdict.why_not:
                    judge.skip(verdict)
                else:
                    judge.keep(verdict)
                    save(begins.with_name(f"{begins.name}_{frame.index:06}.jpg"), frame)
                    result.labelled = frame.boxes is not None
                    result.images[class_name] += 1
            kept = f"kept {result.images[class_name]}, skipped {sum(judge.skipped.values())}"
            bar.update(task, completed=frame.index + 1, description=kept)
    return ""


def _frames_of(folder: Path, begins: str) -> dict[int, Path]:
    """Number of a frame -> its photo, of one film and class in a session."""
    pattern = re.compile(re.escape(begins) + r"_(\d+)(\.\w+)", re.IGNORECASE)
    found = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        match = pattern.fullmatch(path.name)
        if match and match[2].lower() in IMAGE_SUFFIXES:
            found[int(match[1])] = path
    return found
