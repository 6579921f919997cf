"""Photos from a video.

Every tenth frame is considered and kept when it is neither blurred nor like the last one. Files are
named after the video and the number of the frame, so the same frame never comes twice, and the same
call continues after the last one. The images of a folder keep their names instead, as others may
have been added between them.
"""

import os
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from tfod.camera.address import without_login
from tfod.camera.camera import Camera, CameraLost
from tfod.camera.video import Frame
from tfod.errors import UserError, refusal
from tfod.files import from_user, refuse_file
from tfod.listing import IMAGE_SUFFIXES, files_in
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.capture.capture import CaptureResult, save, with_kept_photos
from tfod.steps.capture.names import file_name, file_names, session_name
from tfod.steps.capture.options import FilmOptions
from tfod.steps.capture.quality import Judge
from tfod.words import plural
from tfod.workspace import Workspace

BY_DEFAULT = FilmOptions()


def session_of(film: str) -> str:
    """Name the session of a video after it, so that the same call finds it again."""
    if "://" in film:
        film = re.split(r"[?#]", without_login(film).replace("***@", ""))[0]
    stem = file_name(re.split(r"[\\/]", film.rstrip("\\/"))[-1])
    name = Path(stem).stem if Path(stem).suffix else stem
    return f"film_{name}" if name in ("train", "test", "val", "") else name.lstrip(".")


def capture_film(
    workspace: Workspace,
    film: Camera,
    name: str,
    options: FilmOptions = BY_DEFAULT,
    progress: Progress = SILENT,
) -> CaptureResult:
    """Keep those frames of a video that are worth keeping.

    Args:
        name: what the photos are named after, usually the file.

    Raises:
        CameraLost: the video ended early (what was captured stays).
        UserError: a live camera, or an endless one and no number.
    """
    _check(film, name, options)
    judge = Judge(options.min_sharpness, options.min_change)
    session = session_name(session_of(name) if options.session is None else options.session)
    folder = workspace.images / session
    refuse_file(folder)
    _refuse_itself(name, folder)
    beginning = session_of(name)
    if options.class_name:
        classes = file_names([options.class_name], workspace.label_map)
        beginning = f"{classes[options.class_name]}_{beginning}"
    marks = _marks_in(folder, beginning)
    result = CaptureResult(
        folder,
        images={options.class_name: 0},
        before={options.class_name: len(marks)},
        skipped=judge.skipped,
        min_sharpness=options.min_sharpness,
        min_change=options.min_change,
    )
    _say_what_comes(film, options, marks, folder, progress)
    pick = _Pick(judge, marks, options.every)
    try:
        _keep_good(film, pick, options, result, beginning, progress)
    except KeyboardInterrupt:
        result.ended = "Ctrl-C"
    except CameraLost as error:
        raise with_kept_photos(error, result) from error
    result.count(film.hiccups)
    return result


def _check(film: Camera, name: str, options: FilmOptions) -> None:
    if film.live:
        what = "a live camera never ends"
        expected = "a video or a folder of images"
        remedy = Remedy.RUN(step="capture", camera=without_login(name))
        raise refusal("live-camera", film.description, what, expected=expected, remedy=remedy)
    if not film.ends and options.number is None:
        raise refusal(
            "endless-video",
            film.description,
            "it never ends, so you must say how many photos to take",
            remedy=Remedy.SET(setting="number", value=100),
        )


def _refuse_itself(name: str, folder: Path) -> None:
    if from_user(name).resolve() == folder.resolve():
        what = "a session cannot take photos from itself"
        remedy = Remedy.SET(setting="session", value="NAME")
        raise refusal("session-is-source", folder, what, remedy=remedy)


def _say_what_comes(
    film: Camera, options: FilmOptions, marks: set[str], folder: Path, progress: Progress
) -> None:
    frames = f", {plural(film.frame_count, 'frame')}" if film.frame_count else ""
    most = f", until there are {plural(options.number, 'photo')}" if options.number else ""
    progress.note(f"{film.description}{frames}: taking one frame in {options.every}{most}")
    if marks:
        last = _last_frame(marks)
        rest = f"after frame {last}" if last >= 0 else "with the new ones"
        count = plural(len(marks), "photo")
        progress.note(f"  {folder} already has {count} from it; continuing {rest}.")
        progress.note("  If this is a different video with the same name, choose another session.")


def _keep_good(
    film: Camera,
    pick: "_Pick",
    options: FilmOptions,
    result: CaptureResult,
    beginning: str,
    progress: Progress,
) -> None:
    """Save the frames that are worth keeping, until there are enough or the video ends."""
    name = options.class_name
    missing = None if options.number is None else max(0, options.number - result.before[name])
    frames = 0
    with progress.task("reading frames", total=film.frame_count) as task:
        for frame in _without_damaged(film, result) if missing != 0 else ():
            if pick.is_kept(frame):
                save(result.folder / f"{beginning}_{_mark(frame)}.jpg", frame)
                result.labelled = frame.boxes is not None
                result.images[name] += 1
            frames = frame.index + 1
            skipped = sum(result.skipped.values())
            task.reach(frames, f"kept {result.images[name]}, skipped {skipped}")
            if result.images[name] == missing:
                return
    if result.images[name] != missing:
        result.ended = "" if missing is None else "the video ended"
        result.notes = result.notes or _missing(film, frames)


def _missing(film: Camera, frames: int) -> list[str]:
    """Say when more than a second is missing (counts in videos are only nearly right)."""
    if not film.frame_count or film.frame_count - frames <= film.fps:
        return []
    return [
        f"{film.description}: ended at frame {frames}, but should have {film.frame_count}; it "
        "may be damaged. Play it to see if it is complete."
    ]


def _without_damaged(film: Camera, result: CaptureResult) -> Iterator[Frame]:
    """Give every frame; damaged images of a folder, which are skipped, become a note."""
    try:
        yield from film
    except CameraLost:
        raise
    except UserError as error:
        result.notes.append(f"skipped: {error}")


class _Pick:
    """Decides which frames of a video are kept.

    The frames up to the last one the session has are judged as they were the first time, so that
    those after it are judged as if there had been no break. In a folder any image may be new.
    """

    def __init__(self, judge: Judge, marks: set[str], every: int) -> None:
        self.judge = judge
        self.marks = marks
        self.every = every
        self.last = _last_frame(marks)

    def is_kept(self, frame: Frame) -> bool:
        """Whether a frame is new and worth keeping; they come in their order."""
        is_known = _mark(frame) in self.marks
        if frame.index % self.every and not is_known:
            return False
        verdict = self.judge.measure(frame.image)
        is_new = not is_known and frame.index > self.last
        is_good = is_new and not verdict.why_not
        if is_good or is_known:
            self.judge.keep(verdict)
        elif is_new:
            self.judge.skip(verdict)
        return is_good


def _mark(frame: Frame) -> str:
    """Tell a frame from the others of its video in the name of its photo."""
    if not frame.file:
        return f"{frame.index:06}"
    stem, _, suffix = frame.file.rpartition(".")
    mark = file_name(stem.replace("/", "__"))
    if mark != stem or len(os.fsencode(mark)) > 100:  # two files may get the same
        mark = f"{mark[:40]}-{sha256(os.fsencode(frame.file)).hexdigest()[:8]}"
    return f"{mark}_{suffix}"


def _last_frame(marks: set[str]) -> int:
    return max((int(mark) for mark in marks if mark.isdecimal()), default=-1)


def _marks_in(folder: Path, beginning: str) -> set[str]:
    """Give the marks of the frames of one video and class that a session has."""
    suffixes = "|".join(suffix[1:] for suffix in IMAGE_SUFFIXES)
    pattern = re.compile(
        re.escape(beginning) + rf"_(\d{{6,}}|.+_(?:{suffixes}))\.\w+", re.IGNORECASE
    )
    photos = files_in(folder, IMAGE_SUFFIXES) if folder.is_dir() else []
    return {match[1] for path in photos if (match := pattern.fullmatch(path.name))}
