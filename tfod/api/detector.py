"""`tfod.load`: a detector by the name of a model, for images in any form."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, overload

import numpy as np
from PIL import Image

from tfod.api.detections import Detections
from tfod.api.settings import PRINTED, Place, check_score, place
from tfod.cli.app import zoo_url
from tfod.data.images import read_image, upright_rgb
from tfod.detections import Detector, MinScore, check_image
from tfod.files import from_user
from tfod.runtimes.load import TFLITE_SUFFIX, load_detector
from tfod.runtimes.thresholds import min_score_of
from tfod.words import some

OneImage = str | Path | Image.Image | np.ndarray
MOST_NAMES = 8  # in a repr
Several = list[Any] | tuple[Any, ...] | Iterator[Any]  # of these


def load(
    model: str | Path,
    *,
    min_score: MinScore | None = None,
    label_map: str | Path | None = None,
    workspace: Place = ".",
) -> "ImageDetector":
    """Load a detector.

    Args:
        model: the name of a model you trained or exported, a path to one, a .tflite file, or
            "coco", the published detector of 80 everyday things. What is not exported yet is
            exported first.
        min_score: detections below are left out, 0..1; {class id, 0-based: score} for each class
            its own; None: the scores that `evaluate` found best, if the model has them, else 0.5.
        label_map: class names, where they do not lie with the model.
        workspace: the folder that holds workspace/ and exported-models/.

    Raises:
        UserError: there is no such model, or it cannot be used.
    """
    check_score(min_score)
    path = Path(model)
    if path.suffix.lower() != TFLITE_SUFFIX:
        from tfod.cli.terminal import load_tensorflow
        from tfod.steps.prepare.detector import check_name, prepare_detector

        check_name(place(workspace), str(model))
        load_tensorflow()
        ready = prepare_detector(place(workspace), str(model), zoo_url(), PRINTED)
        if ready.newer:
            PRINTED.note(f"note: {ready.path} is older than {ready.newer}; export it again")
        path = ready.path
    return ImageDetector(load_detector(path, label_map, PRINTED), min_score)


class ImageDetector:
    """A detector that takes images in any form; for one thread at a time.

    Attributes:
        min_score: detections below are left out, 0..1, one score or one for each class id; may be
            changed.
        of_arrays: the detector itself, which takes an array and gives all that it finds.
    """

    def __init__(self, detector: Detector, min_score: MinScore | None = None) -> None:
        """Let a detector of any runtime take more than arrays."""
        self.of_arrays = detector
        self.min_score = min_score_of(detector, min_score)

    @property
    def path(self) -> Path:
        """The exported model."""
        return self.of_arrays.path

    @property
    def class_names(self) -> Mapping[int, str]:
        """Name of each class id, 0-based."""
        return self.of_arrays.class_names

    def __repr__(self) -> str:
        names = some([*self.class_names.values()], MOST_NAMES)
        return f"<detector {self.path}: {names or 'no names'}>"

    @overload
    def __call__(self, image: OneImage, *, bgr: bool = False) -> Detections: ...

    @overload
    def __call__(self, image: Several, *, bgr: bool = False) -> list[Detections]: ...

    def __call__(
        self, image: OneImage | Several, *, bgr: bool = False
    ) -> Detections | list[Detections]:
        """Find the objects in an image, or in each of a list of images.

        Args:
            image: the path of a file, a PIL image, or an array, uint8 [H, W, 3], RGB; or a list of
                them. An array with blue first, as `cv2.imread` gives it, looks the same to a
                program, and the model would see wrong colours:
            bgr: say that arrays have blue first.

        Returns:
            `Detections`; a list of them for a list.

        Raises:
            UserError: a file cannot be read.
            ValueError: an array of another shape or dtype.
            TypeError: nothing of these, such as the None of `cv2.imread` for a missing file.
        """
        if isinstance(image, (list, tuple, Iterator)):
            return [self._detect(one, bgr) for one in image]
        return self._detect(image, bgr)

    def _detect(self, image: OneImage, bgr: bool) -> Detections:
        path = None
        if isinstance(image, Image.Image):
            pixels = np.array(upright_rgb(image.copy()))  # a copy can be loaded already
        elif hasattr(image, "__array__"):
            image = np.asarray(image)
            check_image(image)
            pixels = np.ascontiguousarray(image[:, :, ::-1]) if bgr else image
        elif isinstance(image, (str, Path)):
            path = from_user(image)
            pixels = read_image(path)
        else:
            expected = "a path, a PIL image, an array uint8 [H, W, 3], or a list of them"
            raise TypeError(f"image: expected {expected}, got {type(image).__name__}")
        found = self.of_arrays(pixels).above(self.min_score)
        return Detections(
            found.boxes,
            found.scores,
            found.class_ids,
            found.class_names,
            size=pixels.shape[:2],
            path=path,
            image=None if path else pixels,
        )
