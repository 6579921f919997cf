"""Where everything lives in a workspace."""

from pathlib import Path

IMAGES = Path("workspace/images")
TRAIN_IMAGES = IMAGES / "train"
TEST_IMAGES = IMAGES / "test"
VAL_IMAGES = IMAGES / "val"
MODELS = Path("workspace/models")
ANNOTATIONS = Path("annotations")
LABEL_MAP = ANNOTATIONS / "label_map.pbtxt"
TRAIN_RECORD = ANNOTATIONS / "train.record"
TEST_RECORD = ANNOTATIONS / "test.record"
VAL_RECORD = ANNOTATIONS / "val.record"
PRE_TRAINED = Path("pre-trained-models")
EXPORTED = Path("exported-models")
DETECTIONS = Path("workspace/detections")
SNAPSHOTS = Path("workspace/snapshots")
