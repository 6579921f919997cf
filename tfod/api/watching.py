"""Using a model on files and cameras: detect, live; the demo of it all, and info."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfod.api.detector import ImageDetector, load
from tfod.api.settings import PRINTED, Place, check_score, optional_path, place, several
from tfod.detections import MinScore

if TYPE_CHECKING:
    from tfod.detections import Detector
    from tfod.steps.demo import DemoResult
    from tfod.steps.detect.options import DetectResult
    from tfod.steps.info import Info
    from tfod.steps.live.options import LiveResult


def detect(
    model: str | Path | ImageDetector,
    source: str | Path,
    *,
    output: str | Path | None = None,
    min_score: MinScore | None = None,
    classes: Sequence[str] = (),
    no_labels: bool = False,
    xml: bool = False,
    coco: bool = False,
    crops: bool = False,
    workspace: Place = ".",
) -> "DetectResult":
    """Find objects in images or a video, draw them on copies and write a table.

    Args:
        model: as of `load`, or what it gave.
        source: an image, a folder of images, or a video.
        output: where to put the copies and detections.csv; None: workspace/detections.
        min_score: detections below are left out, 0..1; None: as of `load`.
        classes: only these; none of them means all.
        no_labels: draw boxes alone, without names and scores.
        xml: also write XML, as suggestions.
        coco: also write detections.json, a data set in COCO JSON.
        crops: also write what is inside each box.
        workspace: see `tfod.api`.

    Raises:
        UserError: the model or the source cannot be used.
    """
    from tfod.steps.detect.detect import detect_files
    from tfod.steps.detect.options import DetectOptions

    check_score(min_score)
    here = place(workspace)
    detector, least = _loaded(model, here, classes, min_score)
    target = optional_path(output) or here.detections
    options = DetectOptions(least, xml, coco, crops, keep=True, no_labels=no_labels)
    return detect_files(detector, source, target, options, PRINTED)


def live(
    model: str | Path | ImageDetector,
    *,
    camera: str | int = 0,
    min_score: MinScore | None = None,
    classes: Sequence[str] = (),
    no_labels: bool = False,
    headless: bool = False,
    record: str | Path | None = None,
    record_status: bool = False,
    frames: int | None = None,
    workspace: Place = ".",
) -> "LiveResult":
    """Run a model on a camera, in a window: s saves the photo for the next training, q quits.

    Args:
        model: as of `load`, or what it gave.
        camera: webcam number, video file, folder of images, address, or "synthetic".
        min_score: detections below are left out, 0..1; None: as of `load`.
        classes: only these; none of them means all.
        no_labels: draw boxes alone, without names and scores.
        headless: open no window.
        record: write a film to this .mp4 file.
        record_status: write the line with the figures into the film too.
        frames: stop after this many.
        workspace: see `tfod.api`.

    Raises:
        UserError: the model or the camera cannot be used, or the camera drops out.
    """
    from tfod.camera.camera import open_camera
    from tfod.show.window import check_display
    from tfod.steps.live.live import live as run
    from tfod.steps.live.options import KEYS, LiveOptions
    from tfod.steps.prepare.detector import check_name

    if not headless:
        check_display()
    check_score(min_score)
    here = place(workspace)
    if not isinstance(model, ImageDetector):
        check_name(here, str(model))
    if not headless:
        PRINTED.note(f"loading; keys in the window: {KEYS}")
    detector, least = _loaded(model, here, classes, min_score)
    film = optional_path(record)
    options = LiveOptions(least, headless, film, frames, no_labels, record_status)
    with open_camera(camera, classes=list(detector.class_names.values())) as source:
        return run(here, detector, source, options, PRINTED)


def info(*, workspace: Place = ".") -> "Info":
    """Collect versions, device, cameras, screen and what the workspace holds."""
    from tfod.steps.info import info as run

    return run(place(workspace))


def demo(folder: str | Path = "demo", *, steps: int = 600) -> "DemoResult":
    """Run the whole path on a synthetic camera and end with a picture and a video.

    Args:
        folder: for the demo's workspace; emptied first.
        steps: of the training.

    Raises:
        UserError: the folder holds something else.
    """
    from tfod.steps.demo import demo as run

    return run(Path(folder), steps, progress=PRINTED)


def _loaded(
    model: str | Path | ImageDetector,
    workspace: Place,
    classes: Sequence[str],
    min_score: MinScore | None,
) -> tuple["Detector", MinScore]:
    """The detector of some classes, and the score from which on its detections count."""
    from tfod.runtimes.chosen import of_classes

    given = model if isinstance(model, ImageDetector) else load(model, workspace=workspace)
    least = given.min_score if min_score is None else min_score
    return of_classes(given.of_arrays, several(classes)), least
