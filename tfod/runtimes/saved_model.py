"""A SavedModel as a `Detector`: any with the signature of the old API, whoever exported it."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfod.detections import Detections, check_image
from tfod.errors import refusal
from tfod.progress import SILENT, Progress
from tfod.remedies import Advice, Remedy
from tfod.runtimes.class_names import find_class_names

NEEDED = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")


class SavedModelDetector:
    """A detector of one SavedModel.

    Attributes:
        path: the exported model.
        class_names: name of each class id, 0-based; empty when there is no label map.
        size: None, as the model resizes images itself.
    """

    size = None

    def __init__(
        self, path: Path, label_map: str | Path | None = None, progress: Progress = SILENT
    ):
        """Load a model; see `load_detector`."""
        self.path = path
        folder = _find_saved_model(path)
        model = _load(folder)
        signature = model.signatures.get("serving_default")
        _check_signature(signature, folder)
        self.class_names = find_class_names(folder, label_map, progress)
        ((name, spec),) = signature.structured_input_signature[1].items()
        self._dtype = spec.dtype.as_numpy_dtype
        self._model = model  # variables live as long as what they were loaded with

        # Outputs that nobody reads are not computed.
        @tf.function(input_signature=[tf.TensorSpec((1, None, None, 3), spec.dtype)])
        def run(images: Any) -> dict[str, Any]:
            outputs = signature(**{name: images})
            return {key: outputs[key][0] for key in NEEDED}

        self._run = run

    def __call__(self, image: np.ndarray) -> Detections:
        """Find the objects in one image.

        Args:
            image: uint8 [H, W, 3], RGB.
        """
        check_image(image)
        tensors = self._run(tf.constant(image[None].astype(self._dtype, copy=False)))
        arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
        count = int(arrays["num_detections"])
        return Detections(
            boxes=arrays["detection_boxes"][:count].astype(np.float32),
            scores=arrays["detection_scores"][:count].astype(np.float32),
            class_ids=arrays["detection_classes"][:count].astype(np.int32) - 1,
            class_names=self.class_names,
        )


def _find_saved_model(path: Path) -> Path:
    """Find the folder that holds saved_model.pb: the one given, or `saved_model` in it."""
    inside = path / "saved_model"
    folder = inside if inside.is_dir() else path
    if (folder / "saved_model.pb").is_file():
        return folder
    remedy, expected = _export(path), "saved_model/saved_model.pb"
    if not path.exists():
        raise refusal("no-such-folder", path, "folder not found", remedy=remedy)
    if any(path.glob("ckpt-*.index")):
        what = "contains checkpoints, not an exported model"
        raise refusal("checkpoint-not-exported", path, what, expected=expected, remedy=remedy)
    what = "contains no exported model"
    raise refusal("not-an-exported-model", path, what, expected=expected, remedy=remedy)


def _load(folder: Path) -> Any:
    try:
        return tf.saved_model.load(str(folder))
    except (OSError, ValueError, RuntimeError, tf.errors.OpError) as error:
        reason = str(error).strip().splitlines()[0]
        what = f"cannot be loaded and may be damaged ({reason})"
        raise refusal("model-damaged", folder, what, remedy=_export(folder)) from error


def _check_signature(signature: Any, folder: Path) -> None:
    """Make sure that a signature is that of a detector of images."""
    remedy = _export(folder)
    if signature is None:
        what = "has no signature serving_default"
        raise refusal("not-a-detector", folder, what, remedy=remedy)
    if missing := [name for name in NEEDED if name not in signature.structured_outputs]:
        what = f"not a detector: it has no output {missing[0]}"
        raise refusal("not-a-detector", folder, what, remedy=remedy)
    specs = list(signature.structured_input_signature[1].values())
    if len(specs) != 1 or specs[0].dtype not in (tf.uint8, tf.float32) or specs[0].shape.rank != 4:
        raise refusal(
            "model-input-unsuitable",
            folder,
            "does not take a single image",
            expected="uint8 [1, H, W, 3], the input type image_tensor",
            got=", ".join(f"{spec.dtype.name} {spec.shape}" for spec in specs),
            remedy=remedy,
        )


def _export(path: Path) -> Advice:
    """The advice to export the model of this folder."""
    path = path.absolute()
    path = path.parent if path.name == "saved_model" else path
    return Remedy.RUN(step="export", name=path.name)
