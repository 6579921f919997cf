"""The whole way, from capture to live, on a synthetic camera.

`demo` calls the functions that the commands call and prints each command, so that it can be done
again by hand with a real camera. It works in a folder of its own. Run it with `tfod demo`.

The settings below were chosen so that random weights learn the drawn classes within minutes on two
CPU cores: small images, a third of the filters, three levels of anchors, a short memory of the
batch statistics. docs/log.md has what was tried. They are no advice for photos.
"""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tfod import workspace as paths
from tfod.camera.camera import open_camera
from tfod.data.images import read_image, write_image
from tfod.errors import UserError
from tfod.files import refuse_file, whole_folder
from tfod.progress import SILENT, Progress
from tfod.runtimes.load import load_detector
from tfod.steps.capture.capture import capture
from tfod.steps.capture.options import CaptureOptions
from tfod.steps.config import ConfigOptions, write_new_config
from tfod.steps.evaluate.coco import PRECISION
from tfod.steps.evaluate.evaluate import evaluate
from tfod.steps.export.export import export
from tfod.steps.live import LiveOptions, live
from tfod.steps.records.records import write_parts
from tfod.steps.split.split import split
from tfod.steps.train.start import read_to_train
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace

NAME = "demo"
CLASSES = ("circle", "square", "triangle")
IMAGES_PER_CLASS = 70
SIZE, STEPS, BATCH_SIZE = 160, 600, 16
SSD = "model.ssd"
PREDICTOR = f"{SSD}.box_predictor.weight_shared_convolutional_box_predictor"
RATE = "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"
SETTINGS = (
    f"{SSD}.feature_extractor.depth_multiplier=0.35",
    f"{SSD}.feature_extractor.conv_hyperparams.batch_norm.decay=0.95",
    f"{SSD}.feature_extractor.fpn.max_level=5",
    f"{SSD}.anchor_generator.multiscale_anchor_generator.max_level=5",
    f"{PREDICTOR}.conv_hyperparams.batch_norm.decay=0.95",
    f"{PREDICTOR}.depth=48",
    f"{PREDICTOR}.num_layers_before_predictor=2",
    f"{RATE}.learning_rate_base=0.08",
    f"{RATE}.warmup_learning_rate=0.016",
)
VIDEO = "synthetic:scene=moving;frames=150"  # 5 s
MARKER = ".tfod-demo"
MIN_SCORE = 0.4
MOST_PICTURES = 3
PICTURE_WIDTH_PX = 960


@dataclass(frozen=True)
class DemoResult:
    """What the demo reached and where its results are.

    Attributes:
        map, map_50: DetectionBoxes_Precision/mAP and mAP@.50IOU on the test images.
        seconds: wall time of each step by its command's name, and "all".
        picture: test images with truth (left) and prediction (right).
        video: the film that `live` recorded.
    """

    map: float
    map_50: float
    seconds: dict[str, float]
    picture: Path
    video: Path


def demo(
    folder: Path = Path("demo"), steps: int = STEPS, progress: Progress = SILENT
) -> DemoResult:
    """Run the whole path in `folder`.

    Args:
        folder: made when missing; what an earlier demo left in it is deleted.
        steps: training steps.
        progress: gets each command and what it reports.

    Raises:
        UserError: the folder holds something else, or is a file.
    """
    folder = _empty_folder(Path(folder))
    seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def step(command: str):
        progress.note(f"\n$ {command}")
        begun_s = time.perf_counter()
        yield
        seconds[command.split()[1]] = time.perf_counter() - begun_s

    with contextlib.chdir(folder):
        _data(step)
        workspace = Workspace(Path())
        config_path = _config(step, workspace, steps)
        model_dir = config_path.parent
        with step(f"tfod train {NAME} --seed 0"):
            settings = read_to_train(workspace, config_path)
            train(workspace, settings, model_dir, TrainOptions(seed=0), progress)
        with step(f"tfod evaluate {NAME}"):
            result = evaluate(settings, model_dir, progress=progress)
        exported = paths.EXPORTED / NAME
        with step(f"tfod export {NAME}"):
            export(workspace, settings, model_dir, exported)
        video = Path("live.mp4")
        options = f"--headless --record {video} --min-score {MIN_SCORE}"
        with step(f'tfod live {NAME} --camera "{VIDEO}" {options}'):
            with open_camera(VIDEO, classes=CLASSES) as camera:
                options = LiveOptions(MIN_SCORE, headless=True, record=video)
                live(Workspace(""), load_detector(exported), camera, options)
        picture = Path("result.jpg")
        _write_picture(picture, result.pictures[:MOST_PICTURES])
    seconds["all"] = sum(seconds.values())
    return DemoResult(
        map=result.figures[f"{PRECISION}mAP"],
        map_50=result.figures[f"{PRECISION}mAP@.50IOU"],
        seconds=seconds,
        picture=folder / picture,
        video=folder / video,
    )


def _empty_folder(folder: Path) -> Path:
    refuse_file(folder)
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise UserError(
            f"{folder}: is not empty and not of an earlier demo. Name another one with --folder."
        )
    with whole_folder(folder) as new:
        (new / MARKER).touch()
    return folder.resolve()


def _data(step) -> None:
    """Capture with labels, split, write the records."""
    names = " ".join(CLASSES)
    with step(
        f"tfod capture --camera synthetic --classes {names} --number {IMAGES_PER_CLASS} --every 0"
    ):
        with open_camera("synthetic", classes=CLASSES) as camera:
            options = CaptureOptions(IMAGES_PER_CLASS, every_s=0, countdown_s=0, headless=True)
            capture(Workspace(""), camera, CLASSES, options)
    with step("tfod split"):
        split(Workspace(Path()))
    with step("tfod records"):
        write_parts(Workspace(Path()))


def _config(step, workspace: Workspace, steps: int) -> Path:
    """Write the demo's pipeline.config."""
    settings = " ".join(f"--set {setting}" for setting in SETTINGS)
    with step(
        f"tfod config {NAME} --size {SIZE} --steps {steps} --batch-size {BATCH_SIZE} {settings}"
    ):
        options = ConfigOptions(size=SIZE, steps=steps, batch_size=BATCH_SIZE, overrides=SETTINGS)
        return write_new_config(workspace, NAME, options).path


def _write_picture(path: Path, pictures: list[Path]) -> None:
    """Put pictures of one size on top of each other."""
    rows = np.vstack([read_image(picture) for picture in pictures])
    height_px = round(rows.shape[0] * PICTURE_WIDTH_PX / rows.shape[1])
    rows = cv2.resize(rows, (PICTURE_WIDTH_PX, height_px), interpolation=cv2.INTER_AREA)
    write_image(path, rows, jpeg_quality=88)
