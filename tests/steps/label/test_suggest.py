"""Suggestions on drawn scenes: what a person made stays, what a model drew can be told apart."""

import json
from collections.abc import Mapping
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from dealing import split
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from refusals import raises_problem

from tfod import boxes as box_sums
from tfod.camera.scenes import draw_scene
from tfod.cli import main
from tfod.cli.label import label
from tfod.cli.problems import quoted
from tfod.data.example import Example
from tfod.data.voc import read_voc, write_voc
from tfod.detections import Detections
from tfod.errors import UserError
from tfod.labels import write_label_map
from tfod.progress import Status
from tfod.runtimes.load import load_detector, model_name
from tfod.steps.label.suggest import MIN_SCORE, one_box_per_object, suggest
from tfod.steps.label.suggest_classes import ProjectClasses, in_project_words

NAMES = {0: "red", 1: "green"}
SIZE = (60, 90)


class Fixed:
    """A detector that finds the same in every image."""

    path = Path("model.tflite")
    size = None

    def __init__(self, *rows: tuple, names: Mapping[int, str] = NAMES):
        """Take rows of (class id, score, ymin, xmin, ymax, xmax)."""
        self.class_names = names
        table = np.float32(rows).reshape(-1, 6)
        class_ids = table[:, 0].astype(np.int32)
        self.found = Detections(table[:, 2:], table[:, 1], class_ids, names)

    def __call__(self, image):
        return self.found


ONE_RED = Fixed((0, 0.9, 0.1, 0.2, 0.5, 0.6))
NOTHING = Fixed()


class ColourFinder(tf.Module):
    """Boxes the reddest and the greenest pixels; as an old export, with rows padded."""

    @tf.function(input_signature=[tf.TensorSpec((1, None, None, 3), tf.uint8, "input_tensor")])
    def find(self, input_tensor):
        image = tf.cast(input_tensor[0], tf.float32)
        others = tf.reduce_max(tf.gather(image, [[1, 2], [0, 2]], axis=2), axis=3)  # [H, W, 2]
        strong = image[..., :2] - others > 100
        size = tf.cast(tf.shape(image)[:2], tf.float32)
        boxes = [self._around(strong[..., channel], size) for channel in (0, 1)]
        seen = tf.cast(tf.reduce_any(strong, (0, 1)), tf.float32)
        return {
            "detection_boxes": tf.stack(boxes)[None],
            "detection_scores": seen[None] * [[0.9, 0.5]],
            "detection_classes": tf.constant([[1.0, 2.0]]),
            "num_detections": tf.constant([2.0]),
        }

    def _around(self, mask, size):
        places = tf.cast(tf.where(mask), tf.float32)
        return tf.concat([tf.reduce_min(places, 0), tf.reduce_max(places, 0) + 1], 0) / [
            size[0], size[1], size[0], size[1],
        ]  # fmt: skip


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "colours-1.0"
    module = ColourFinder()
    tf.saved_model.save(module, str(folder / "saved_model"), module.find)
    write_label_map(folder / "label_map.pbtxt", list(NAMES.values()))
    return folder


def save(path, pixels=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*SIZE, 3), 255, np.uint8) if pixels is None else pixels).save(path)
    return path


def labelled(path, names=("red",), suggested_by=""):
    """Save an image with an XML that holds a box for each name."""
    save(path)
    boxes = np.tile(np.float32([0.25, 0.25, 0.75, 0.75]), (len(names), 1))
    example = Example(path, *SIZE, boxes, names, suggested_by=suggested_by)
    write_voc(path.with_suffix(".xml"), example)
    return path.with_suffix(".xml")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_exported_model_finds_what_was_drawn(exported, tmp_path):
    truth = {}
    for index in range(4):
        image, boxes, _ = draw_scene(index, size=(120, 160))
        ymin, xmin, ymax, xmax = box_sums.to_xyxy_px(boxes[:1], 120, 160)[0, [1, 0, 3, 2]].astype(
            int
        )
        image[:] = 128
        image[ymin:ymax, xmin:xmax] = (255, 0, 0)
        truth[save(tmp_path / f"scene {index} ä.png", image)] = (xmin, ymin, xmax, ymax)
    result = suggest(tmp_path, load_detector(exported), model_name(exported))
    assert (result.suggested, dict(result.boxes), result.unsure) == (4, {"red": 4}, {})
    for path, expected in truth.items():
        example = read_voc(path.with_suffix(".xml"))
        assert example.suggested_by == "colours-1.0" == result.model
        assert example.image_path == path and example.names == ("red",)
        height, width = 120, 160
        found = box_sums.to_xyxy_px(example.boxes, height, width)[0]
        np.testing.assert_allclose(found, expected, atol=1e-3)
        assert f"<xmin>{expected[0]}</xmin>" in path.with_suffix(".xml").read_text()


def test_what_a_person_made_stays_as_it_is_and_a_suggestion_is_replaced(tmp_path):
    labelled(tmp_path / "a.png")
    labelled(tmp_path / "negative.png", ())
    broken = labelled(tmp_path / "broken.png", ("x",), suggested_by="old")
    broken.write_bytes(broken.read_bytes()[:-9])
    other_case = labelled(tmp_path / "B.png")
    other_case.rename(tmp_path / "b.XML")
    before = contents(tmp_path)
    labelled(tmp_path / "old.png", ("x", "y"), suggested_by="old")
    save(tmp_path / "new.png")
    for detector in (ONE_RED, NOTHING, ONE_RED):
        result = suggest(tmp_path, detector, "m")
        assert (result.by_person, result.unreadable) == (3, 1)
        found = len(detector.found)
        assert (result.suggested, result.nothing_found) == ((2, 0) if found else (0, 2))
        after = contents(tmp_path)
        assert before.items() <= after.items()
        made = after.keys() - before.keys() - {"old.png", "new.png"}
        assert made == ({"old.xml", "new.xml"} if found else set())
    assert read_voc(tmp_path / "old.xml").names == ("red",)


def test_a_label_saved_while_the_model_looks_stays(tmp_path):
    save(tmp_path / "a.png")

    class Slow(Fixed):
        def __call__(self, image):
            labelled(tmp_path / "a.png", ("by hand",))
            return super().__call__(image)

    for detector in (Slow((0, 0.9, 0, 0, 1, 1)), Slow()):
        (tmp_path / "a.xml").unlink(missing_ok=True)
        result = suggest(tmp_path, detector, "m")
        assert (result.by_person, result.suggested, result.nothing_found) == (1, 0, 0)
        assert read_voc(tmp_path / "a.xml").names == ("by hand",)


def test_images_of_one_name_do_not_share_an_xml(tmp_path):
    for name in ("a.jpg", "a.png", "b.jpg", "B.png"):
        save(tmp_path / name)
    mine = labelled(tmp_path / "c.png").read_bytes()
    save(tmp_path / "c.jpg")
    for _ in range(2):
        result = suggest(tmp_path, ONE_RED, "m")
        assert (result.suggested, result.by_person) == (2, 1)
        assert {problem.code for problem in result.skipped} == {"shared-xml"}
        owners = [problem.what.split(" would")[0] for problem in result.skipped]
        assert owners == ["a.jpg", "B.png", "c.png"]
    assert (tmp_path / "c.xml").read_bytes() == mine


def test_split_leaves_suggestions_out_until_somebody_saved_them(tmp_path):
    for index, name in enumerate("abcd"):
        labelled(tmp_path / f"s/{name}.png")
        save(tmp_path / f"s/{name}.png", draw_scene(index, size=SIZE)[0])
    (tmp_path / "s/d.xml").unlink()
    suggest(tmp_path / "s", ONE_RED, "m")
    assert sum(split(tmp_path, tmp_path / "out", test=0.5).images.values()) == 3
    example = read_voc(tmp_path / "s/d.xml")
    example.suggested_by = ""
    write_voc(tmp_path / "s/d.xml", example)
    assert sum(split(tmp_path, tmp_path / "out", test=0.5).images.values()) == 4


def test_what_nobody_has_gone_through_counts_as_labelled_nowhere(workspace, capsys):
    folder = workspace / "workspace/images/s"
    for index, name in enumerate("abcdef"):
        save(folder / f"{name}.png", draw_scene(index, size=SIZE)[0])
    suggest(folder, ONE_RED, "m")

    def figures(*command, code=0):
        assert main([*command, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    for command, code in ((["split"], "too-few-images"), (["records"], "part-missing")):
        assert figures(*command, code=2)["error"]["problems"][0]["code"] == code
    report = figures("check", code=3)
    assert (report["labelled"], report["suggested"], report["boxes"]) == (0, 6, 0)
    found = {finding["code"]: finding["count"] for finding in report["findings"]}
    assert found["nothing-labelled"] == found["suggestion-unchecked"] == 6
    assert "class-rare" not in found
    for name in "abcd":
        example = read_voc(folder / f"{name}.xml")
        example.suggested_by = ""
        write_voc(folder / f"{name}.xml", example)
    status = figures("label", "--status")
    assert (status["labelled"], len(status["suggested"]), status["boxes"]) == (4, 2, {"red": 4})
    report = figures("check", "--html", "report.html")
    assert (report["labelled"], report["suggested"], report["classes"]) == (4, 2, {"red": 4})
    assert "nothing-labelled" not in {finding["code"] for finding in report["findings"]}
    dealt = figures("split")
    assert (sum(dealt["images"].values()), dealt["suggested"]) == (4, 2)
    written = figures("records")
    assert written["train"]["boxes"] + written["test"]["boxes"] == 4


def test_bad_images_are_named_and_ctrl_c_keeps_what_is_complete(tmp_path):
    for name in ("a", "b", "c"):
        save(tmp_path / f"{name}.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    result = suggest(tmp_path, ONE_RED, "m")
    assert result.suggested == 2
    assert len(result.skipped) == 1 and "b.png" in str(result.skipped[0])

    class Interrupted(Fixed):
        def __call__(self, image):
            if (tmp_path / "a.xml").exists():
                raise KeyboardInterrupt
            return super().__call__(image)

    for path in tmp_path.glob("*.xml"):
        path.unlink()
    with pytest.raises(KeyboardInterrupt):
        suggest(tmp_path, Interrupted((0, 0.9, 0, 0, 1, 1)), "m")
    assert sorted(contents(tmp_path)) == ["a.png", "a.xml", "b.png", "c.png"]

    for name in ("a", "c"):
        (tmp_path / f"{name}.png").write_bytes(b"")
    with pytest.raises(UserError, match="3 images cannot be used") as caught:
        suggest(tmp_path, ONE_RED, "m")
    assert len(caught.value.problems) == 3


def test_only_sure_boxes_inside_the_image_and_the_unsure_are_told(tmp_path):
    detector = Fixed(
        (0, 0.95, -0.2, 0.5, 0.5, 1.3),
        (1, 0.55, 0.6, 0.1, 0.9, 0.4),
        (1, 0.25, 0.0, 0.0, 0.2, 0.2),
        (0, 0.60, 0.5, 0.5, 0.5001, 0.9),  # less than half a pixel high
    )
    save(tmp_path / "a.png")
    result = suggest(tmp_path, detector, "m")
    example = read_voc(tmp_path / "a.xml")
    assert example.names == ("red", "green") and not example.outside_px.any()
    np.testing.assert_allclose(example.boxes, [[0, 0.5, 0.5, 1], [0.6, 0.1, 0.9, 0.4]], atol=1e-6)
    assert result.unsure == {"a.png": pytest.approx(0.55)}
    result = suggest(tmp_path, detector, "m", min_score=0.96)
    assert result.nothing_found == 1 and not (tmp_path / "a.xml").exists()


def test_classes_are_renamed_and_others_counted(tmp_path):
    save(tmp_path / "a.png")
    detector = Fixed((0, 0.9, 0, 0, 0.4, 0.4), (1, 0.9, 0.5, 0.5, 1, 1), (4, 0.8, 0.5, 0, 0.9, 0.3))
    result = suggest(tmp_path, detector, "m", ProjectClasses(["Mask", "green"], {"red": "Mask"}))
    assert dict(result.boxes) == {"Mask": 1, "green": 1} and dict(result.dropped) == {"class 5": 1}
    assert read_voc(tmp_path / "a.xml").names == ("Mask", "green")
    before = contents(tmp_path)
    for classes, rename, code, what, advice in (
        (["Mask"], {"rad": "Mask"}, "unknown-class", 'model has no class "rad"', {"name": "red"}),
        (["Mask"], {"red": "mask"}, "unknown-class", 'has no class "mask"', {"name": "Mask"}),
        (
            *(["Mask", "x"], {}, "no-class-in-common", ""),
            {"setting": "rename", "value": "red=Mask"},
        ),
    ):
        with raises_problem(code, setting="rename", what=what) as problems:
            suggest(tmp_path, detector, "m", ProjectClasses(classes, rename))
        assert problems[0].advice.arguments == advice
    assert contents(tmp_path) == before
    nameless = Fixed((1, 0.9, 0, 0, 1, 1), names={})
    result = suggest(tmp_path, nameless, "m", ProjectClasses(["Mask"], {"class 2": "Mask"}))
    assert dict(result.boxes) == {"Mask": 1}


def test_classes_without_names_are_told_by_number_or_refused(tmp_path):
    save(tmp_path / "a.png")
    nameless = Fixed((1, 0.9, 0, 0, 1, 0.4), (2, 0.9, 0, 0.5, 1, 1), names={})
    for rename, got in (
        ({}, None),
        ({"class 2": "Mask", "person": "Mask"}, "person"),
        ({"class 0": "Mask"}, "class 0"),
    ):
        for classes in (["Mask"], None):
            with raises_problem("class-names-missing", where="model.labels.txt", got=got) as found:
                suggest(tmp_path, nameless, "m", ProjectClasses(classes, rename))
            ours = "Mask" if classes or rename else "YOURS"
            assert found[0].advice.arguments == {"setting": "rename", "value": f"class 1={ours}"}
    result = suggest(tmp_path, nameless, "m", ProjectClasses(rename={"class 2": "Mask"}))
    assert dict(result.boxes) == {"Mask": 1} and dict(result.dropped) == {"class 3": 1}
    nameless.path = Path("exported-models/m")
    with raises_problem("class-names-missing", where=Path("m/label_map.pbtxt")):
        suggest(tmp_path, nameless, "m")


SIDES = st.lists(st.floats(0, 1, width=32), min_size=2, max_size=2, unique=True).map(sorted)
ROWS = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1, width=32), SIDES, SIDES), max_size=12)


@settings(max_examples=60)
@given(ROWS)
def test_one_box_per_object_keeps_the_best_and_leaves_no_pair(rows):
    table = [(id_, score, y[0], x[0], y[1], x[1]) for id_, score, y, x in rows]
    found = Fixed(*table).found
    kept = one_box_per_object(found)
    overlaps = box_sums.iou(kept.boxes, kept.boxes)
    assert (overlaps[~np.eye(len(kept), dtype=bool)] <= 0.8).all()
    if len(found):
        assert kept.scores.max() == found.scores.max()
    for box, score in zip(found.boxes, found.scores, strict=True):  # each dropped one has a better
        better = kept.scores >= score
        same = (kept.boxes == box).all(1) & (kept.scores == score)
        assert same.any() or (box_sums.iou(box[None], kept.boxes)[0, better] > 0.8).any()


def test_two_classes_of_one_object_become_the_better_one(tmp_path):
    save(tmp_path / "a.png")
    both = Fixed((1, 0.7, 0.1, 0.1, 0.8, 0.8), (0, 0.8, 0.1, 0.12, 0.8, 0.8))
    assert dict(suggest(tmp_path, both, "m").boxes) == {"red": 1}
    # of classes that are dropped none takes the place of one that is not
    assert dict(suggest(tmp_path, both, "m", ProjectClasses(["green"])).boxes) == {"green": 1}
    assert in_project_words(both.found, ProjectClasses(["green"]))[1] == {"red": 1}


def test_progress_counts_the_images_without_a_label(tmp_path):
    for name in ("a", "b"):
        save(tmp_path / f"{name}.png")
    labelled(tmp_path / "mine.png")
    progress = Status()
    suggest(tmp_path, ONE_RED, "m", progress=progress)
    task = progress.current
    assert (task.what, task.done, task.total) == ("suggesting", 2, 2)


def test_the_command_writes_tells_and_counts(exported, workspace, capsys):
    folder = workspace / "workspace/images/s1"
    red = np.full((*SIZE, 3), 100, np.uint8)
    red[10:30, 20:50] = (255, 0, 0)
    green = np.full((*SIZE, 3), 100, np.uint8)
    green[10:30, 20:50] = (0, 255, 0)
    for name, pixels in {"red": red, "green": green, "none": None}.items():
        save(folder / f"{name}.png", pixels)
    before = labelled(folder / "mine.png", ("Apple",)).read_bytes()
    command = ["label", "s1", "--suggest", str(exported), "--status", "--classes", "Apple"]
    assert main(command) == 2
    assert "Use --rename red=Apple." in capsys.readouterr().err
    command += ["--rename", "red=Apple"]
    assert main(command) == 0
    text = capsys.readouterr().out
    for line in (
        "suggested by colours-1.0 in 1 image: Apple 1",
        "2 images where it found nothing",
        "1 image labelled by a person and left alone",
        '1 box of classes that are not yours, left out: green 1 (to use them: --rename "green=',
        "1 suggestion not checked yet",
    ):
        assert line in text
    assert main([*command, "--rename", "green=Apple", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["suggest"]
    assert figures["boxes"] == {"Apple": 2}
    assert figures["unsure"] == {"green.png": pytest.approx(0.5)}
    assert (folder / "mine.xml").read_bytes() == before
    for file in ("pre trained/ssd/checkpoint/ckpt-0.index", "workspace/models/tiny/ckpt-1.index"):
        Path(file).parent.mkdir(parents=True)
        Path(file).touch()
    train_first = f"Run `tfod config NAME --checkpoint {quoted('pre trained/ssd')}`."
    nowhere = "model not found (expected coco). Run `tfod train nowhere`."
    for wrong, match in (
        (["--rename", "red"], "person=Mask"),
        (["--suggest", "nowhere"], nowhere),
        (["--suggest", "pre trained/ssd"], f"not an exported model. {train_first}"),
        (["--suggest", "workspace/models/tiny"], "model not found"),
        (["--suggest", str(folder / "red.png")], f"{folder / 'red.png'}: not a model (expected a"),
    ):
        assert main([*command, *wrong]) == 2
        assert match in capsys.readouterr().err
    assert signature(label).parameters["min_score"].default == MIN_SCORE
    for without in (["--rename", "a=b"], ["--min-score", "0.5"]):
        assert main(["label", "s1", "--status", *without]) == 2
        assert "Use --suggest MODEL." in capsys.readouterr().err


def test_a_model_has_the_name_of_its_folder_or_file(exported, tmp_path):
    file = tmp_path / "ssd.v2.tflite"
    file.touch()
    names = [model_name(path) for path in (exported, exported / "saved_model", file)]
    assert names == ["colours-1.0", "colours-1.0", "ssd.v2"]
