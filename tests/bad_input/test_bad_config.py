"""Bad settings and files that do not fit them, through every command that reads them."""

from pathlib import Path

import pytest

from tfod.data.records.file import encode_example, frame

CONFIG = Path("workspace/models/tiny/pipeline.config")
LABEL_MAP = Path("annotations/label_map.pbtxt")
READERS = ["train tiny", "evaluate tiny", "export tiny"]


def change(old, new, path=CONFIG):
    """Replace text that is there; give the line it stands in."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("step", READERS)
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("batch_size:", "batchsize:", "train_config.batchsize: unknown field. Did"),
        ("batch_size: 4", 'batch_size: "four"', "batch_size"),
        ("num_classes: 2", "num_classes: -2", "num_classes"),
        ('"ssd_mobilenet_v2_fpn_keras"', '"ssd_resnet50_v1_fpn_keras"', "planned, but not built"),
        ('"ssd_mobilenet_v2_fpn_keras"', '"ssd_inception_v2"', "a different architecture"),
    ],
    ids=["typo", "type", "negative", "planned", "other architecture"],
)
def test_setting_that_cannot_be(refused, step, old, new, words):
    line = change(old, new)
    refused(step, f"{CONFIG}:{line}: ", words)


@pytest.mark.parametrize("step", READERS)
def test_other_meta_architecture(refused, step):
    CONFIG.write_text("model { center_net { num_classes: 2 } }")
    refused(step, f"{CONFIG}:1: model.center_net: CenterNet is a different architecture")


@pytest.mark.parametrize("step", READERS)
def test_config_that_is_none(refused, step):
    CONFIG.write_text("<html>404</html>")
    refused(step, f"{CONFIG}:1")
    CONFIG.write_bytes(b"\xff\xd8\xff\xe0 a photo")
    refused(step, f"{CONFIG}:1")
    CONFIG.write_text("")
    refused(step, str(CONFIG))
    CONFIG.unlink()
    refused(step, "workspace/models/tiny: model not found")


@pytest.mark.parametrize("step", READERS)
def test_label_map_with_more_classes_than_the_model(refused, step):
    change("item", 'item { id: 3 name: "gamma" }\nitem', LABEL_MAP)
    said = (f"{LABEL_MAP}: has more classes than the model", "ids up to 2")
    refused(step, *said, besides=("annotations/",))  # training writes the records anew


def test_records_of_more_classes_than_the_model(refused):
    def record(text, number):
        features = {
            "image/encoded": (bytes, [Path("workspace/images/s1/00.jpg").read_bytes()]),
            "image/object/class/label": (int, [number]),
            "image/object/class/text": (bytes, text),
            **{f"image/object/bbox/{side}": (float, [0.1]) for side in ("xmin", "ymin")},
            **{f"image/object/bbox/{side}": (float, [0.6]) for side in ("xmax", "ymax")},
        }
        return frame(encode_example(features))

    for part, step in (("train", "train"), ("test", "evaluate")):
        path = Path(f"annotations/{part}.record")
        path.write_bytes(record([], 7))
        number = f"{path}: an object has the class number 7"
        refused(f"{step} tiny", number, "at most 2, which is model.ssd.num_classes")
        path.write_bytes(record([b"zeta"], 1))
        none = f"{path}: no objects of a known class in its 1 image"
        refused(f"{step} tiny", none, 'not in the label map ("zeta")')


@pytest.mark.parametrize(
    ("part", "step"), [("train", "train tiny"), ("test", "evaluate tiny"), ("train", "config b")]
)
def test_record_that_is_none(refused, part, step):
    path = Path(f"annotations/{part}.record")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(step, f"{path}: the file ends in the middle of record", "tfod records")
    path.write_bytes(b"")
    refused(step, f"{path}: the record file is empty", "tfod records")
    path.write_bytes(b"no record at all, but text that is long enough")
    refused(step, f"{path}: not a TFRecord file")


@pytest.mark.parametrize(("part", "step"), [("train", "train tiny"), ("test", "evaluate tiny")])
def test_record_with_damage_inside(refused, part, step):
    path = Path(f"annotations/{part}.record")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    message = refused(step, f"{path}: record ", "damaged", "tfod records")
    assert "[Op:" not in message


@pytest.mark.parametrize(("part", "step"), [("train", "train tiny"), ("test", "evaluate tiny")])
def test_image_in_a_record_that_is_none(refused, part, step):
    """Records of other tools may hold anything; it shows only when the image is decoded."""
    path = Path(f"annotations/{part}.record")
    features = {
        "image/encoded": (bytes, [b"\xff\xd8\xff\xe0 no photo"]),
        "image/filename": (bytes, [b"cam_7.jpg"]),
        "image/object/class/label": (int, [1]),
        **{f"image/object/bbox/{side}": (float, [0.1]) for side in ("xmin", "ymin")},
        **{f"image/object/bbox/{side}": (float, [0.6]) for side in ("xmax", "ymax")},
    }
    path.write_bytes(path.read_bytes() + frame(encode_example(features)))
    steps = " --steps 9" if part == "train" else ""  # enough to come past every image
    message = refused(
        step + steps,
        f"{path}: record ",
        "cam_7.jpg",
        besides=tuple(
            f"workspace/models/tiny/{part}" for part in ("train/", "pipeline.config", "run.")
        ),
    )
    assert "cannot be decoded" in message and "[Op:" not in message


def test_files_that_are_missing(refused):
    for path in Path("annotations").iterdir():
        path.unlink()
    Path("workspace/images").rename("photos")  # with photos there, training makes them
    refused("train tiny", "2 files", "annotations/train.record", "label_map.pbtxt", "tfod records")
    refused("evaluate tiny", "2 files", "annotations/test.record", "tfod records")
    refused("config other", f"{LABEL_MAP}: label map not found", "tfod records")
    refused("train tyni", "workspace/models/tyni: model not found (expected tiny). Did you mean")
    refused("train other/tiny", "other/tiny: model not found")
    change("annotations/train.record", "PATH_TO_BE_CONFIGURED")
    refused("train tiny", "input_path", "PATH_TO_BE_CONFIGURED")


def test_wrong_words_on_the_command_line(refused):
    refused("train tiny --set train_config.batchsize=3", "train_config.batchsize", "Did you mean")
    refused("train tiny --set train_config.batch_size=many", "train_config.batch_size", "got many")
    refused("train tiny --set train_config.batch_size=0", "batch_size")
    refused("train tiny --steps 0", "--steps: too small", "expected 1 or more")
    refused("train tiny --checkpoint-every 0", "--checkpoint-every", "expected 1 or more")
    refused("config other --size 100", "--size", "got 100", "96 or 128")
    refused("config other --batch-size 0", "--batch-size", "expected 1 or more")
    refused("config other --steps -3", "--steps: too small", "expected 1 or more")
    refused("config tiny", f"{CONFIG}: a different config already exists", "--force")
    refused("config ../outside/x", "cannot be the name of a model", '"../outside/x"')
    refused("export tiny --input-type pictures", "pictures", "image_tensor")
    refused("records --shards 0", "--shards", "got 0")


@pytest.mark.parametrize(
    ("door", "arguments", "words"),
    [
        ("partition_dataset", "-x -i nowhere -r 0.1", "nowhere: folder not found"),
        ("generate_tfrecord", "-x nowhere -l map.pbtxt -o a.record", "nowhere: folder not found"),
        ("model_main_tf2", f"--model_dir=m --pipeline_config_path={CONFIG}x", "pipeline.configx"),
        (
            "model_main_tf2",
            f"--model_dir=m --pipeline_config_path={CONFIG} --checkpoint_dir=nowhere",
            "nowhere: checkpoint not found",
        ),
        (
            "exporter_main_v2",
            f"--pipeline_config_path {CONFIG} --trained_checkpoint_dir nowhere "
            "--output_directory o",
            "nowhere: checkpoint not found",
        ),
    ],
)
def test_the_doors_refuse_alike(refused, door, arguments, words):
    refused(arguments, words, door=door)


WITH_CONFIG = f"--pipeline_config_path={CONFIG}"
TRAIN = f"{WITH_CONFIG} --model_dir={CONFIG.parent}"
EXPORT = f"{WITH_CONFIG} --trained_checkpoint_dir={CONFIG.parent} --output_directory=e"


@pytest.mark.parametrize(
    ("door", "arguments", "flag"),
    [
        ("model_main_tf2", f"{TRAIN} --num_train_steps=0", "--num_train_steps: too small"),
        ("model_main_tf2", f"{TRAIN} --checkpoint_every_n=-3", "--checkpoint_every_n: too small"),
        ("exporter_main_v2", f"{EXPORT} --input_type=pictures", "--input_type: not an input type"),
        ("partition_dataset", "-i workspace/images/s1 -o parts -r 7", "-r: not a usable share"),
        ("generate_tfrecord", "-x s1 -l map.pbtxt -o a.record --shards 0", "--shards: "),
    ],
)
def test_the_doors_name_their_own_flags(refused, door, arguments, flag):
    assert refused(arguments, door=door).startswith(flag)
