"""An exported model as a detector: an image in, `Detections` out.

    detector = load_detector("exported-models/masks")
    detections = detector(image)

Any SavedModel with the old API's signature will do, ours or one exported by the old API, and a
TFLite detector (`tflite.py`). Images of files and videos are in `detect.py`.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

from tfod.detections import Detections
from tfod.errors import UserError
from tfod.files import from_user
from tfod.labels import read_label_map
from tfod.runtimes.litert import SUFFIX, TfliteDetector

NEEDED = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")


class Detector:
    """A detector of one exported model.

    Attributes:
        path: the exported model.
        class_names: by 0-based class id; empty when there is no label map.
    """

    def __init__(self, path: Path, loaded, class_names: dict[int, str]):
        """Wrap a loaded SavedModel that takes one image [1, H, W, 3]; see `load_detector`."""
        signature = loaded.signatures["serving_default"]
        self.path = path
        self.class_names = class_names
        ((name, spec),) = signature.structured_input_signature[1].items()
        self._dtype = spec.dtype.as_numpy_dtype

        # Outputs that nobody reads are not computed.
        @tf.function(input_signature=[tf.TensorSpec((1, None, None, 3), spec.dtype)])
        def run(images):
            found = signature(**{name: images})
            return {key: found[key][0] for key in NEEDED}

        self._run = run
        self._keep = loaded  # variables live as long as what they were loaded with

    def __call__(self, image: np.ndarray) -> Detections:
        """Find the objects in one image.

        Args:
            image: uint8 [H, W, 3], RGB.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(f"image: expected uint8 [H, W, 3], got {image.dtype} {image.shape}")
        found = self._run(tf.constant(image[None].astype(self._dtype, copy=False)))
        found = {name: value.numpy() for name, value in found.items()}
        count = int(found["num_detections"])
        return Detections(
            boxes=found["detection_boxes"][:count].astype(np.float32),
            scores=found["detection_scores"][:count].astype(np.float32),
            class_ids=found["detection_classes"][:count].astype(np.int32) - 1,
            class_names=self.class_names,
        )


def load_detector(
    path: str | Path, label_map: str | Path | None = None
) -> Detector | TfliteDetector:
    """Load an exported model.

    Args:
        path: its folder, the `saved_model` folder in it, or a .tflite file.
        label_map: the class names; when None, `label_map.pbtxt` in the model's folder. Without one
            the classes are called "class 1", "class 2" ...

    Raises:
        UserError: there is no exported model, or it is damaged or of another kind.
    """
    folder = from_user(path)
    if folder.suffix.lower() == SUFFIX:
        return TfliteDetector(folder, label_map)
    inside = folder / "saved_model"
    saved_model = inside if inside.is_dir() else folder
    if not (saved_model / "saved_model.pb").is_file():
        raise UserError(_no_model(folder))
    try:
        loaded = tf.saved_model.load(str(saved_model))
    except (OSError, ValueError, RuntimeError, tf.errors.OpError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"{saved_model}: cannot be loaded, the file may be damaged ({reason}). Export the "
            "model again."
        ) from error
    problem = _other_kind(loaded.signatures.get("serving_default"))
    if problem:
        raise UserError(f"{saved_model}: {problem}")
    return Detector(folder, loaded, _class_names(saved_model, label_map))


def _no_model(folder: Path) -> str:
    if not folder.exists():
        return f"{folder}: there is no such folder. Make it with `tfod export NAME`."
    if any(folder.glob("ckpt-*.index")):
        return (
            f"{folder}: holds checkpoints (expected an exported model with saved_model/). Export "
            "it first: `tfod export NAME`."
        )
    return f"{folder}: holds no saved_model/saved_model.pb. Make it with `tfod export NAME`."


def _other_kind(signature) -> str:
    """Why a signature is not that of a detector of images; "" when it is."""
    if signature is None:
        return "has no signature serving_default (expected an exported detector). Export it again."
    missing = [name for name in NEEDED if name not in signature.structured_outputs]
    if missing:
        return f"is no detector: it has no output {missing[0]}. Name an exported detector."
    inputs = signature.structured_input_signature[1]
    specs = list(inputs.values())
    images = len(specs) == 1 and specs[0].dtype in (tf.uint8, tf.float32)
    if images and specs[0].shape.rank == 4:
        return ""
    found = ", ".join(f"{spec.dtype.name} {spec.shape}" for spec in specs)
    return (
        f"takes {found} (expected one image, uint8 [1, H, W, 3]). Export it again with the input "
        "type image_tensor."
    )


def _class_names(saved_model: Path, label_map: str | Path | None) -> dict[int, str]:
    if label_map is not None:
        return dict(read_label_map(from_user(label_map)).class_names)
    for folder in (saved_model.absolute().parent, saved_model):
        if (folder / "label_map.pbtxt").is_file():
            return dict(read_label_map(folder / "label_map.pbtxt").class_names)
    return {}
