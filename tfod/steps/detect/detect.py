"""Detect in an image, a folder of images or a video: annotated copies and a table.

OUT/<the names of the images>, or <video>.mp4
OUT/detections.csv      one row for each detection, corners in pixels

and what `outputs.py` writes, where it is wanted.
"""

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tfod import boxes as box_forms
from tfod.camera.address import without_login
from tfod.camera.camera import open_camera
from tfod.camera.synthetic import is_synthetic
from tfod.data.images import read_image, write_image
from tfod.detections import COLUMNS, Detector
from tfod.errors import Problem, UserError, refusal
from tfod.files import from_user, refuse_file, whole_file
from tfod.listing import HEIC_SUFFIXES, IMAGE_SUFFIXES, files_below, is_called_image
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.runtimes.load import model_name
from tfod.runtimes.thresholds import min_score_of
from tfod.show.draw import draw_detections
from tfod.show.film import film_writer
from tfod.steps.detect.options import DetectOptions, DetectResult
from tfod.steps.detect.outputs import Found, write_coco, write_crops, write_xml

BY_DEFAULT = DetectOptions()
TABLE = "detections.csv"
_CHOOSE_OUTPUT = Remedy.SET(setting="output", value="FOLDER")


def detect_files(
    detector: Detector,
    source: str | Path,
    output_dir: str | Path,
    options: DetectOptions = BY_DEFAULT,
    progress: Progress = SILENT,
) -> DetectResult:
    """Detect in every image of a file or folder, or in every frame of a video.

    Args:
        detector: takes uint8 [H, W, 3], RGB.
        source: an image, a folder (with folders in it), or any video that `open_camera` takes.
        output_dir: gets the copies and the table.
        options: what counts, and what else is written.

    Raises:
        UserError: nothing to read, or nothing that can be read; an output folder that is the
            source, or holds files but no table of an earlier run.
    """
    path, output_dir = from_user(source), Path(output_dir)
    refuse_file(output_dir)
    interruption: KeyboardInterrupt | None = None
    result = DetectResult(output_dir, output_dir / TABLE)
    with (
        whole_file(result.table) as temporary,
        open(temporary, "w", newline="", encoding="utf-8") as file,
    ):
        table = csv.writer(file)
        table.writerow(COLUMNS)
        annotate = _Annotate(detector, options, table, result)
        result.min_score = annotate.min_score
        if path.is_dir() or is_called_image(path):
            try:
                _detect_images(path, annotate, progress)
            except KeyboardInterrupt as error:  # the finished copies keep their table
                interruption = error
        else:
            result.is_video = True
            _detect_video(str(path if path.is_file() else source), annotate, progress)
    if options.coco:
        result.coco = write_coco(output_dir, annotate.found, detector.class_names)
    if options.keep:
        result.found = annotate.found
    if interruption:
        raise interruption
    return result


@dataclass
class _Annotate:
    """Detects in one image after the other, counts and writes rows of the table."""

    detector: Detector
    options: DetectOptions
    table: Any  # a csv.writer, whose type has no public name
    result: DetectResult
    found: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.min_score = min_score_of(self.detector, self.options.min_score)

    def __call__(
        self, image: np.ndarray, name: str, frame: int | None = None, time_s: float = 0.0
    ) -> np.ndarray:
        """Give a copy of an image, uint8 [H, W, 3], with its detections drawn on it.

        Args:
            frame: its number in a video; None for a file.
        """
        detections = self.detector(image).above(self.min_score)
        self.result.images += 1
        self.result.detections.update(detections.name_of(row) for row in range(len(detections)))
        height, width = image.shape[:2]
        where = (name, frame or 0, f"{time_s:.3f}", width, height)
        corners = box_forms.to_xyxy_px(detections.boxes, height, width)
        for row, box in enumerate(corners):
            score = f"{detections.scores[row]:.4f}"
            sides = [f"{value:.1f}" for value in box]
            self.table.writerow((*where, detections.name_of(row), score, *sides))
        self._further(Found(name, frame or 0, time_s, (height, width), detections), image, frame)
        return draw_detections(image, detections, with_labels=not self.options.no_labels)

    def _further(self, found: Found, image: np.ndarray, frame: int | None) -> None:
        """Write and keep what else is wanted; a frame of a video has no file to lie beside."""
        if self.options.keep or self.options.coco:
            self.found.append(found)
        if self.options.crops:
            write_crops(self.result.output_dir, found, image, frame is not None)
        if self.options.xml and frame is None:
            write_xml(self.result.output_dir, found, model_name(self.detector.path))


def _check_replaceable(folder: Path) -> None:
    """Make sure that a folder is empty or of an earlier run."""
    if not folder.is_dir() or (folder / TABLE).exists():
        return
    names = sorted(path.name for path in folder.iterdir() if path.name[0] != ".")
    if names:
        what = f"contains {names[0]} but no {TABLE}; files with the same names would be replaced"
        expected = "a new folder, or one from an earlier run"
        raise refusal("folder-of-others", folder, what, expected=expected, remedy=_CHOOSE_OUTPUT)


def _detect_images(path: Path, annotate: _Annotate, progress: Progress) -> None:
    result = annotate.result
    images = _images_in(path, without=result.output_dir)
    top = path if path.is_dir() else path.parent
    if result.output_dir.resolve() == top.resolve():
        raise _would_replace(result.output_dir, "images")
    _check_replaceable(result.output_dir)
    unreadable: list[Problem] = []
    for image_path in progress.track(images, "detecting"):
        try:
            image = read_image(image_path)
        except UserError as error:
            unreadable += error.problems
            result.skipped.append(str(error))
            continue
        name = image_path.relative_to(top)
        _write_image(result.output_dir / name, annotate(image, name.as_posix()))
    if not result.images:
        raise UserError(*unreadable, heading="images cannot be read, so nothing was detected")


def _images_in(path: Path, without: Path) -> list[Path]:
    """Images of a folder and the folders in it, by name; of a file the file itself."""
    if not path.is_dir():
        return [path]
    without = without.resolve()
    images = [
        file
        for file in files_below(path, (*IMAGE_SUFFIXES, *HEIC_SUFFIXES))
        if without not in file.resolve().parents or without == path.resolve()
    ]
    if not images:
        what = "no images found"
        expected = " ".join(IMAGE_SUFFIXES)
        raise refusal("no-images", path, what, expected=expected, remedy=Remedy.CHOOSE_FOLDER)
    return images


def _detect_video(source: str, annotate: _Annotate, progress: Progress) -> None:
    is_file = Path(source).is_file()
    if not (is_file or is_synthetic(source) or re.fullmatch(r"\d+|.+://.+", source)):
        what = "image, folder or video not found"
        raise refusal("not-found", source, what, remedy=Remedy.CHECK_PATH)
    name = Path(source).name if is_file else "video.mp4"
    target = annotate.result.output_dir / f"{Path(name).stem}.mp4"
    if is_file and target.resolve() == Path(source).resolve():
        raise _would_replace(target, "video")
    _check_replaceable(annotate.result.output_dir)
    with open_camera(source) as camera:
        if camera.live:
            remedy = Remedy.RUN(step="live", name="NAME", camera=without_login(source))
            no_end = "a live camera never ends"
            raise refusal(
                "live-camera", camera.description, no_end, expected="a file", remedy=remedy
            )
        with film_writer(target, camera.fps) as write:
            for frame in progress.track(camera, "detecting", camera.frame_count):
                drawn = annotate(frame.image, name, frame.index, frame.time_s)
                write(drawn, frame.index / camera.fps)
        annotate.result.bad_frames = camera.hiccups.bad_frames


def _would_replace(path: Path, what: str) -> UserError:
    what = f"the annotated copies would overwrite the {what}"
    return refusal("would-replace-source", path, what, remedy=_CHOOSE_OUTPUT)


def _write_image(path: Path, image: np.ndarray) -> None:
    if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        path = path.with_name(f"{path.name}.jpg")
    write_image(path, image)
