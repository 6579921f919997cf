"""Load a model file as a `Detector`, whatever its runtime.

    detector = load_detector("exported-models/masks")
    detections = detector(image)

The runtime is imported only when a file of its kind is loaded, so a .tflite file needs no
TensorFlow. Models are found by name in `find.py`.
"""

from pathlib import Path

from tfod.detections import Detector
from tfod.files import from_user

TFLITE_SUFFIX = ".tflite"


def load_detector(path: str | Path, label_map: str | Path | None = None) -> Detector:
    """Load an exported model.

    Args:
        path: its folder, the `saved_model` folder in it, or a .tflite file.
        label_map: the class names, a label map or a text file with one name per line; when None,
            those that lie next to the model or in it. Without names the classes are called
            "class 1", "class 2" ...

    Raises:
        UserError: there is no exported model, or it is damaged, of another kind, or its class
            names cannot be read.
    """
    path = from_user(path)
    if path.suffix.lower() == TFLITE_SUFFIX:
        from tfod.runtimes.litert import LiteRtDetector

        return LiteRtDetector(path, label_map)
    from tfod.runtimes.saved_model import SavedModelDetector

    return SavedModelDetector(path, label_map)
