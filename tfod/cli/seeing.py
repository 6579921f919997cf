"""Commands that use a model on pictures: detect, live, demo."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import (
    Camera,
    Detecting,
    Headless,
    Json,
    OwnMinScore,
    app,
    load_model,
    prepare_window,
    ready_model,
    workspace,
)
from tfod.cli.bars import TerminalProgress
from tfod.cli.classes import WithClasses
from tfod.cli.problems import command
from tfod.cli.terminal import finish, load_tensorflow
from tfod.plain import plain
from tfod.words import figure, plural

if TYPE_CHECKING:
    from tfod.detections import Detector, MinScore

Classes = Annotated[
    list[str], typer.Option(help="Only these classes, separated by spaces or commas. Default: all.")
]
NoLabels = Annotated[
    bool, typer.Option("--no-labels", help="Draw boxes alone, without names and scores.")
]


@app.command(cls=WithClasses, epilog="Example: tfod detect masks photo.jpg --crops")
def detect(
    name: Detecting,
    source: Annotated[str, typer.Argument(help="An image, a folder of images, or a video.")],
    output: Annotated[
        Path | None,
        typer.Option(
            help="Where to put annotated copies and detections.csv. Default: workspace/detections."
        ),
    ] = None,
    min_score: OwnMinScore = None,
    classes: Classes = [],  # noqa: B006 (typer wants it so)
    no_labels: NoLabels = False,
    xml: Annotated[
        bool, typer.Option("--xml", help="Also write XML, as suggestions that you check in label.")
    ] = False,
    coco: Annotated[
        bool, typer.Option("--coco", help="Also write detections.json, a data set in COCO JSON.")
    ] = False,
    crops: Annotated[
        bool, typer.Option("--crops", help="Also write what is inside each box, class by class.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find objects in images or a video and draw them on copies; --json lists the boxes."""
    folder = ready_model(name)
    from tfod.camera.video import in_words
    from tfod.runtimes.chosen import of_classes
    from tfod.steps.detect.detect import detect_files
    from tfod.steps.detect.options import DetectOptions

    output = output or workspace().detections
    detector = of_classes(load_model(folder), classes)
    least = _lowest_scores(detector, min_score)
    options = DetectOptions(least, xml, coco, crops, as_json, no_labels)
    result = detect_files(detector, source, output, options, TerminalProgress())
    what = plural(result.images, "frame" if result.is_video else "image")
    lines = [f"{what}: {_counts(result.detections)}"]
    lines += [*in_words(result.bad_frames), *(f"skipped: {reason}" for reason in result.skipped)]
    wrote = [result.output_dir, result.table, *([result.coco] if result.coco else [])]
    figures = plain(result) | {"found": [one.as_dict() for one in result.found]}
    if isinstance(least, Mapping):
        figures["min_score"] = {
            detector.class_names.get(k, f"class {k + 1}"): v for k, v in least.items()
        }
    finish(figures, as_json=as_json, lines=lines, wrote=wrote, then=command("live", name))


@app.command(cls=WithClasses, epilog="Example: tfod live masks --record film.mp4")
def live(
    name: Detecting,
    camera: Camera = "0",
    min_score: OwnMinScore = None,
    classes: Classes = [],  # noqa: B006
    no_labels: NoLabels = False,
    headless: Headless = False,
    record: Annotated[
        Path | None,
        typer.Option(help="Record to this .mp4 file; browsers play it with the extra film (PyAV)."),
    ] = None,
    record_status: Annotated[
        bool, typer.Option("--record-status", help="Record the line with the figures too.")
    ] = False,
    frames: Annotated[int | None, typer.Option(min=1, help="Stop after this many frames.")] = None,
    as_json: Json = False,
) -> None:
    """Run a model on a camera; s saves the photo for the next training, q quits."""
    from tfod.steps.live.options import KEYS, LiveOptions

    if not headless:
        prepare_window()
    folder = ready_model(name, f"loading {name}; keys: {'Ctrl-C quits' if headless else KEYS}")
    from tfod.camera.camera import open_camera
    from tfod.camera.video import in_words
    from tfod.runtimes.chosen import of_classes
    from tfod.steps.live.live import live as run

    detector = of_classes(load_model(folder), classes)
    least = _lowest_scores(detector, min_score)
    options = LiveOptions(least, headless, record, frames, no_labels, record_status)
    with open_camera(camera, classes=list(detector.class_names.values())) as source:
        result = run(workspace(), detector, source, options, TerminalProgress())
    frames_shown = plural(result.frames, "frame")
    lines = [
        f"{frames_shown} at {result.fps:.1f} per second: {_counts(result.detections)}",
        f"model: {_middle_and_p95(result.model_ms)}; "
        f"age of a frame when it is shown: {_middle_and_p95(result.age_ms)}",
    ]
    lines += in_words(result.bad_frames, result.reconnections)
    wrote = [*([record] if record else []), *result.saved]
    then = command("label", result.saved[0].parent.name) if result.saved else ""
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=then)


def _middle_and_p95(times_ms: tuple[float, float]) -> str:
    return f"{times_ms[0]:.0f} ms (95% under {times_ms[1]:.0f})"


def _lowest_scores(detector: "Detector", given: float | None) -> "MinScore":
    """From which score on detections count; says so when the model has its own."""
    from tfod.runtimes.thresholds import min_score_of, scores_in_words

    least = min_score_of(detector, given)
    if isinstance(least, Mapping):
        said = scores_in_words(least, detector.class_names)
        TerminalProgress().note(f"detections count from {said}, which evaluate found best")
    return least


def _counts(detections: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in detections.items()) or "no detections"


@app.command(epilog="Example: tfod demo --steps 300")
def demo(
    folder: Annotated[
        Path, typer.Option(help="Folder for the demo's workspace; emptied first.")
    ] = Path("demo"),
    steps: Annotated[int | None, typer.Option(help="Training steps. Default: 600.")] = None,
    as_json: Json = False,
) -> None:
    """Run the whole path on a synthetic camera and end with a picture and a video."""
    load_tensorflow()
    from tfod.steps.demo import STEPS
    from tfod.steps.demo import demo as run

    progress = TerminalProgress()
    result = run(
        folder,
        steps or STEPS,
        announce=lambda step: progress.note(f"\n$ {command(**step.arguments)}"),
        progress=progress,
    )
    times = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in result.seconds.items())
    lines = [f"mAP {figure(result.map)}, mAP@.5 {figure(result.map_50)} on the test images", times]
    wrote = [result.picture, result.video]
    then = f"{command('capture', classes=['NAME', 'NAME'])}   (with your own camera)"
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=then)
