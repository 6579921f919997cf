import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from refusals import raises_problem

from tfod.cli.seeing import _lowest_scores
from tfod.data.voc import boxes_xyxy_px, read_voc
from tfod.detections import Detections
from tfod.errors import UserError
from tfod.steps.convert.convert import ConvertOptions, convert
from tfod.steps.detect.detect import detect_files
from tfod.steps.detect.options import DetectOptions
from tfod.steps.detect.outputs import Found

NAMES = {0: "left", 1: "right"}


def find_halves(image):
    """A detector of two boxes with fixed places; the right one is the surer, the brighter it is."""
    boxes = np.float32([[0.25, 0.5, 0.75, 1.0], [0.25, 0.0, 0.75, 0.5]])
    scores = np.float32([image.mean() / 255, 0.3])
    return Detections(boxes, scores, np.int32([1, 0]), NAMES)


def rows_of(result):
    with open(result.table, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def save(path, brightness=230, size=(40, 60)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*size, 3), brightness, np.uint8)).save(path)
    return path


def test_one_image(tmp_path):
    image = save(tmp_path / "in/a.png")
    result = detect_files(find_halves, image, tmp_path / "out")
    assert (result.images, dict(result.detections), result.skipped) == (1, {"right": 1}, [])
    (row,) = rows_of(result)
    assert row["filename"] == "a.png" and row["class"] == "right"
    assert [float(row[side]) for side in ("xmin", "ymin", "xmax", "ymax")] == [30, 10, 60, 30]
    assert float(row["score"]) == pytest.approx(230 / 255, abs=1e-4)
    drawn = cv2.imread(str(tmp_path / "out/a.png"))
    assert drawn.shape == (40, 60, 3)
    assert (drawn[31:] == 230).all() and (drawn[10:30, 30:] != 230).any()


@dataclass
class OfAnExport:
    """The detector of two boxes, as if it were of an exported model."""

    path: Path
    class_names = NAMES
    size = None

    def __call__(self, image):
        return find_halves(image)


@pytest.mark.parametrize(
    ("written", "given", "found"),
    [
        ({0: 0.25, 1: 0.95}, None, {"left": 1}),
        ({0: 0.35, 1: 0.5}, None, {"right": 1}),
        ({0: 0.25}, None, {"left": 1, "right": 1}),
        ({0: 0.25, 1: 0.95}, 0.5, {"right": 1}),
        ({0: 0.25, 1: 0.95}, {0: 0, 1: 0}, {"left": 1, "right": 1}),
        (None, None, {"right": 1}),
    ],
)
def test_each_class_counts_from_its_own_score(tmp_path, written, given, found):
    """That of the model, unless the user gives one; a class without one has 0.5."""
    (tmp_path / "model/saved_model").mkdir(parents=True)
    if written:
        rows = [{"id": class_id + 1, "min_score": score} for class_id, score in written.items()]
        (tmp_path / "model/thresholds.json").write_text(json.dumps({"thresholds": rows}))
    for path in (tmp_path / "model", tmp_path / "model/saved_model"):
        options = DetectOptions(min_score=given)
        result = detect_files(OfAnExport(path), save(tmp_path / "a.png"), tmp_path / "out", options)
        assert dict(result.detections) == found
        assert result.min_score == (written if given is None and written else given or 0.5)


def test_the_terminal_says_from_which_scores(tmp_path, capsys):
    (tmp_path / "model/saved_model").mkdir(parents=True)
    rows = [{"id": 1, "min_score": 0.25}, {"id": 2, "min_score": 0.95}]
    (tmp_path / "model/thresholds.json").write_text(json.dumps({"thresholds": rows}))
    detector = OfAnExport(tmp_path / "model")
    assert _lowest_scores(detector, None) == {0: 0.25, 1: 0.95}
    assert "left 0.25, right 0.95" in capsys.readouterr().err
    assert _lowest_scores(detector, 0.4) == 0.4 and not capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "not-json"),
        ("[]", "thresholds-unreadable"),
        ('{"thresholds": [{"id": 1}]}', "thresholds-unreadable"),
        ('{"thresholds": [{"id": 1, "min_score": "high"}]}', "thresholds-unreadable"),
        ('{"thresholds": [{"id": 1, "min_score": 46}]}', "thresholds-unreadable"),
        ('{"thresholds": [{"id": 1, "min_score": NaN}]}', "thresholds-unreadable"),
        ('{"thresholds": {"Mask": 0.4}}', "thresholds-unreadable"),
    ],
)
def test_thresholds_that_cannot_be_read_are_refused(tmp_path, content, code):
    (tmp_path / "model/saved_model").mkdir(parents=True)
    (tmp_path / "model/thresholds.json").write_text(content)
    detector, image = OfAnExport(tmp_path / "model"), save(tmp_path / "a.png")
    with raises_problem(code, where=tmp_path / "model/thresholds.json"):
        detect_files(detector, image, tmp_path / "out")
    assert not (tmp_path / "out/a.png").exists()


def test_folder_keeps_its_order_and_names_bad_files(tmp_path):
    for name in ("b.jpg", "sub/c.PNG", "a.gif"):
        save(tmp_path / "in" / name)
    (tmp_path / "in/bad.jpg").write_bytes(b"no image at all")
    for name in ("notes.txt", "._b.jpg"):  # macOS leaves such files on other disks
        (tmp_path / "in" / name).write_text("not looked at")
    out = tmp_path / "in/out"  # inside the source: not detected in again
    for _ in range(2):
        result = detect_files(find_halves, tmp_path / "in", out, DetectOptions(min_score=0.2))
        assert result.images == 3 and dict(result.detections) == {"right": 3, "left": 3}
        assert len(result.skipped) == 1 and "bad.jpg" in result.skipped[0]
        assert [row["filename"] for row in rows_of(result)[::2]] == ["a.gif", "b.jpg", "sub/c.PNG"]
    made = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert made == {"detections.csv", "a.gif.jpg", "b.jpg", "sub/c.PNG"}


def test_video_becomes_a_video(tmp_path):
    path = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for brightness in range(100, 220, 10):
        writer.write(np.full((48, 64, 3), brightness, np.uint8))
    writer.release()
    result = detect_files(find_halves, path, tmp_path / "out")
    rows = rows_of(result)
    assert result.images == 12
    assert result.detections["right"] == len(rows) == 9  # the bright frames
    assert [int(row["frame"]) for row in rows] == list(range(3, 12))
    assert float(rows[1]["time_s"]) - float(rows[0]["time_s"]) == pytest.approx(0.1, abs=1e-3)
    video = cv2.VideoCapture(str(tmp_path / "out/film.mp4"))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(10)
    assert int(video.get(cv2.CAP_PROP_FRAME_COUNT)) == 12
    video.release()


def test_what_cannot_be_done_leaves_nothing_behind(tmp_path):
    out = tmp_path / "out"

    def refused(source, code, output_dir=out, **fields):
        with raises_problem(code, **fields):
            detect_files(find_halves, source, output_dir)
        assert not (output_dir / "detections.csv").exists()

    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "no-images", where="empty")
    refused(tmp_path / "nowhere.mp4", "not-found", where="nowhere.mp4")
    with pytest.raises(UserError, match="nowhere.jpg"):
        detect_files(find_halves, tmp_path / "nowhere.jpg", out)
    assert not (out / "detections.csv").exists()
    (tmp_path / "bad").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "bad" / name).write_bytes(b"")
    with pytest.raises(UserError) as caught:
        detect_files(find_halves, tmp_path / "bad", out)
    assert len(caught.value.problems) == 2 and "cannot be read" in caught.value.heading
    assert not (out / "detections.csv").exists()
    image = save(tmp_path / "in/a.png")
    before = image.read_bytes()
    refused(image, "would-replace-source", output_dir=tmp_path / "in")
    assert image.read_bytes() == before
    refused(tmp_path / "in", "file-in-the-way", output_dir=image)
    film = tmp_path / "in/film.mp4"
    film.write_bytes(b"mine")
    refused(film, "would-replace-source", output_dir=tmp_path / "in", where="film.mp4")
    assert film.read_bytes() == b"mine"
    mine = save(tmp_path / "in/sub/a.png", brightness=10)
    before = mine.read_bytes()
    for source in (tmp_path / "in", film):
        refused(source, "folder-of-others", output_dir=mine.parent, what="contains a.png")
    assert mine.read_bytes() == before


def test_what_ctrl_c_left_belongs_to_detect_too(tmp_path):
    for name in ("a.png", "b.png"):
        save(tmp_path / "in" / name)
    out = tmp_path / "out"

    def stopped_at_the_second(image):
        if (out / "a.png").exists():
            raise KeyboardInterrupt
        return find_halves(image)

    with pytest.raises(KeyboardInterrupt):
        detect_files(stopped_at_the_second, tmp_path / "in", out)
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "detections.csv"]
    result = detect_files(find_halves, tmp_path / "in", out)
    assert result.images == 2 and len(rows_of(result)) == 2


class Halves:
    """`find_halves` as a detector that was loaded."""

    path, class_names, size = Path("exported-models/halves"), NAMES, None

    def __call__(self, image):
        return find_halves(image)


EVERYTHING = DetectOptions(0.2, xml=True, coco=True, crops=True, keep=True)


def test_xml_crops_and_coco_hold_what_was_found(tmp_path):
    save(tmp_path / "in/a.png")
    save(tmp_path / "in/sub/b.jpg", 100)
    out = tmp_path / "out"
    result = detect_files(Halves(), tmp_path / "in", out, EVERYTHING)
    made = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert made == {
        "a.png", "sub/b.jpg", "detections.csv", "detections.json", "xml/a.xml", "xml/sub/b.xml",
        "crops/right/a_1.jpg", "crops/left/a_2.jpg", "crops/right/sub_b_1.jpg",
        "crops/left/sub_b_2.jpg",
    }  # fmt: skip

    example = read_voc(out / "xml/a.xml")
    assert example.suggested_by == "halves" and example.names == ("right", "left")
    assert boxes_xyxy_px(example) == [(30, 10, 60, 30), (0, 10, 30, 30)]
    assert Image.open(out / "crops/right/a_1.jpg").size == (30, 20)

    coco = json.loads((out / "detections.json").read_text())
    assert coco["categories"] == [{"id": 1, "name": "left"}, {"id": 2, "name": "right"}]
    assert [one["file_name"] for one in coco["images"]] == ["a.png", "sub/b.jpg"]
    first = coco["annotations"][0]
    assert (first["image_id"], first["category_id"], first["bbox"]) == (1, 2, [30, 10, 30, 20])
    assert first["score"] == pytest.approx(230 / 255)
    assert len(coco["annotations"]) == 4
    photos = ConvertOptions(images=tmp_path / "in")
    read_back = convert(out / "detections.json", tmp_path / "voc", photos)
    assert read_back.boxes == 4

    shown = result.found[0].as_dict()
    assert (shown["filename"], shown["width"], shown["height"]) == ("a.png", 60, 40)
    assert shown["detections"][0] == {
        "class": "right", "score": 0.902, "box_xyxy_px": [30, 10, 60, 30],
    }  # fmt: skip


def test_pixels_have_one_digit_in_json():
    """A third of a float32 reads 13.300000190734863 when it becomes a number of Python."""
    boxes = np.array([[0.1, 1 / 3, 0.9, 2 / 3]], np.float32)
    found = Detections(boxes, np.ones(1, np.float32), np.zeros(1, np.int32), {0: "a"})
    (one,) = Found("a.png", 0, 0.0, (40, 40), found).as_dict()["detections"]
    assert one["box_xyxy_px"] == [13.3, 4.0, 26.7, 36.0]


def test_frames_of_a_film_give_crops_and_rows(tmp_path):
    out = tmp_path / "out"
    source = "synthetic:scene=moving;frames=3;size=40x60"
    result = detect_files(Halves(), source, out, replace(EVERYTHING, min_score=0.25))
    assert [one.frame for one in result.found] == [0, 1, 2]
    assert len(list(out.glob("crops/left/video_000002_?.jpg"))) == 1
    assert not (out / "xml").exists(), "a frame has no file to lie beside"
    coco = json.loads((out / "detections.json").read_text())
    assert [one["id"] for one in coco["images"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "folder"), [("a/b", "a_b"), ("no: mask?", "no_ mask_"), ("..", "_"), ("日本", "日本")]
)
def test_a_class_is_a_folder_on_every_system(tmp_path, name, folder):
    save(tmp_path / "a.png")

    def renamed(image):
        return replace(find_halves(image), class_names={0: name, 1: name})

    detect_files(renamed, tmp_path / "a.png", tmp_path / "out", DetectOptions(crops=True))
    assert [path.name for path in (tmp_path / "out/crops").iterdir()] == [folder]
