"""A TFLite detector as a function: an image in, `Detections` out.

    detector = TfliteDetector("ssd.tflite")
    detections = detector(image)

What can be read: detectors that end in the operator TFLite_Detection_PostProcess, as the old API,
its model zoo and Model Maker wrote them; float or quantised. The class names come from a text file,
one name a line, beside the model (`<stem>.labels.txt`, `<stem>.txt`) or packed into it, or from a
label map. TensorFlow is not needed.
"""

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tfod import boxes as box_sums
from tfod.detections import Detections
from tfod.errors import UserError
from tfod.files import from_user
from tfod.labels import read_label_map
from tfod.terminal import stderr_kept_back

SUFFIX = ".tflite"
POST_PROCESS = b"TFLite_Detection_PostProcess"
NAMELESS = ("???", "background", "")  # numbers without a class in the published files
LABEL_FILES = ("{}.labels.txt", "{}_labels.txt", "{}.txt", "label_map.pbtxt", "labelmap.txt")


class TfliteDetector:
    """A detector of one TFLite file; for one thread at a time.

    Attributes:
        path: the file.
        class_names: by 0-based class id; empty when no names were found.
        size: (height, width) the model resizes to, px.
    """

    def __init__(self, path: str | Path, label_map: str | Path | None = None):
        """Load a model.

        Args:
            path: the file.
            label_map: the class names, a label map or a text file with one name a line; when None,
                the file beside the model or in it.

        Raises:
            UserError: no such file, no TFLite model, no detector, or unusable class names.
        """
        self.path = from_user(path)
        try:
            data = self.path.read_bytes()
        except OSError as error:
            reason = error.strerror or "unreadable"
            raise UserError(f"{self.path}: cannot be read ({reason}). Check the path.") from error
        with _named_problems(self.path):
            self._interpreter = _interpreter(data)  # which also checks the bytes
            details = self._interpreter.get_input_details()[0]
        self._outputs = _detection_outputs(data, self.path)
        self._input, self._dtype = details["index"], np.dtype(details["dtype"])
        self.size = _image_size(details, self.path)
        self.class_names = _class_names(self.path, label_map)
        with _named_problems(self.path):  # of operators, which check themselves when they run
            self(np.zeros((*self.size, 3), np.uint8))

    def __call__(self, image: np.ndarray) -> Detections:
        """Find the objects in one image.

        Args:
            image: uint8 [H, W, 3], RGB.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(f"image: expected uint8 [H, W, 3], got {image.dtype} {image.shape}")
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


def _detection_outputs(data: bytes, path: Path) -> list[int]:
    """Find the tensors of boxes, classes, scores and count, in this order.

    The order of a model's outputs differs between converters, that of the operator does not.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAs(data, 0)
    graph = model.Subgraphs(0)
    outputs = set(graph.OutputsAsNumpy().tolist())
    for number in range(graph.OperatorsLength()):
        operator = graph.Operators(number)
        if model.OperatorCodes(operator.OpcodeIndex()).CustomCode() == POST_PROCESS:
            found = operator.OutputsAsNumpy().tolist()
            if len(found) == 4 and outputs.issuperset(found):
                return found
    raise UserError(
        f"{path}: is a TFLite model, but no detector that can be read (expected one that ends in "
        f"{POST_PROCESS.decode()}). Name another model."
    )


def _interpreter(data: bytes) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=data, num_threads=os.cpu_count() or 1)
    interpreter.allocate_tensors()
    return interpreter


@contextmanager
def _named_problems(path: Path) -> Iterator[None]:
    """Name the file in what the runtime complains of, and keep its other talk back."""
    problem: Exception | None = None
    with stderr_kept_back():
        try:
            yield
        except (ValueError, RuntimeError) as error:
            problem = error
    if problem is not None:
        reason = str(problem).strip().splitlines()[0].rstrip(".")
        raise UserError(
            f"{path}: is no TFLite model that can be loaded, or damaged ({reason}). Get the file "
            "again or name another one."
        ) from problem


def _image_size(details: dict[str, Any], path: Path) -> tuple[int, int]:
    shape, dtype = details["shape_signature"].tolist(), np.dtype(details["dtype"])
    fits = len(shape) == 4 and shape[0] == 1 and shape[3] == 3 and min(shape) > 0
    if not fits or dtype not in (np.float32, np.uint8, np.int8):
        raise UserError(
            f"{path}: takes {dtype.name} {shape} (expected one image, float32, uint8 or int8 "
            "[1, H, W, 3]). Name another model."
        )
    return shape[1], shape[2]


def _class_names(path: Path, label_map: str | Path | None) -> dict[int, str]:
    beside = [path.with_name(name.format(path.stem)) for name in LABEL_FILES]
    for file in [from_user(label_map)] if label_map is not None else beside:
        if label_map is None and not file.is_file():
            continue
        if file.suffix == ".pbtxt":
            return dict(read_label_map(file).class_names)
        return _names_in_lines(_read_lines(file))
    return _names_in_lines(_packed_labels(path))


def _read_lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file}: cannot be read ({error}). Save it as UTF-8 text.") from error


def _packed_labels(path: Path) -> list[str]:
    """Read the first text file of the zip archive that a model with metadata ends in."""
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".txt"):
                return archive.read(name).decode("utf-8", "replace").splitlines()
    return []


def _names_in_lines(lines: list[str]) -> dict[int, str]:
    """Number the lines from 0; a first line that stands for the background does not count."""
    names = [line.strip() for line in lines]
    if names and names[0] in NAMELESS:
        names = names[1:]
    return {number: name for number, name in enumerate(names) if name not in NAMELESS}
