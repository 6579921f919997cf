"""SavedModels as detectors: as the old API exported them, damaged, and of other kinds."""

import numpy as np
import pytest
import tensorflow as tf
from refusals import raises_problem

from tfod.labels import write_label_map
from tfod.progress import Status
from tfod.runtimes.load import load_detector


class OldExport(tf.Module):
    """As the old API exported: weights as variables, rows padded, more outputs than needed."""

    def __init__(self, dtype=tf.uint8):
        self.scores = tf.Variable([[0.9, 0.4, 0.0]])
        self.dtype = dtype
        self.detect = tf.function(
            self._detect, input_signature=[tf.TensorSpec((1, None, None, 3), dtype, "input_tensor")]
        )

    def _detect(self, input_tensor):
        brightness = tf.reduce_mean(tf.cast(input_tensor, tf.float32)) / 255
        return {
            "detection_boxes": tf.constant([[[0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1], [0, 0, 0, 0]]]),
            "detection_scores": self.scores * brightness,
            "detection_classes": tf.constant([[2.0, 1.0, 1.0]]),
            "num_detections": tf.constant([2.0]),
            "raw_detection_boxes": tf.zeros((1, 500, 4)),
        }


def save(module, folder, signature=None):
    tf.saved_model.save(module, str(folder / "saved_model"), signature or module.detect)
    return folder


@pytest.mark.parametrize("dtype", [tf.uint8, tf.float32])
def test_an_old_export_becomes_detections(tmp_path, dtype):
    save(OldExport(dtype), tmp_path)
    write_label_map(tmp_path / "label_map.pbtxt", ["alpha", "beta"])
    white = np.full((20, 30, 3), 255, np.uint8)
    for path in (tmp_path, tmp_path / "saved_model", str(tmp_path)):
        found = load_detector(path)(white)
        assert found.boxes.tolist() == np.float32([[0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1]]).tolist()
        np.testing.assert_allclose(found.scores, [0.9, 0.4])
        assert [found.name_of(row) for row in range(2)] == ["beta", "alpha"]
    assert load_detector(tmp_path)(white // 255 * 51).scores[0] == pytest.approx(0.18)


def test_names_without_and_with_another_label_map(tmp_path):
    save(OldExport(), tmp_path)
    image = np.zeros((9, 9, 3), np.uint8)
    assert load_detector(tmp_path)(image).name_of(0) == "class 2"
    write_label_map(tmp_path / "other.pbtxt", ["x", "y"])
    assert load_detector(tmp_path, tmp_path / "other.pbtxt")(image).name_of(0) == "y"


def config_naming(path, num_classes=2, before=""):
    """What the exporter of the old API left next to its model, of whichever family."""
    return f"""{before}model {{ faster_rcnn {{ num_classes: {num_classes} unheard_of: 3 }} }}
    train_input_reader {{ label_map_path: '{path}' }}"""


def notes_of(path):
    status = Status()
    return load_detector(path, progress=status).class_names, "".join(status.notes)


@pytest.mark.parametrize("inner", ["", "saved_model"])
@pytest.mark.parametrize(
    "named",
    [
        "annotations/labels.pbtxt",
        "{root}/annotations/labels.pbtxt",
        "/content/drive/mine/annotations/labels.pbtxt",  # trained on another computer
        "C:\\\\work\\\\annotations\\\\labels.pbtxt",  # two backslashes, as protobuf writes one
        "..\\annotations/labels.pbtxt",
    ],
)
def test_names_of_the_label_map_that_the_config_names(tmp_path, named, inner):
    folder = save(OldExport(), tmp_path / "exported-models/old")
    (tmp_path / "annotations").mkdir()
    write_label_map(tmp_path / "annotations/labels.pbtxt", ["alpha", "beta"])
    config = folder / "pipeline.config"
    config.write_text(config_naming(named.format(root=tmp_path)))
    names, notes = notes_of(folder / inner)
    assert names == {0: "alpha", 1: "beta"}
    assert "labels.pbtxt" in notes and "have no names" not in notes
    write_label_map(folder / "label_map.pbtxt", ["nearer", "still"])
    assert notes_of(folder / inner) == ({0: "nearer", 1: "still"}, "")


@pytest.mark.parametrize(
    "config",
    [
        config_naming("PATH_TO_BE_CONFIGURED"),
        config_naming("annotations/labels.pbtxt", num_classes=1),  # of another project
        config_naming("gone.pbtxt", before="# label_map_path: 'annotations/labels.pbtxt'\n"),
        config_naming("other/labels.pbtxt"),  # only the name of the file is the same
        config_naming("annotations/broken.pbtxt"),
        config_naming("annotations/labels.pbtxt", before="# caf\udce9\n"),  # not UTF-8
        "model { ssd { } }",
        None,
    ],
)
def test_missing_names_are_said(tmp_path, config):
    folder = save(OldExport(), tmp_path / "exported-models/old")
    (tmp_path / "annotations").mkdir()
    write_label_map(tmp_path / "annotations/labels.pbtxt", ["alpha", "beta"])
    (tmp_path / "annotations/broken.pbtxt").write_text("item { id: 1 name: ")
    if config is not None:
        (folder / "pipeline.config").write_text(config, "utf-8", "surrogateescape")
    names, notes = notes_of(folder)
    assert names == {}
    assert notes.count("have no names") == 1 and str(folder / "label_map.pbtxt") in notes
    assert ("broken.pbtxt" in notes) == ("broken" in (config or "")), "said, and no reason to stop"


def test_a_name_at_two_numbers_is_shown_at_both(tmp_path):
    folder = save(OldExport(), tmp_path)
    (folder / "label_map.pbtxt").write_text("item{id:1 name:'a'}\nitem{id:2 name:'a'}")
    assert load_detector(folder).class_names == {0: "a", 1: "a"}


def test_is_traced_once_for_every_size(tmp_path):
    detector = load_detector(save(OldExport(), tmp_path))
    for height in (10, 20, 30):
        detector(np.zeros((height, 40, 3), np.uint8))
    assert detector._run.experimental_get_tracing_count() == 1


NOT_IMAGES = [
    np.zeros((9, 9, 3), np.float32),
    *(np.zeros(s, np.uint8) for s in ((9, 9), (0, 9, 3))),
]


@pytest.mark.parametrize("image", NOT_IMAGES)
def test_other_arrays_are_a_programmer_s_mistake(tmp_path, image):
    with pytest.raises(ValueError, match="expected uint8"):
        load_detector(save(OldExport(), tmp_path))(image)


def test_what_is_not_an_exported_detector_is_refused(tmp_path):
    with raises_problem("no-such-folder", where=tmp_path / "nowhere", remedy="run"):
        load_detector(tmp_path / "nowhere")
    with raises_problem("not-an-exported-model", where=tmp_path, remedy="run"):
        load_detector(tmp_path)
    (tmp_path / "ckpt-3.index").touch()
    with raises_problem("checkpoint-not-exported", where=tmp_path):
        load_detector(tmp_path)

    class Doubler(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((1,), tf.string)])
        def strings(self, contents):
            names = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")
            return {name: tf.zeros((1,)) for name in names}

        @tf.function(input_signature=[tf.TensorSpec((), tf.float32)])
        def double(self, x):
            return {"y": x * 2}

    module = Doubler()
    folder = save(module, tmp_path / "double", module.double)
    with raises_problem("not-a-detector", where=folder, what="has no output detection_boxes"):
        load_detector(folder)
    folder = save(module, tmp_path / "strings", module.strings)
    with raises_problem("model-input-unsuitable", where=folder, got="string (1,)"):
        load_detector(folder)
    tf.saved_model.save(module, str(tmp_path / "none/saved_model"), {"other": module.double})
    with raises_problem("not-a-detector", what="no signature serving_default") as (problem):
        load_detector(tmp_path / "none")
    assert problem[0].advice.arguments == {"step": "export", "name": "none"}


def test_damaged_model_is_named(tmp_path):
    save(OldExport(), tmp_path)
    path = tmp_path / "saved_model/saved_model.pb"
    path.write_bytes(path.read_bytes()[:-500])
    with raises_problem("model-damaged", where=tmp_path / "saved_model"):
        load_detector(tmp_path)
    save(OldExport(), tmp_path / "b")
    (tmp_path / "b/saved_model/variables/variables.index").unlink()
    with raises_problem("model-damaged", where=tmp_path / "b"):
        load_detector(tmp_path / "b")
