"""Exported models: as the old exporter wrote them, whole, with names, and replaced whole."""

import errno
import functools
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from refusals import raises_problem

from tfod import boxes as plain_boxes
from tfod.cli import main
from tfod.config import apply_overrides, config_text, read_config, write_config
from tfod.config.templates import new_config, set_data
from tfod.errors import UserError
from tfod.labels import write_label_map
from tfod.model.checkpoints.format import read_checkpoint
from tfod.model.checkpoints.save import save_checkpoint
from tfod.model.ssd import SSD
from tfod.runtimes.load import load_detector
from tfod.runtimes.thresholds import fingerprint
from tfod.steps.export import export as export_module
from tfod.steps.export import saved_model as module
from tfod.steps.export.export import ExportOptions, export
from tfod.workspace import Workspace

HERE = Workspace(".")
OUTPUTS = {
    "detection_boxes": [1, 100, 4],
    "detection_scores": [1, 100],
    "detection_classes": [1, 100],
    "num_detections": [1],
    "detection_multiclass_scores": [1, 100, 3],
    "detection_anchor_indices": [1, 100],
    "raw_detection_boxes": [1, 12_804, 4],
    "raw_detection_scores": [1, 12_804, 3],
}


def golden_export(shared, folder, side):
    """The golden checkpoint exported at `side`; returns (config, exported folder)."""
    config = read_config(shared / "datasets/mask/pipeline.config", HERE)
    resizer = config.model.ssd.image_resizer.fixed_shape_resizer
    resizer.height = resizer.width = side
    labels = shared / "datasets/mask/label_map.pbtxt"
    options = ExportOptions(label_map=labels)
    export(HERE, config, shared / "golden", folder / f"golden_{side}", options)
    return config, folder / f"golden_{side}"


@pytest.fixture(scope="module")
def exported(shared, tmp_path_factory):
    return golden_export(shared, tmp_path_factory.mktemp("export"), 320)


@pytest.fixture(scope="module")
def loaded(exported):
    return tf.saved_model.load(str(exported[1] / "saved_model"))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A narrow detector of random weights and few layers: (config, checkpoint prefix)."""
    folder = tmp_path_factory.mktemp("small")
    write_label_map(folder / "label_map.pbtxt", ["alpha", "beta"])
    config = new_config(HERE, 2, size=64)
    set_data(config, folder / "label_map.pbtxt", [], [])
    predictor = "model.ssd.box_predictor.weight_shared_convolutional_box_predictor"
    levels = ("feature_extractor.fpn", "anchor_generator.multiscale_anchor_generator")
    apply_overrides(
        config,
        [
            "model.ssd.feature_extractor.depth_multiplier=0.35",
            "model.ssd.feature_extractor.fpn.additional_layer_depth=32",
            f"{predictor}.depth=16",
            f"{predictor}.num_layers_before_predictor=1",
            *(f"model.ssd.{level}.min_level=4" for level in levels),
            *(f"model.ssd.{level}.max_level=5" for level in levels),
        ],
    )
    return config, save_checkpoint(folder / "model", SSD(config.model.ssd, seed=1), 7)


@pytest.fixture(scope="module")
def small_exported(small, tmp_path_factory):
    """That detector exported: what `export` returned."""
    return export(HERE, *small, tmp_path_factory.mktemp("small_exported") / "first")


def save_a_word(patch):
    """Let exports write a SavedModel that is only a word; gives the input types they have."""
    input_types = []

    def save(model, input_type, folder):
        input_types.append(input_type)
        folder.mkdir()
        (folder / "saved_model.pb").write_text("new")

    patch.setattr(export_module, "save_exported", save)
    return input_types


@pytest.fixture
def quick(monkeypatch):
    return save_a_word(monkeypatch)


def assert_same_detections(found, expected, prefix):
    """Same boxes, classes and scores to 1e-3; near ties may have changed places."""
    names = ("detection_boxes", "detection_scores", "detection_classes")
    boxes, scores, classes = (np.asarray(found[name])[0] for name in names)
    golden_boxes, golden_scores, golden_classes = (expected[prefix + name][0] for name in names)
    overlaps = plain_boxes.iou(golden_boxes, boxes)
    same = (overlaps > 0.99) & (golden_classes[:, None] == classes)
    same &= np.abs(golden_scores[:, None] - scores) < 1e-3
    same &= np.abs(golden_boxes[:, None] - boxes).max(-1) < 1e-3
    assert same.any(1).all() and same.any(0).all()
    np.testing.assert_allclose(np.sort(scores), np.sort(golden_scores), atol=1e-3)


def assert_parity(shared, loaded, side):
    expected = np.load(shared / "golden/exported_outputs.npz")
    detect = loaded.signatures["serving_default"]
    images = np.load(shared / "golden/inputs.npz")["images_uint8"]
    for number in (0, 1):
        image, prefix = tf.constant(images[[number]]), f"s{side}_img{number}_"
        found = detect(input_tensor=image)
        assert_same_detections(found, expected, prefix)
        for name in OUTPUTS:
            if name.startswith("raw") and prefix + name in expected.files:
                np.testing.assert_allclose(found[name], expected[prefix + name], atol=1e-3)
        called = loaded(image)
        assert called.keys() == found.keys()
        for name in found:
            np.testing.assert_allclose(called[name], found[name], atol=1e-5)
    photo = next((shared / "datasets/mask").rglob("Mask_6.jpg"))
    with Image.open(photo) as opened:
        photo = np.array(opened.convert("RGB").resize((1280, 720), Image.Resampling.BILINEAR))
    found = detect(input_tensor=tf.constant(photo[None]))
    assert_same_detections(found, expected, f"s{side}_photo720_")


def test_outputs_equal_the_old_export(shared, loaded):
    assert_parity(shared, loaded, 320)


@pytest.mark.slow
def test_outputs_equal_the_old_export_at_640(shared, tmp_path):
    folder = golden_export(shared, tmp_path, 640)[1]
    assert_parity(shared, tf.saved_model.load(str(folder / "saved_model")), 640)


def test_layout_is_the_old_one(shared, exported):
    config, folder = exported
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {
        "pipeline.config",
        "label_map.pbtxt",
        "checkpoint/checkpoint",
        "checkpoint/ckpt-0.index",
        "checkpoint/ckpt-0.data-00000-of-00001",
        "saved_model/saved_model.pb",
        "saved_model/variables/variables.index",
    } <= files
    assert config_text(read_config(folder / "pipeline.config", HERE)) == config_text(config)
    size = sum(path.stat().st_size for path in (folder / "saved_model").rglob("*"))
    assert size < 13e6  # every weight once


def test_checkpoint_has_the_old_keys_and_the_same_weights(shared, exported):
    stored = read_checkpoint(exported[1] / "checkpoint/ckpt-0").variables
    trained = read_checkpoint(shared / "golden").variables
    model_keys = {key for key in trained if key.startswith("model/")}
    assert set(stored) == model_keys | {"save_counter"}
    for key in model_keys:
        np.testing.assert_array_equal(stored[key], trained[key])


def test_signature_is_the_old_one(loaded):
    detect = loaded.signatures["serving_default"]
    spec = detect.structured_input_signature[1]["input_tensor"]
    assert spec.dtype == tf.uint8 and spec.shape.as_list() == [1, None, None, 3]
    shapes = {name: spec.shape.as_list() for name, spec in detect.structured_outputs.items()}
    assert shapes == OUTPUTS
    assert {spec.dtype for spec in detect.structured_outputs.values()} == {tf.float32}


def test_runs_where_tfod_is_not(exported):
    code = """
import json, sys
sys.modules["tfod"] = None
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
found = model(tf.zeros((1, 90, 120, 3), tf.uint8))
print(json.dumps(found["detection_classes"][0, :5].numpy().tolist()))
"""
    command = [sys.executable, "-c", code, str(exported[1] / "saved_model")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout.splitlines()[-1])) <= {1.0, 2.0}


def test_detector_gives_what_the_model_gives(shared, exported):
    detector = load_detector(exported[1])
    image = np.load(shared / "golden/inputs.npz")["images_uint8"][0]
    expected = np.load(shared / "golden/exported_outputs.npz")
    found = detector(image)
    assert len(found) == int(expected["s320_img0_num_detections"][0])
    np.testing.assert_allclose(found.scores, expected["s320_img0_detection_scores"][0], atol=1e-3)
    assert found.class_ids.min() >= 0
    assert found.class_names == {0: "Mask", 1: "No-mask"}


@pytest.mark.slow
def test_every_input_type_finds_the_same(small, small_exported, tmp_path, monkeypatch):
    config, checkpoint = small
    image = np.random.default_rng(0).integers(0, 255, (50, 70, 3), np.uint8)
    encoded = tf.io.encode_png(image).numpy()
    features = {"image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[encoded]))}
    example = tf.train.Example(features=tf.train.Features(feature=features))
    inputs = {
        "image_tensor": image[None],
        "float_image_tensor": image[None].astype(np.float32),
        "encoded_image_string_tensor": np.array([encoded]),
        "tf_example": np.array([example.SerializeToString()]),
    }
    assert inputs.keys() == module.INPUTS.keys()
    # the network is the same for all of them: traced and folded once
    monkeypatch.setattr(module, "fold_network", functools.cache(module.fold_network))
    model, scores = SSD(config.model.ssd, seed=1), {}
    for name, value in inputs.items():
        folder = tmp_path / name
        if name == small_exported.input_type:
            folder = small_exported.folder / "saved_model"
        else:
            module.save_exported(model, name, folder)
        loaded = tf.saved_model.load(str(folder))
        found = loaded.signatures["serving_default"](input_tensor=tf.constant(value))
        scores[name] = found["detection_scores"].numpy()
        assert scores[name].any()
    for name in scores:
        np.testing.assert_allclose(scores[name], scores["image_tensor"], atol=1e-6)


def test_an_export_replaces_the_last_one_whole_or_not_at_all(
    small, small_exported, tmp_path, monkeypatch
):
    """What replaces it begins from what was exported, which is a checkpoint as any other."""
    config, checkpoint = small
    assert small_exported.class_names == {0: "alpha", 1: "beta"}
    assert small_exported.checkpoint.name == "ckpt-1" and small_exported.image_size == (64, 64)
    folder = tmp_path / "exported"
    shutil.copytree(small_exported.folder, folder)
    (folder / "notes.txt").write_text("mine")
    before = (folder / "saved_model/saved_model.pb").stat().st_mtime_ns

    def full_disk(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        save_a_word(patch)
        patch.setattr(export_module, "save_exporter_checkpoint", full_disk)
        with pytest.raises(UserError, match="disk is full"):
            export(HERE, config, checkpoint, folder)
    assert (folder / "saved_model/saved_model.pb").stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == ["exported"]

    again = export(HERE, config, folder / "checkpoint", folder)
    assert again.checkpoint.name == "ckpt-0" and again.notes() == small_exported.notes()
    assert (folder / "saved_model/saved_model.pb").stat().st_mtime_ns != before
    assert (folder / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["exported"]


def test_the_loop_of_the_tutorial_runs_on_an_exported_model(small_exported):
    """As scripts of the old API read what a model finds; `num_detections` has the shape [1]."""
    detect = tf.saved_model.load(str(small_exported.folder / "saved_model"))
    detections = detect(tf.zeros([1, 48, 64, 3], tf.uint8))
    assert detections["num_detections"].shape == [1]
    num_detections = int(detections.pop("num_detections"))
    detections = {key: value[0, :num_detections].numpy() for key, value in detections.items()}
    detections["num_detections"] = num_detections
    detections["detection_classes"] = detections["detection_classes"].astype(np.int64)
    assert detections["detection_boxes"].shape == (num_detections, 4)
    assert set(detections["detection_classes"]) <= {1, 2}


def test_the_next_command_is_one_that_works(small, workspace, capsys, quick):
    config, checkpoint = small
    write_config(config, workspace / "m/pipeline.config", HERE)

    def said(*more):
        assert main(["export", "m", "--checkpoint", str(checkpoint), *more]) == 0
        return capsys.readouterr().out

    assert "next:  tfod live m\n" in said()
    assert "next:  tfod live other/x\n" in said("--output", "other/x")
    assert "next" not in said("--input-type", "tf_example"), "live gives images"
    assert quick == ["image_tensor", "image_tensor", "tf_example"]


def test_classes_keep_their_names_when_the_label_map_is_gone(small, tmp_path, quick):
    config, checkpoint = small
    other = type(config)()
    other.CopyFrom(config)
    for reader in (other.train_input_reader, *other.eval_input_reader):
        reader.label_map_path = "gone.pbtxt"
    nameless = export(HERE, other, checkpoint, tmp_path / "out")
    assert "there is no label map" in nameless.notes()[0]
    write_label_map(tmp_path / "out/label_map.pbtxt", ["alpha", "beta"])
    assert export(HERE, other, checkpoint, tmp_path / "out").class_names == {0: "alpha", 1: "beta"}
    assert (tmp_path / "out/label_map.pbtxt").is_file()


def test_an_export_has_the_thresholds_of_its_own_weights(small, tmp_path, quick):
    """Those of the newest evaluation, when it measured this checkpoint, also a copy of it."""
    config, checkpoint = small
    model = tmp_path / "model"
    shutil.copytree(checkpoint.parent, model)
    shutil.copytree(checkpoint.parent, model / "best")
    rows = [{"id": 1, "name": "alpha", "min_score": 0.3}, {"id": 2, "min_score": 0.6}]
    report = {"fingerprint": fingerprint(checkpoint), "images": 9, "thresholds": rows, "map": 0.5}
    (model / "eval").mkdir()
    (model / "eval/report.json").write_text(json.dumps(report))
    file = tmp_path / "out/thresholds.json"
    for prefix in (model / checkpoint.name, model / "best" / checkpoint.name):
        result = export(HERE, config, prefix, tmp_path / "out")
        assert result.min_scores == {0: 0.3, 1: 0.6}
        assert "0.30" in result.notes()[0] and "class" not in result.notes()[0]
        assert json.loads(file.read_text())["thresholds"] == rows
    (model / "eval/report.json").write_text(json.dumps(report | {"fingerprint": "of others"}))
    again = export(HERE, config, model / checkpoint.name, tmp_path / "out")
    assert not again.min_scores and not file.exists(), "those of other weights mean nothing"
    (model / "eval/report.json").write_text(json.dumps(report | {"thresholds": 0.5}))
    with raises_problem("thresholds-unreadable", where=model / "eval/report.json"):
        export(HERE, config, model / checkpoint.name, tmp_path / "out")


def test_bad_requests_are_refused_before_anything_is_written(small, tmp_path):
    config, checkpoint = small
    target = tmp_path / "out"

    def refused(code, checkpoint=checkpoint, folder=target, **options):
        with raises_problem(code):
            export(HERE, config, checkpoint, folder, ExportOptions(**options))

    refused("input-type", input_type="image_and_boxes_tensor")
    refused("input-type", input_type="jpeg")
    with pytest.raises(UserError, match="missing"):
        export(HERE, config, tmp_path / "missing", target)
    write_label_map(tmp_path / "five.pbtxt", ["a", "b", "c", "d", "e"])
    with pytest.raises(UserError, match="five.pbtxt"):
        export(HERE, config, checkpoint, target, ExportOptions(label_map=tmp_path / "five.pbtxt"))
    with pytest.raises(UserError, match="nowhere"):
        options = ExportOptions(label_map=tmp_path / "nowhere.pbtxt")
        export(HERE, config, checkpoint, target, options)
    assert not target.exists()

    target.mkdir()
    (target / "photo.jpg").write_bytes(b"mine")
    refused("folder-not-exported-model")
    refused("file-in-the-way", folder=target / "photo.jpg")
    assert (target / "photo.jpg").read_bytes() == b"mine"
    shutil.rmtree(target)


def test_another_model_s_checkpoint_is_refused(small, tmp_path):
    config, checkpoint = small
    other = type(config)()
    other.CopyFrom(config)
    other.model.ssd.num_classes = 3
    with pytest.raises(UserError, match="does not fit"):
        export(HERE, other, checkpoint, tmp_path / "out")
    assert not (tmp_path / "out").exists()
