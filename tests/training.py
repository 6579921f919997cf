"""Small trainings on drawn scenes, for tests."""

import cv2
import numpy as np
import tensorflow as tf

from tfod.camera.scenes import CLASSES, draw_scene
from tfod.config import apply_overrides
from tfod.config.templates import new_config, set_data
from tfod.data.records.file import encode_example, frame
from tfod.labels import write_label_map
from tfod.workspace import Workspace

PREDICTOR = "model.ssd.box_predictor.weight_shared_convolutional_box_predictor"
SMALL = (
    "model.ssd.feature_extractor.depth_multiplier=0.35",
    "model.ssd.feature_extractor.fpn.max_level=5",
    "model.ssd.anchor_generator.multiscale_anchor_generator.max_level=5",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.decay=0.9",
    f"{PREDICTOR}.conv_hyperparams.batch_norm.decay=0.9",
    f"{PREDICTOR}.depth=32",
    f"{PREDICTOR}.num_layers_before_predictor=1",
)


def records(path, indices, size=(96, 96), shifted=False, classes=CLASSES):
    """Write drawn scenes, one record each; `shifted`: with boxes where nothing is."""
    rows = []
    for index in indices:
        image, boxes, names = draw_scene(index, classes, size=size)
        if shifted:
            boxes = (boxes + 0.5) % 1
            boxes = np.hstack([boxes[:, :2], np.minimum(boxes[:, :2] + 0.2, 1)])
        features = {
            "image/encoded": (bytes, [cv2.imencode(".png", image[..., ::-1])[1].tobytes()]),
            "image/format": (bytes, [b"png"]),
            "image/filename": (bytes, [f"scene_{index}.png".encode()]),
            "image/object/class/text": (bytes, [name.encode() for name in names]),
        }
        for side, values in zip(("ymin", "xmin", "ymax", "xmax"), boxes.T.tolist(), strict=True):
            features[f"image/object/bbox/{side}"] = (float, values)
        rows.append(frame(encode_example(features)))
    path.write_bytes(b"".join(rows))


def small_config(folder, indices=range(6), *settings):
    """A narrow detector of 96 px images on drawn scenes, which are also the test images."""
    write_label_map(folder / "label_map.pbtxt", ["circle", "square", "triangle"])
    records(folder / "scenes.record", indices)
    paths = [folder / "scenes.record"]
    config = new_config(Workspace(folder), 3, size=96, num_steps=4, batch_size=2)
    set_data(config, folder / "label_map.pbtxt", paths, paths)
    apply_overrides(config, [*SMALL, *settings])
    return config


def after(steps):
    """A `stop` that ends a training after so many steps."""
    answers = iter([False] * (steps - 1) + [True])
    return lambda: next(answers)


def summaries(model_dir, part="train"):
    """Tag -> step -> value, of all that TensorBoard shows."""
    found = {}
    for path in (model_dir / part).glob("events*"):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                found.setdefault(value.tag, {})[event.step] = tf.make_ndarray(value.tensor)
    return found
