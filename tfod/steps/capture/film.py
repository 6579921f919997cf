"""Photos from a film: `tfod capture --from film.mp4 --every 10`.

Every tenth frame is looked at and kept when it is neither blurred nor like the last one. Files are
called after the film and the number of the frame, so the same frame never comes twice, and the
same command goes on behind the last one. The images of a folder keep their names instead, as others
may have come between them.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TimeRemainingColumn

from tfod import workspace as paths
from tfod.camera.camera import Camera, CameraLost, Frame
from tfod.errors import UserError, plural
from tfod.files import IMAGE_SUFFIXES, from_user, refuse_file
from tfod.steps.capture.capture import CaptureResult, new_judge, save
from tfod.steps.capture.names import file_name, file_names, session_name
from tfod.steps.capture.quality import MIN_CHANGE, MIN_SHARPNESS, Judge
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
    refuse_file(folder)
    if from_user(name).resolve() == folder.resolve():
        raise UserError(f"--from {name}: is the session itself. Name another one: --session NAME.")
    begins = session_of(name)
    if class_name:
        begins = f"{file_names([class_name])[class_name]}_{begins}"
    there = _frames_of(folder, begins)
    result = CaptureResult(
        folder,
        images={class_name: 0},
        before={class_name: len(there)},
        skipped=judge.skipped,
        min_sharpness=min_sharpness,
        min_change=min_change,
    )
    say(console, f"{film.description}{_told(film, every, number)}")
    if there:
        count, last = plural(len(there), "photo"), _last_frame(there)
        on = f"behind frame {last}" if last >= 0 else "with those that are not there"
        say(console, f"  {count} of it in {folder} already: goes on {on}.")
        say(console, "  If this is another film of that name: --session NAME, a folder of its own.")
    most = None if number is None else max(0, number - len(there))
    frames = 0
    try:
        with _progress(film, console) as tell:
            for frame, good in _looked_at(_whole(film, result), judge, there, every, most):
                if good:
                    save(folder / f"{begins}_{_mark(frame)}.jpg", frame)
                    result.labelled = frame.boxes is not None
                    result.images[class_name] += 1
                frames = frame.index + 1
                tell(frames, result.images[class_name], sum(judge.skipped.values()))
        if result.images[class_name] != most:
            result.ended = "" if most is None else "the film ended"
            result.notes = result.notes or _missing(film, frames)
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


def _told(film: Camera, every: int, number: int | None) -> str:
    frames = f", {film.frame_count} frames" if film.frame_count else ""
    most = f", until there are {number} photos" if number else ""
    return f"{frames}: looks at one frame of {every}{most}"


def _missing(film: Camera, frames: int) -> list[str]:
    """Say when more than a second is missing (counts in films are only nearly right)."""
    if not film.frame_count or film.frame_count - frames <= film.fps:
        return []
    return [
        f"{film.description}: ended at frame {frames} of the {film.frame_count} that it says it "
        "has, it may be damaged. Play it to see whether it is whole."
    ]


def _whole(film: Camera, result: CaptureResult) -> Iterator[Frame]:
    """Give every frame; damaged images of a folder, which are passed over, become a note."""
    try:
        yield from film
    except CameraLost:
        raise
    except UserError as error:
        result.notes.append(f"passed over: {error}")


def _looked_at(
    film: Iterable[Frame], judge: Judge, there: set[str], every: int, most: int | None
) -> Iterator[tuple[Frame, bool]]:
    """Give each frame, and whether it is to be kept; at most `most` are.

    The frames up to the last one of `there` are looked at as they were the first time, so that
    those behind it are judged as if there had been no break. In a folder any image may be new.
    """
    kept, last = 0, _last_frame(there)
    for frame in film if most != 0 else ():
        good, is_there = False, _mark(frame) in there
        if frame.index % every == 0 or is_there:
            verdict = judge.look(frame.image)
            is_new = not is_there and frame.index > last
            good = is_new and not verdict.why_not
            if good or is_there:
                judge.keep(verdict)
            elif is_new:
                judge.skip(verdict)
        yield frame, good
        kept += good
        if kept == most:
            return


@contextmanager
def _progress(film: Camera, console: Console) -> Iterator[Callable[[int, int, int], None]]:
    """Give a function that shows how many frames are read, photos kept and frames skipped."""
    columns = ("{task.description}", BarColumn(), "{task.completed} of {task.total} frames")
    off = not console.is_terminal
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=off) as bar:
        task = bar.add_task("", total=film.frame_count)

        def tell(frames: int, kept: int, skipped: int) -> None:
            bar.update(task, completed=frames, description=f"kept {kept}, skipped {skipped}")

        yield tell


def _mark(frame: Frame) -> str:
    """Tell a frame from the others of its film in the name of its photo."""
    if not frame.file:
        return f"{frame.index:06}"
    stem, _, suffix = frame.file.rpartition(".")
    mark = file_name(stem.replace("/", "__"))
    if mark != stem or len(os.fsencode(mark)) > 100:  # two files may come to the same
        mark = f"{mark[:40]}-{sha256(os.fsencode(frame.file)).hexdigest()[:8]}"
    return f"{mark}_{suffix}"


def _last_frame(there: set[str]) -> int:
    return max((int(mark) for mark in there if mark.isdecimal()), default=-1)


def _frames_of(folder: Path, begins: str) -> set[str]:
    """Give the marks of the frames of one film and class that a session has."""
    suffixes = "|".join(suffix[1:] for suffix in IMAGE_SUFFIXES)
    marks = rf"_(\d{{6,}}|.+_(?:{suffixes}))(\.\w+)"
    pattern = re.compile(re.escape(begins) + marks, re.IGNORECASE)
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    matches = [match for name in names if (match := pattern.fullmatch(name))]
    return {match[1] for match in matches if match[2].lower() in IMAGE_SUFFIXES}
