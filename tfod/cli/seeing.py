"""Commands that look at pictures: capture, detect, live, demo."""

from pathlib import Path
from typing import Annotated

import typer

from tfod import paths
from tfod.cli.app import Camera, Exported, Headless, Json, app, exported_folder
from tfod.terminal import finish, load_tensorflow

MinScore = Annotated[float, typer.Option(min=0, max=1, help="Leave out detections below, 0 to 1.")]


@app.command()
def capture(
    classes: Annotated[
        list[str], typer.Option(help="The classes, several after one flag: --classes Mask No-mask.")
    ],
    number: Annotated[int, typer.Option(help="Photos of each class.")] = 20,
    every: Annotated[float, typer.Option(help="Seconds between two photos.")] = 2.0,
    countdown: Annotated[float, typer.Option(help="Seconds before a class begins.")] = 3.0,
    session: Annotated[
        str | None, typer.Option(help="Folder in workspace/images; date and time if absent.")
    ] = None,
    camera: Camera = "0",
    headless: Headless = False,
    as_json: Json = False,
) -> None:
    """Take photos of each class with a camera; space takes one at once, q ends."""
    from tfod.camera import open_camera
    from tfod.data.capture import capture as run

    with open_camera(camera, classes=classes) as source:
        result = run(source, classes, number, every, countdown, session, headless=headless)
    lines = [f"captured {result}", *([f"ended by {result.ended}"] if result.ended else [])]
    label = f"labelImg {result.folder}   (draw the boxes, save; then: tfod split)"
    then = "tfod split" if result.labelled else label
    if result.ended:
        then = f"the same command with --session {result.folder.name} goes on; or: {then}"
    finish(result, as_json=as_json, lines=lines, wrote=[result.folder], then=then)


@app.command()
def detect(
    name: Exported,
    source: Annotated[str, typer.Argument(help="An image, a folder of images, or a video.")],
    output: Annotated[
        Path, typer.Option(help="Gets annotated copies and detections.csv.")
    ] = paths.DETECTIONS,
    min_score: MinScore = 0.5,
    as_json: Json = False,
) -> None:
    """Find objects in images or a video, and draw them on copies."""
    folder = exported_folder(name)
    load_tensorflow()
    from tfod.detect import detect_files
    from tfod.detector import load_detector

    result = detect_files(load_detector(folder), source, output, min_score)
    found = ", ".join(f"{name} {count}" for name, count in result.detections.items()) or "nothing"
    lines = [f"{result.images} images or frames: {found}"]
    lines += [f"skipped: {reason}" for reason in result.skipped]
    wrote = [result.output_dir, result.table]
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=f"tfod live {name}")


@app.command()
def live(
    name: Exported,
    camera: Camera = "0",
    min_score: MinScore = 0.5,
    headless: Headless = False,
    record: Annotated[Path | None, typer.Option(help="Film to write, .mp4.")] = None,
    frames: Annotated[int | None, typer.Option(min=1, help="End after so many frames.")] = None,
    as_json: Json = False,
) -> None:
    """Watch a camera with an exported model: s takes a snapshot, q ends."""
    folder = exported_folder(name)
    from tfod.window import check_display

    if not headless:
        check_display()
    load_tensorflow()
    from tfod.camera import open_camera
    from tfod.detector import load_detector
    from tfod.live import live as run

    detector = load_detector(folder)
    with open_camera(camera, classes=list(detector.class_names.values())) as source:
        result = run(detector, source, min_score, headless, record, frames)
    found = ", ".join(f"{name} {count}" for name, count in result.detections.items()) or "nothing"
    lines = [
        f"{result.frames} frames at {result.fps:.1f} a second: {found}",
        f"model {result.model_ms[0]:.0f} ms, age of the shown frame {result.age_ms[0]:.0f} ms "
        f"(95 % below {result.model_ms[1]:.0f} and {result.age_ms[1]:.0f} ms)",
    ]
    wrote = [*([record] if record else []), *result.snapshots]
    finish(result, as_json=as_json, lines=lines, wrote=wrote)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Emptied, then holds the demo's workspace.")] = Path(
        "demo"
    ),
    steps: Annotated[int | None, typer.Option(help="Training steps; 600 if absent.")] = None,
    as_json: Json = False,
) -> None:
    """Run the whole path on a synthetic camera; ends with a picture and a film."""
    load_tensorflow()
    from tfod.demo import STEPS
    from tfod.demo import demo as run

    result = run(folder, steps or STEPS)
    times = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in result.seconds.items())
    lines = [f"mAP {result.map:.3f}, mAP@.5 {result.map_50:.3f} on the test images", times]
    wrote = [result.picture, result.video]
    then = "tfod capture --classes NAME NAME   (with your own camera)"
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=then)
