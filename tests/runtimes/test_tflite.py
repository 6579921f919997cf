"""TFLite detectors: a tiny one converted here, and the published one of the shared data."""

import json
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import tensorflow as tf
from refusals import raises_problem

from tfod.cli.app import load_model
from tfod.data.images import read_image
from tfod.labels import write_label_map
from tfod.runtimes import class_names
from tfod.runtimes.load import load_detector
from tfod.steps.evaluate.coco import FIGURES, GroundTruth, coco_figures

# (ycenter, xcenter, height, width): the four quarters of the image
QUARTERS = np.float32([[y, x, 0.5, 0.5] for y in (0.25, 0.75) for x in (0.25, 0.75)])
OPTIONS = {
    **dict.fromkeys(("max_detections", "detections_per_class"), "i: 3"),
    **dict.fromkeys(("y_scale", "x_scale", "h_scale", "w_scale"), "f: 5.0"),
    "max_classes_per_detection": "i: 1",
    "num_classes": "i: 2",
    "use_regular_nms": "b: false",
    "nms_score_threshold": "f: 0.05",
    "nms_iou_threshold": "f: 0.6",
}
POST_PROCESS = 'name: "TFLite_Detection_PostProcess" ' + " ".join(
    f'attr {{ key: "{name}" value {{ {value} }} }}' for name, value in OPTIONS.items()
)


@tf.function(experimental_implements=POST_PROCESS)
def post_process(boxes, scores, anchors):
    """Stand for the operator, which the converter puts here."""
    return tf.zeros((1, 3, 4)), tf.zeros((1, 3)), tf.zeros((1, 3)), tf.zeros((1,))


class Quarters(tf.Module):
    """Class 0 scores in each quarter by its red, class 1 by its green."""

    @tf.function(input_signature=[tf.TensorSpec((1, 8, 8, 3), tf.float32)])
    def detect(self, image):
        colours = tf.reshape(tf.nn.avg_pool2d(image, 4, 4, "VALID"), (1, 4, 3))
        scores = (colours[..., :2] + 1) / 2
        return post_process(tf.zeros((1, 4, 4)), scores, tf.constant(QUARTERS))

    @tf.function(input_signature=[tf.TensorSpec((1, 8, 8, 3), tf.float32)])
    def brighten(self, image):
        return image * 2

    @tf.function(input_signature=[tf.TensorSpec((1, 8), tf.float32)])
    def detect_in_a_row(self, row):
        anchors = tf.constant(QUARTERS)
        return post_process(tf.zeros((1, 4, 4)), tf.reshape(row, (1, 4, 2)), anchors)


def convert(path, kind="float32", function="detect"):
    module = Quarters()
    concrete = getattr(module, function).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
    converter.allow_custom_ops = True
    if kind != "float32":
        darkest_and_brightest = [np.full((1, 8, 8, 3), value, np.float32) for value in (-1, 1)]
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([image] for image in darkest_and_brightest)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.as_dtype(kind)
    path.write_bytes(converter.convert())
    return path


@pytest.fixture(scope="module")
def quarters(tmp_path_factory):
    return convert(tmp_path_factory.mktemp("tflite") / "quarters.tflite")


def red_and_green():
    image = np.zeros((40, 60, 3), np.uint8)
    image[20:, :30, 1] = 180
    image[:20, 30:, 0] = 230
    return image


@pytest.mark.parametrize("kind", ["float32", "uint8", "int8"])
def test_detections_of_every_kind_of_input(tmp_path, kind):
    detector = load_detector(convert(tmp_path / "Quarters.TFLITE", kind))
    assert detector.size == (8, 8)
    found = detector(red_and_green())
    np.testing.assert_allclose(found.boxes, [[0, 0.5, 0.5, 1], [0.5, 0, 1, 0.5]], atol=1e-6)
    np.testing.assert_allclose(found.scores, [230 / 255, 180 / 255], atol=0.01)
    assert found.class_ids.tolist() == [0, 1]
    assert found.name_of(0) == "class 1"
    assert len(detector(np.zeros((9, 9, 3), np.uint8))) == 0


def test_commands_hold_back_what_the_runtime_writes(quarters, tmp_path, capfd):
    assert load_model(quarters).size == (8, 8)
    assert capfd.readouterr().err.startswith("note: the classes have no names")
    (tmp_path / "empty.tflite").touch()
    with raises_problem("model-damaged"):
        load_model(tmp_path / "empty.tflite")
    assert capfd.readouterr() == ("", "")


def test_names_are_beside_the_model_in_it_or_told(quarters, tmp_path):
    path = tmp_path / "model.tflite"

    def names(label_map=None):
        return load_detector(path, label_map).class_names

    with zipfile.ZipFile(shutil.copy(quarters, path), "a") as archive:
        archive.writestr("labelmap.txt", "???\nin it\n???\n")
    assert names() == {0: "in it"}
    write_label_map(tmp_path / "label_map.pbtxt", ["map", "of labels"])
    assert names() == {0: "map", 1: "of labels"}
    (tmp_path / "model.labels.txt").write_bytes(b"\xef\xbb\xbfred\r\n???\r\ngreen apple \r\n")
    assert names() == {0: "red", 2: "green apple"}
    assert names(tmp_path / "label_map.pbtxt") == {0: "map", 1: "of labels"}
    with raises_problem("not-found", where="nowhere.txt"):
        names(tmp_path / "nowhere.txt")


NOT_IMAGES = [
    np.zeros((9, 9, 3), np.float32),
    *(np.zeros(s, np.uint8) for s in ((9, 9), (0, 9, 3))),
]


@pytest.mark.parametrize("image", NOT_IMAGES)
def test_other_arrays_are_a_programmer_s_mistake(quarters, image):
    with pytest.raises(ValueError, match="expected uint8"):
        load_detector(quarters)(image)


def test_what_is_not_a_detector_is_refused(quarters, tmp_path):
    other = convert(tmp_path / "other.tflite", function="brighten")
    row = convert(tmp_path / "row.tflite", function="detect_in_a_row")
    no_model = tmp_path / "no_model.tflite"
    no_model.write_bytes(b"no model at all, but long enough to be looked at")
    (tmp_path / "empty.tflite").touch()
    (tmp_path / "folder.tflite").mkdir()
    for path, code in (
        (tmp_path / "nowhere.tflite", "not-found"),
        (tmp_path / "folder.tflite", "not-readable"),
        (tmp_path / "empty.tflite", "model-damaged"),
        (no_model, "model-damaged"),
        (other, "not-a-detector"),
        (row, "model-input-unsuitable"),
    ):
        with raises_problem(code, where=path):
            load_detector(path)


def test_a_file_cut_off_is_named(quarters, tmp_path):
    content = quarters.read_bytes()
    path = tmp_path / "cut.tflite"
    for length in range(1, len(content), 97):
        path.write_bytes(content[:length])
        with raises_problem("model-damaged", where="cut.tflite"):
            load_detector(path)


def pack_labels(model, text, **options):
    """Pack class names into a model, as its metadata does."""
    with zipfile.ZipFile(model, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("labels.txt", text, **options)
    return model


def test_packed_names_that_unpack_to_gigabytes_are_not_unpacked(quarters, tmp_path):
    """300 kB in the file; memory stays far below what they say they are."""
    pytest.importorskip("resource")
    path = shutil.copy(quarters, tmp_path / "bomb.tflite")
    size = 300 * 2**20
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("labels.txt", "w", force_zip64=True) as file:
            for _ in range(size // 2**20):
                file.write(b"\n" * 2**20)
    assert path.stat().st_size < 500_000
    with raises_problem("file-too-large", where=path, got=f"{size:,}"):
        load_detector(path)

    # one that says it is small is read no further than that
    content = path.read_bytes().replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(content)
    code = """if True:
        import resource, sys
        from pathlib import Path
        from tfod.errors import UserError
        from tfod.runtimes.class_names import find_class_names
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            find_class_names(Path(sys.argv[1]))
        except UserError as error:
            print(error.codes)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    codes, grown_kb = done.stdout.splitlines()
    assert codes == "['class-names-damaged']" and int(grown_kb) < 20_000, done


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_names_in_another_compression_are_refused(quarters, tmp_path, kind):
    path = pack_labels(shutil.copy(quarters, tmp_path / "m.tflite"), "a\nb", compress_type=kind)
    with raises_problem("class-names-damaged", where=path, remedy="copy-again"):
        load_detector(path)


def test_packed_names_that_are_damaged_are_refused(quarters, tmp_path):
    path = pack_labels(shutil.copy(quarters, tmp_path / "m.tflite"), "apple\n" * 50)
    content = bytearray(path.read_bytes())
    content[quarters.stat().st_size + 45] ^= 0xFF
    path.write_bytes(content)
    with raises_problem("class-names-damaged", where=path):
        load_detector(path)


def test_a_long_list_of_names_is_not_read(quarters, tmp_path, monkeypatch):
    path = shutil.copy(quarters, tmp_path / "m.tflite")
    (tmp_path / "m.txt").write_text("apple\n" * 100)
    monkeypatch.setattr(class_names, "MOST_LABELS_BYTES", 599)
    with raises_problem("file-too-large", where="m.txt"):
        load_detector(path)


@pytest.mark.slow
def test_the_published_detector_is_as_good_as_its_saved_model(shared):
    """Its SavedModel has 0.259, and 0.243 when it keeps 10 detections an image, as this does."""
    folder = shared / "datasets/coco_val128"
    detector = load_detector(shared / "pre-trained/ssd_mobilenet_v2_fpnlite_320x320_coco.tflite")
    coco = json.loads((folder / "instances.json").read_text())
    categories = {row["id"] - 1: row["name"] for row in coco["categories"]}
    assert detector.class_names == categories
    truth, found = [], []
    for image in coco["images"]:
        height, width = size = image["height"], image["width"]
        rows = [row for row in coco["annotations"] if row["image_id"] == image["id"]]
        xywh_px = np.float32([row["bbox"] for row in rows]).reshape(-1, 4)
        yxyx_px = np.hstack([xywh_px[:, 1::-1], (xywh_px[:, :2] + xywh_px[:, 2:])[:, ::-1]])
        class_ids = np.int32([row["category_id"] - 1 for row in rows])
        crowd = np.array([row["iscrowd"] for row in rows], bool)
        boxes = yxyx_px / np.float32([height, width, height, width])
        truth.append(GroundTruth(boxes, class_ids, size, crowd))
        found.append(detector(read_image(folder / "images" / image["file_name"])))
    figures = coco_figures(truth, found, categories).figures
    assert figures[FIGURES[0]] == pytest.approx(0.2385, abs=0.01)
