"""Detect in an image, a folder of images or a video: annotated copies and a table.

    OUT/<the names of the images>, or <video>.mp4
    OUT/detections.csv      one row for each detection, corners in pixels

Run it with `tfod detect NAME FILES`.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from tfod import boxes as box_forms
from tfod.camera.camera import open_camera
from tfod.data.images import read_image, write_image
from tfod.detections import Detections, Detector
from tfod.errors import UserError, raise_together
from tfod.files import IMAGE_SUFFIXES, from_user, whole_file
from tfod.show.draw import draw_detections
from tfod.show.film import film_writer

TABLE = "detections.csv"
COLUMNS = (
    "filename", "frame", "time_s", "width", "height", "class", "score",
    "xmin", "ymin", "xmax", "ymax",
)  # fmt: skip


@dataclass
class DetectResult:
    """What was found.

    Attributes:
        output_dir: annotated copies and the table.
        table: the CSV file.
        images: how many images or frames were looked at.
        detections: how many detections, by class name.
        skipped: files that could not be read, each with the reason.
    """

    output_dir: Path
    table: Path
    images: int = 0
    detections: Counter = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)


def detect_files(
    detector: Detector,
    source: str | Path,
    output_dir: str | Path,
    min_score: float = 0.5,
    console: Console | None = None,
) -> DetectResult:
    """Detect in every image of a file or folder, or in every frame of a video.

    Args:
        detector: takes uint8 [H, W, 3], RGB.
        source: an image, a folder (with folders in it), or any film that `open_camera` takes.
        output_dir: gets the copies and the table.
        min_score: detections below are left out, 0..1.
        console: where progress goes; stderr when None.

    Raises:
        UserError: nothing to read, or nothing that can be read; an output folder that is the
            source, or holds files but no table of an earlier run.
    """
    console = console or Console(stderr=True)
    path, output_dir = from_user(source), Path(output_dir)
    stopped: KeyboardInterrupt | None = None
    result = DetectResult(output_dir, output_dir / TABLE)
    with (
        whole_file(result.table) as temporary,
        open(temporary, "w", newline="", encoding="utf-8") as file,
    ):
        table = csv.writer(file)
        table.writerow(COLUMNS)

        def look(image: np.ndarray, name: str, frame: int, time_s: float) -> np.ndarray:
            found = detector(image).above(min_score)
            result.images += 1
            for row in range(len(found)):
                result.detections[found.name_of(row)] += 1
            table.writerows(_rows(found, image.shape[:2], name, frame, time_s))
            return draw_detections(image, found)

        if path.is_dir() or path.suffix.lower() in IMAGE_SUFFIXES:
            try:
                _detect_images(path, result, look, console)
            except KeyboardInterrupt as error:  # the copies that are there keep their table
                stopped = error
        else:
            _detect_video(str(path if path.is_file() else source), result, look, console)
    if stopped:
        raise stopped
    return result


def _check_replaceable(folder: Path) -> None:
    """Make sure that a folder is empty or of an earlier run."""
    if not folder.is_dir() or (folder / TABLE).exists():
        return
    found = sorted(path.name for path in folder.iterdir() if path.name[0] != ".")
    if found:
        raise UserError(
            f"{folder}: holds {found[0]} but no {TABLE}, so it is not of `tfod detect`, which "
            "would replace files of the same names. Name another folder with --output."
        )


def _detect_images(path: Path, result: DetectResult, look: Callable, console: Console) -> None:
    images = find_images(path, result.output_dir)
    top = path if path.is_dir() else path.parent
    if result.output_dir.resolve() == top.resolve():
        raise UserError(
            f"{result.output_dir}: the annotated copies would replace the images. Name another "
            "folder with --output."
        )
    _check_replaceable(result.output_dir)
    for image_path in _progress(images, "detecting", console):
        try:
            image = read_image(image_path)
        except UserError as error:
            result.skipped.append(str(error))
            continue
        name = image_path.relative_to(top)
        drawn = look(image, name.as_posix(), 0, 0.0)
        _write_image(result.output_dir / name, drawn)
    if not result.images:
        raise_together(result.skipped, "images cannot be read", "Nothing was detected.")


def find_images(path: Path, without: Path) -> list[Path]:
    """Images of a folder and the folders in it, by name; of a file the file itself.

    Args:
        path: a folder or an image.
        without: a folder to leave out.

    Raises:
        UserError: there is none.
    """
    if not path.is_dir():
        return [path]
    without = without.resolve()
    images = [
        file
        for file in sorted(path.rglob("*"))
        if file.suffix.lower() in IMAGE_SUFFIXES
        and file.name[0] != "."
        and file.is_file()
        and (without not in file.resolve().parents or without == path.resolve())
    ]
    if not images:
        known = " ".join(IMAGE_SUFFIXES)
        raise UserError(f"{path}: there are no images (expected {known}). Name another folder.")
    return images


def _detect_video(source: str, result: DetectResult, look: Callable, console: Console) -> None:
    is_file = Path(source).is_file()
    if not is_file and not re.fullmatch(r"\d+|.+://.+|synthetic(:.*)?", source):
        raise UserError(f"{source}: no such image, folder or video. Check the path.")
    name = Path(source).name if is_file else "video.mp4"
    target = result.output_dir / f"{Path(name).stem}.mp4"
    if is_file and target.resolve() == Path(source).resolve():
        raise UserError(
            f"{target}: the annotated copy would replace the film. Name another folder with "
            "--output."
        )
    _check_replaceable(result.output_dir)
    with open_camera(source) as camera:
        if camera.live:
            raise UserError(f"{source}: a live camera has no end (expected a file). Use tfod live.")
        with film_writer(target, camera.fps) as write:
            for frame in _progress(camera, "detecting", console, camera.frame_count):
                drawn = look(frame.image, name, frame.index, frame.time_s)
                write(drawn, frame.index / camera.fps)


def _write_image(path: Path, image: np.ndarray) -> None:
    if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        path = path.with_name(f"{path.name}.jpg")
    write_image(path, image)


def _rows(found: Detections, size_px, name: str, frame: int, time_s: float) -> Iterator[tuple]:
    """Rows of the table; `size_px` is (height, width)."""
    height, width = size_px
    corners = box_forms.to_xyxy_px(found.boxes, height, width)
    for row, (score, box) in enumerate(zip(found.scores, corners, strict=True)):
        numbers = [f"{value:.1f}" for value in box]
        yield (
            name, frame, f"{time_s:.3f}", width, height, found.name_of(row), f"{score:.4f}",
            *numbers,
        )  # fmt: skip


def _progress(items, what: str, console: Console, total: int | None = None):
    return track(items, what, total=total, console=console, disable=not console.is_terminal)
