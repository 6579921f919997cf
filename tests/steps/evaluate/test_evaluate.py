"""The step evaluate: figures, files and pictures of a tiny model, figures of a published one."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from refusals import raises_problem

from tfod.camera.scenes import draw_scene
from tfod.config import apply_overrides, read_config, write_config
from tfod.config.templates import new_config, set_data
from tfod.data.records.file import encode_example, frame
from tfod.detections import Detections
from tfod.errors import UserError
from tfod.labels import write_label_map
from tfod.model.checkpoints.save import save_checkpoint
from tfod.model.ssd import SSD
from tfod.progress import Status
from tfod.runtimes.thresholds import measured_thresholds
from tfod.steps.evaluate import evaluate as module
from tfod.steps.evaluate import pictures
from tfod.steps.evaluate.coco import FIGURES, GroundTruth
from tfod.steps.evaluate.evaluate import evaluate, read_to_evaluate, with_train_data
from tfod.steps.evaluate.pictures import side_by_side
from tfod.steps.evaluate.report import result_lines
from tfod.workspace import Workspace

CLASSES = ("alpha", "beta", "gamma")
LOSSES = {f"Loss/{kind}_loss" for kind in ("localization", "classification", "regularization")}
LOSSES.add("Loss/total_loss")


def record(encoded, boxes, names, filename, **more):
    """One serialised record, keys of FACTS 7.1."""
    boxes = np.asarray(boxes, float).reshape(-1, 4)
    sides = dict(zip(("ymin", "xmin", "ymax", "xmax"), boxes.T.tolist(), strict=True))
    features = {
        "image/encoded": (bytes, [encoded]),
        "image/filename": (bytes, [filename.encode()]),
        "image/object/class/text": (bytes, [name.encode() for name in names]),
        **{f"image/object/bbox/{side}": (float, values) for side, values in sides.items()},
        **{f"image/object/{key}": value for key, value in more.items()},
    }
    return frame(encode_example(features))


def scenes(path, indices):
    """Write synthetic scenes as a record file."""
    rows = []
    for index in indices:
        image, boxes, names = draw_scene(index, CLASSES, (96, 128))
        encoded = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()
        rows.append(record(encoded, boxes, names, f"scene {index}.png"))
    path.write_bytes(b"".join(rows))


def small_config(folder):
    """A narrow detector of few layers for 64 px, three test scenes and two training scenes."""
    write_label_map(folder / "label_map.pbtxt", CLASSES)
    scenes(folder / "train.record", range(2))
    scenes(folder / "test.record", range(10, 13))
    config = new_config(Workspace(folder), 3, size=64)
    records = [[folder / "train.record"], [folder / "test.record"]]
    set_data(config, folder / "label_map.pbtxt", *records)
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
            "eval_config.num_visualizations=2",
            "eval_config.min_score_threshold=0.0",
        ],
    )
    return config


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """A model of random weights at step 7, evaluated once: (config, model folder, result)."""
    folder = tmp_path_factory.mktemp("evaluate")
    config = small_config(folder)
    save_checkpoint(folder / "model", SSD(config.model.ssd, seed=1), 7)
    return config, folder / "model", evaluate(config, folder / "model")


def test_result_holds_the_figures_under_the_old_names(evaluated):
    _, model_dir, result = evaluated
    assert set(result.figures) == {*FIGURES, *LOSSES}
    assert result.step == 7 and result.images == 3 and result.checkpoint == model_dir / "ckpt-1"
    known = {name for name in FIGURES if result.figures[name] is not None}
    assert all(0 <= result.figures[name] <= 1 for name in known)
    sizes = {name for name in FIGURES if name.endswith(("(small)", "(medium)", "(large)"))}
    assert FIGURES[0] in known and sizes - known, "objects of one size do not occur"
    parts = sum(result.figures[name] for name in LOSSES - {"Loss/total_loss"})
    np.testing.assert_allclose(result.figures["Loss/total_loss"], parts, rtol=1e-5)
    truth = [name for index in range(10, 13) for name in draw_scene(index, CLASSES, (96, 128))[2]]
    counts = {name: one.boxes for name, one in result.per_class.items()}
    assert counts == {name: truth.count(name) for name in CLASSES}


def test_report_has_the_thresholds_of_these_weights(evaluated):
    _, model_dir, result = evaluated
    assert result.report == model_dir / "eval/report.json"
    report = json.loads(result.report.read_text())
    assert (report["says"], report["map"]) == (
        result.answer.sentences(),
        result.figures[FIGURES[0]],
    )
    assert [row["name"] for row in report["thresholds"]] == list(CLASSES)
    kept = measured_thresholds(result.checkpoint)
    assert kept["thresholds"] == report["thresholds"] and kept["images"] == 3
    old = ("checkpoint", "step", "images", "figures", "per_class", "seconds", "metrics", "pictures")
    assert tuple(json.loads(result.metrics.read_text())) == old, "people's scripts read these"


def test_report_shows_the_worst_photos_of_the_records(evaluated):
    _, model_dir, result = evaluated
    assert result.page == model_dir / "eval/report.html"
    page, report = result.page.read_text(), json.loads(result.report.read_text())
    assert [one["photo"] for one in report["worst_photos"]] and page.count("data:image/jpeg") == 3
    assert all(f"{one['photo']}: " in page for one in report["worst_photos"])
    assert report["leaks"]["photos"] == 3 and len(report["curves"]["scores"]) == 99
    assert set(report["curves"]["classes"]) == set(CLASSES)


def test_json_says_the_same(evaluated):
    _, model_dir, result = evaluated
    assert result.metrics == model_dir / "eval/metrics.json"
    read = json.loads(result.metrics.read_text())
    assert read["figures"] == result.figures and read["step"] == 7
    assert None in read["figures"].values() and -1 not in read["figures"].values()
    assert read["per_class"]["beta"]["boxes"] == result.per_class["beta"].boxes


def test_pictures_show_truth_beside_prediction(evaluated):
    _, model_dir, result = evaluated
    assert [path.name for path in result.pictures] == ["01_scene 10.jpg", "02_scene 11.jpg"]
    assert sorted((model_dir / "eval/pictures").iterdir()) == result.pictures
    picture = cv2.imread(str(result.pictures[0]))
    heading = picture.shape[0] - 96
    assert heading > 0 and picture.shape[1] == 2 * 128
    for part in (picture[:heading], picture[heading:]):  # other words, other boxes
        assert np.abs(part[:, :128].astype(int) - part[:, 128:]).max() > 50
    assert 0.3 < np.mean(picture[:heading] < 60), "words on a dark strip"


def test_each_half_says_what_it_is(monkeypatch):
    """Also in a picture narrower than the words; boxes and photo stay as they are below."""
    said = []
    add_lines = pictures.add_lines
    monkeypatch.setattr(
        pictures, "add_lines", lambda image, text: said.extend(text) or add_lines(image, text)
    )
    for width in (3, 20, 300):
        photo = np.full((40, width, 3), 200, np.uint8)
        nothing = np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32)
        truth = GroundTruth(nothing[0], nothing[2], (40, width))
        picture = side_by_side(photo, truth, Detections(*nothing, {}), 0.5, 20)
        assert said[-2:] == ["labelled", "detected"]
        assert (picture[-40:] == 200).all() and picture.shape[1] == 2 * width


def test_tensorboard_has_the_old_tags_at_the_step_of_the_checkpoint(evaluated):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    _, model_dir, result = evaluated
    events = EventAccumulator(str(model_dir / "eval")).Reload()
    tags = set(events.Tags()["tensors"])
    known = {name for name, value in result.figures.items() if value is not None}
    assert tags == {*known, "eval_side_by_side_0_0", "eval_side_by_side_1_0"}
    assert {FIGURES[0], *LOSSES} <= known < set(result.figures), "no curve of what does not occur"
    for name in known:
        (event,) = events.Tensors(name)
        assert event.step == 7
        np.testing.assert_allclose(
            make_ndarray(event.tensor_proto), result.figures[name], rtol=1e-6
        )


def test_lines_name_every_figure_and_class(evaluated):
    text = "\n".join(result_lines(evaluated[2]))
    for name in (*FIGURES, *LOSSES, *CLASSES):
        assert name in text
    assert text.startswith("finds 0 of 6 objects") and "\nstep 7, 3 images" in text
    cells = [[cell.strip() for cell in row.split("│")] for row in text.splitlines()]
    rows = {row[1]: row[2] for row in cells if len(row) == 4}
    for name, value in evaluated[2].figures.items():
        assert (rows[name] == "-") == (value is None)


def test_training_images_and_nothing_on_the_terminal(evaluated, capfd, monkeypatch):
    config, model_dir, before = evaluated
    make = module.make_eval_step  # two images are done sooner than the graph is made
    monkeypatch.setattr(module, "make_eval_step", lambda *args: make(*args).python_function)
    status = Status()
    result = evaluate(with_train_data(config), model_dir, before.checkpoint, status)
    assert result.images == 2
    assert len(config.eval_input_reader) == 1  # the caller's config is as it was
    assert capfd.readouterr() == ("", "")
    assert (status.current.what, status.current.done, status.current.total) == ("evaluating", 2, 2)
    *_, restored, done = status.notes
    assert "step 7" in restored and done.startswith("evaluated 2 images in")


def test_without_checkpoint(evaluated, tmp_path):
    with pytest.raises(UserError, match="checkpoint"):
        evaluate(evaluated[0], tmp_path / "empty")


def test_empty_test_set(evaluated, tmp_path):
    config, model_dir, _ = evaluated
    (tmp_path / "test.record").write_bytes(b"")
    other = type(config)()
    other.CopyFrom(config)
    other.eval_input_reader[0].tf_record_input_reader.input_path[:] = [
        str(tmp_path / "test.record")
    ]
    with raises_problem("record-empty"):
        evaluate(other, model_dir)


def test_label_map_of_another_model(evaluated, tmp_path):
    config, model_dir, _ = evaluated
    write_label_map(tmp_path / "label_map.pbtxt", ("alpha", "beta", "gamma", "delta"))
    other = type(config)()
    other.CopyFrom(config)
    other.eval_input_reader[0].label_map_path = str(tmp_path / "label_map.pbtxt")
    with raises_problem("label-map-too-large", got=4, expected="ids up to 3"):
        evaluate(other, model_dir)


@pytest.mark.slow
def test_published_model_scores_on_coco_as_in_the_old_api(shared, tmp_path):
    """mAP 0.2586 and mAP@.5 0.4128 were measured with the old API's own export."""
    photos = shared / "datasets/coco_val128"
    data = json.loads((photos / "instances.json").read_text())
    names = {row["id"]: row["name"] for row in data["categories"]}
    label_map = "".join(f'item {{ id: {id_} name: "{name}" }}\n' for id_, name in names.items())
    (tmp_path / "label_map.pbtxt").write_text(label_map)
    with open(tmp_path / "test.record", "wb") as file:
        for image in data["images"]:
            rows = [row for row in data["annotations"] if row["image_id"] == image["id"]]
            left, top, width, height = np.array([row["bbox"] for row in rows]).reshape(-1, 4).T
            boxes = np.stack([top, left, top + height, left + width], 1)
            size = np.tile([image["height"], image["width"]], 2)
            file.write(
                record(
                    (photos / "images" / image["file_name"]).read_bytes(),
                    boxes / size,
                    [names[row["category_id"]] for row in rows],
                    image["file_name"],
                    is_crowd=(int, [row["iscrowd"] for row in rows]),
                    area=(float, [row["area"] for row in rows]),
                )
            )
    published = shared / "pre-trained/ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
    config = read_config(published / "pipeline.config", Workspace("."))
    reader = config.eval_input_reader[0]
    reader.label_map_path = str(tmp_path / "label_map.pbtxt")
    reader.tf_record_input_reader.input_path[:] = [str(tmp_path / "test.record")]
    result = evaluate(config, tmp_path / "model", published / "checkpoint")
    assert result.images == 128
    np.testing.assert_allclose(result.figures[FIGURES[0]], 0.2586, atol=0.002)
    np.testing.assert_allclose(result.figures[FIGURES[1]], 0.4128, atol=0.002)


def test_config_is_checked(evaluated, tmp_path):
    path = tmp_path / "pipeline.config"
    path.write_text("model { ssd { num_classes: 1 } } nonsense: 1")
    with pytest.raises(UserError, match="nonsense"):
        read_to_evaluate(Workspace(tmp_path), path)


def test_two_test_sets_are_refused(evaluated, tmp_path):
    other = type(evaluated[0])()
    other.CopyFrom(evaluated[0])
    other.eval_input_reader.add()
    write_config(other, tmp_path / "pipeline.config", Workspace(tmp_path))
    with pytest.raises(UserError, match="eval_input_reader"):
        read_to_evaluate(Workspace(tmp_path), tmp_path / "pipeline.config")


def test_what_chose_the_model_or_the_scores_is_said(evaluated, tmp_path, monkeypatch):
    """A test that also chose says too much; with photos for validation it did not choose."""
    config, model_dir, _ = evaluated
    make = module.make_eval_step
    monkeypatch.setattr(module, "make_eval_step", lambda *args: make(*args).python_function)
    shutil.copytree(model_dir, tmp_path / "m/best", ignore=shutil.ignore_patterns("eval"))
    files = list(config.eval_input_reader[0].tf_record_input_reader.input_path)
    photos = {Path(file).name: Path(file).stat().st_size for file in files}
    best = {"step": 7, "mean_ap": 0.5, "part": "test", "images": 3, "photos": photos}
    (tmp_path / "m/best/best.json").write_text(json.dumps(best))
    result = evaluate(config, tmp_path / "m")
    assert result.warnings[-1].startswith("these photos also chose the model and the scores")
    with_val = type(config)()
    with_val.CopyFrom(config)
    with_val.eval_input_reader.add().CopyFrom(config.train_input_reader)
    with_val.eval_input_reader[1].name = "val"
    (tmp_path / "m/best/best.json").write_text(json.dumps(best | {"photos": {"val.record": 1}}))
    result = evaluate(with_val, tmp_path / "m")
    assert result.images == 3 and not any("chose" in said for said in result.warnings)
    assert "Evaluation of m," in result.page.read_text()
    assert measured_thresholds(result.checkpoint)["images"] == 3
