"""A TFLite file as a `Detector`.

What can be read: detectors that end in the operator TFLite_Detection_PostProcess, as the old API,
its model zoo and Model Maker wrote them; float or quantised. TensorFlow is not needed. The runtime
writes a line to stderr when it starts; whoever minds holds that back.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tfod import boxes as box_sums
from tfod.detections import Detections, check_image
from tfod.errors import refusal
from tfod.listing import unreadable
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.runtimes.class_names import find_class_names

POST_PROCESS = b"TFLite_Detection_PostProcess"


class LiteRtDetector:
    """A detector of one TFLite file; for one thread at a time.

    Attributes:
        path: the file.
        class_names: name of each class id, 0-based; empty when no names were found.
        size: (height, width) in px that images are resized to.
    """

    def __init__(
        self, path: Path, label_map: str | Path | None = None, progress: Progress = SILENT
    ):
        """Load a model; see `load_detector`."""
        self.path = path
        try:
            content = path.read_bytes()
        except OSError as error:
            raise unreadable(path, error) from error
        with _named_problems(path):
            self._interpreter = _interpreter(content)  # which also checks the bytes
            details = self._interpreter.get_input_details()[0]
        self._outputs = _detection_outputs(content, path)
        self._input, self._dtype = details["index"], np.dtype(details["dtype"])
        self.size = _image_size(details, path)
        self.class_names = find_class_names(path, label_map, progress)
        with _named_problems(path):  # of operators, which check themselves when they run
            self(np.zeros((*self.size, 3), np.uint8))

    def __call__(self, image: np.ndarray) -> Detections:
        """Find the objects in one image.

        Args:
            image: uint8 [H, W, 3], RGB.
        """
        check_image(image)
        pixels = as_input(cv2.resize(image, self.size[::-1]), self._dtype)
        self._interpreter.set_tensor(self._input, pixels[None])
        self._interpreter.invoke()
        boxes, class_ids, scores, count = (
            self._interpreter.get_tensor(index) for index in self._outputs
        )
        kept = int(count.reshape(-1)[0])
        best_first = np.argsort(-scores[0, :kept], kind="stable")
        return Detections(
            boxes=box_sums.clip(boxes[0, best_first]).astype(np.float32),
            scores=scores[0, best_first].astype(np.float32),
            class_ids=np.rint(class_ids[0, best_first]).astype(np.int32),
            class_names=self.class_names,
        )


def as_input(image: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Turn uint8 [H, W, 3] into what a model takes.

    float32 is -1..1, as SSD MobileNet was trained; a quantised input spans the whole range of its
    type, whatever real numbers that stands for.
    """
    if dtype == np.float32:
        return image.astype(np.float32) / np.float32(127.5) - 1
    return image if dtype == np.uint8 else (image.astype(np.int16) - 128).astype(np.int8)


def _detection_outputs(content: bytes, path: Path) -> list[int]:
    """Find the tensors of boxes, classes, scores and count, in this order.

    The order of a model's outputs differs between converters, that of the operator does not.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAs(content, 0)
    graph = model.Subgraphs(0)
    outputs = set(graph.OutputsAsNumpy().tolist())
    for number in range(graph.OperatorsLength()):
        operator = graph.Operators(number)
        if model.OperatorCodes(operator.OpcodeIndex()).CustomCode() == POST_PROCESS:
            found = operator.OutputsAsNumpy().tolist()
            if len(found) == 4 and outputs.issuperset(found):
                return found
    raise refusal(
        "not-a-detector",
        path,
        "a TFLite model, but not a detector of a known form",
        expected=f"one that ends in {POST_PROCESS.decode()}",
        remedy=Remedy.CHECK_PATH,
    )


def _interpreter(content: bytes) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=os.cpu_count() or 1)
    interpreter.allocate_tensors()
    return interpreter


@contextmanager
def _named_problems(path: Path) -> Iterator[None]:
    """Name the file in what the runtime complains of."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        what = f"not a TFLite model, or a damaged one ({reason})"
        raise refusal("model-damaged", path, what, remedy=Remedy.COPY_AGAIN) from error


def _image_size(details: dict[str, Any], path: Path) -> tuple[int, int]:
    shape, dtype = details["shape_signature"].tolist(), np.dtype(details["dtype"])
    fits = len(shape) == 4 and shape[0] == 1 and shape[3] == 3 and min(shape) > 0
    if not fits or dtype not in (np.float32, np.uint8, np.int8):
        raise refusal(
            "model-input-unsuitable",
            path,
            "does not take a single image",
            expected="float32, uint8 or int8 [1, H, W, 3]",
            got=f"{dtype.name} {shape}",
            remedy=Remedy.CHECK_PATH,
        )
    return shape[1], shape[2]
