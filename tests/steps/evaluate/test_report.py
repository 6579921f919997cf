"""The report: what goes wrong in which photo, twins in the training, the page in a real browser."""

from pathlib import Path

import numpy as np
import pytest
from browser import ask
from refusals import raises_problem
from test_matches import BOX, FAR, NAMES, OTHER, SHIFTED, found, random_images, truth

from tfod.camera.scenes import draw_scene
from tfod.config.messages import InputReader
from tfod.data.records.file import encode_example, frame
from tfod.detections import Detections
from tfod.progress import Status
from tfod.show.page_photo import THUMBNAIL_PX
from tfod.steps.evaluate.answer import answer
from tfod.steps.evaluate.coco import FIGURES, GroundTruth, coco_figures
from tfod.steps.evaluate.details import look_closer
from tfod.steps.evaluate.errors import Kind, kinds_of
from tfod.steps.evaluate.leaks import Leaks, Twin, find_leaks
from tfod.steps.evaluate.matches import match
from tfod.steps.evaluate.mistakes import confusion, found_by_size, shown_at, worst_photos
from tfod.steps.evaluate.page import photos_to_show, write_page
from tfod.steps.evaluate.report import EvaluateResult

ALL = np.array([0.0, 0.0])


def looked_at(truths, detections, at=ALL):
    matches = match(truths, detections, NAMES)
    return matches, kinds_of(matches), shown_at(matches, at)


def test_worst_photos_come_first_with_their_reasons():
    truths = [truth([BOX], [0]), truth([BOX, OTHER], [0, 1]), truth([BOX], [0]), truth([], [])]
    detections = [
        found([BOX], [0], [0.9]),
        found([SHIFTED, OTHER, FAR], [0, 0, 1], [0.8, 0.7, 0.6]),
        found([BOX, BOX], [0, 0], [0.9, 0.5]),
        found([FAR], [0], [0.95]),
    ]
    photos = worst_photos(*looked_at(truths, detections))
    assert [one.image for one in photos] == [1, 3, 2]
    assert photos[0].counts == {Kind.WRONG_CLASS: 1, Kind.PLACE: 1, Kind.BACKGROUND: 1}
    assert photos[1].counts == {Kind.BACKGROUND: 1} and photos[2].counts == {Kind.DOUBLE: 1}
    at_half = worst_photos(*looked_at(truths, detections, np.array([0.85, 0.85])))
    assert [(one.image, one.counts) for one in at_half] == [
        (1, {Kind.MISSED: 2}),
        (3, {Kind.BACKGROUND: 1}),
    ]
    assert at_half[0].missed.tolist() == [1, 2] and "2 missed" in at_half[0].in_words()


def test_what_was_taken_for_what():
    truths = [truth([BOX, OTHER], [0, 1]), truth([BOX], [0])]
    detections = [found([BOX, OTHER, OTHER], [1, 1, 0], [0.9, 0.8, 0.7]), found([FAR], [0], [0.5])]
    table = confusion(*looked_at(truths, detections))
    # cat taken for a dog, cat missed; the dog found; a cat where a found dog is, a cat at nothing
    assert table.tolist() == [[0, 1, 1], [0, 1, 0], [2, 0, 0]]


@pytest.mark.parametrize("seed", range(4))
def test_the_numbers_of_the_report_agree(seed):
    truths, detections = random_images(seed, images=20)
    matches = match(truths, detections, NAMES)
    said = answer(matches, NAMES, 0.3)
    details = look_closer(matches, said, [f"{n}.jpg" for n in range(20)], None)
    diagonal = np.diag(details.confusion)[:-1].tolist()
    assert diagonal == [one.found for one in said.classes]
    objects = details.confusion[:-1].sum(axis=1).tolist()
    assert objects == [one.objects for one in said.classes]
    detected = details.confusion[:, :-1].sum(axis=0).tolist()
    assert detected == [one.found + one.alarms for one in said.classes]
    wrong = sum(sum(one.counts.values()) for one in details.worst)
    assert wrong - sum(one.counts.get(Kind.MISSED, 0) for one in details.worst) == said.alarms
    sizes = np.array(list(details.sizes.values())).sum(axis=0).tolist()
    assert sizes == [said.objects, said.found]


def test_objects_by_their_size_in_the_photo():
    """480x640: BOX is 192x256 px; the others 24x32 and 48x64; a given area counts instead."""
    small, medium = [0.5, 0.5, 0.55, 0.55], [0.7, 0.7, 0.8, 0.8]
    truths = [truth([BOX, small, medium], [0, 0, 1]), truth([BOX], [0], area=np.array([900.0]))]
    detections = [found([BOX, medium], [0, 1], [0.9, 0.8]), found([], [], [])]
    matches, _, is_shown = looked_at(truths, detections)
    assert found_by_size(matches, is_shown) == {"small": (2, 0), "medium": (1, 1), "large": (1, 1)}


def reader_of(folder, name, indices):
    """A record file of synthetic scenes, and the reader that names it."""
    import cv2

    rows = []
    for index in indices:
        image = draw_scene(index, ("a", "b"), (96, 128))[0]
        encoded = cv2.imencode(".jpg", image)[1].tobytes()
        features = {"image/encoded": (bytes, [encoded])}
        features["image/filename"] = (bytes, [f"{index}.jpg".encode()])
        rows.append(frame(encode_example(features)))
    (folder / name).write_bytes(b"".join(rows))
    reader = InputReader()
    reader.tf_record_input_reader.input_path.append(str(folder / name))
    return reader


def test_twins_in_the_training_are_found(tmp_path):
    train = reader_of(tmp_path, "train.record", [1, 2, 3])
    status = Status()
    leaks = find_leaks(train, reader_of(tmp_path, "test.record", [3, 50]), status)
    assert Twin("3.jpg", "3.jpg", 0) in leaks.twins and leaks.photos == 2
    assert leaks.sentence().startswith(f"{len(leaks.twins)} of 2 test photos look")
    assert find_leaks(train, train).is_same and "trained on" in Leaks(is_same=True).sentence()
    gone = InputReader()
    gone.tf_record_input_reader.input_path.append(str(tmp_path / "gone.record"))
    assert find_leaks(gone, train) is None, "a model that was trained elsewhere"
    assert Leaks(9).sentence() == ""
    cut = reader_of(tmp_path, "cut.record", [1])
    (tmp_path / "cut.record").write_bytes((tmp_path / "cut.record").read_bytes()[:-9])
    assert find_leaks(cut, train, status) is None, "the test can be measured all the same"
    assert "not compared" in status.notes[-1]


HARD = ("<b>cat</b>", "dog & co")
QUESTIONS = {
    "text": "document.body.innerText",
    "images": "document.images.length",
    "broken": "[...document.images].filter(image => !image.naturalWidth).length",
    "loaded": "performance.getEntriesByType('resource').filter(one => !one.name.startsWith('data'))"
    ".length",
    "charts": "document.querySelectorAll('.charts svg').length",
    "cards": "[...document.querySelectorAll('.cards b')].map(one => one.innerText)",
    "classes": "[...document.querySelectorAll('table')[0].querySelectorAll('td:first-child')]"
    ".map(td => td.innerText)",
    "wrong": "document.querySelectorAll('rect.offender').length",
    "gone": "document.querySelectorAll('rect.gone').length",
    "gone colour": "getComputedStyle(document.querySelector('rect.gone')).stroke",
    "captions": "[...document.querySelectorAll('figcaption')].map(one => one.innerText)",
    "too wide": "document.documentElement.scrollWidth > innerWidth",
    "scripts": "document.scripts.length",
    "summaries": "[...document.querySelectorAll('summary')].map(one => one.innerText)",
}


def written(folder, truths, detections, names, leaks=None):
    """Write the page of these detections; gives its path, the details and the answer."""
    matches = match(truths, detections, names)
    coco = coco_figures(truths, detections, names)
    said = answer(matches, names, coco.figures[FIGURES[0]])
    photos = [f"a & <i>{n}.jpg" for n in range(len(truths))]
    details = look_closer(matches, said, photos, leaks)
    path = folder / "eval/report.html"
    result = EvaluateResult(
        Path("models/masks/ckpt-3"), 300, len(truths), coco.figures, coco.per_class, 1.0,
        folder / "eval/metrics.json", answer=said, page=path, warnings=["looks like <one>"],
    )  # fmt: skip
    images = {n: np.full((120, 500, 3), 90, np.uint8) for n in photos_to_show(details)}
    write_page(path, result, details, images)
    return path, details, said


def test_in_a_browser(tmp_path):
    truths, detections = random_images(2, images=30)
    leaks = Leaks(30, (Twin("<u>1.jpg", "2.jpg", 7),))
    page, details, said = written(tmp_path, truths, detections, dict(enumerate(HARD)), leaks)
    seen = ask(page, QUESTIONS, tmp_path)
    first, second = said.sentences()
    assert all(said in seen["text"] for said in (first, second, "looks like <one>"))
    assert seen["cards"][1:] == [f"{said.found} of {said.objects}", f"{said.alarms}", "30"]
    assert set(seen["classes"]) == set(HARD)
    shown = details.worst[:24]
    assert seen["images"] == len(shown) and seen["broken"] == seen["loaded"] == 0
    assert seen["captions"] == [f"{details.photos[n.image]}: {n.in_words()}" for n in shown]
    assert seen["wrong"] == sum(len(one.rows) for one in shown)
    assert seen["gone"] == sum(len(one.missed) for one in shown) > 0
    assert seen["gone colour"] == "rgb(255, 212, 0)"
    assert seen["charts"] == 3 and not seen["too wide"]
    assert seen["scripts"] == 1, "only the question of this test"
    assert [one.partition(" ")[0] for one in seen["summaries"]] == ["1", "The"]
    assert page.stat().st_size < 60_000 * len(shown) and THUMBNAIL_PX < 500


def test_eighty_classes_stay_readable(tmp_path):
    names = {n: f"class number {n}" for n in range(80)}
    truths, detections = [], []
    for number in range(80):
        ids = np.array([number, (number * 7) % 80], np.int32)
        boxes = np.array([BOX, OTHER], np.float32)
        truths.append(GroundTruth(boxes, ids, (480, 640)))
        scores = np.array([0.9, 0.4], np.float32)
        detections.append(Detections(boxes, scores, np.array([number, 3], np.int32), names))
    page, _, said = written(tmp_path, truths, detections, names)
    assert len(said.classes) == 80
    seen = ask(page, QUESTIONS, tmp_path)
    assert len(seen["classes"]) == 12 and "68 more classes" in seen["summaries"]
    assert not seen["too wide"] and "Taken for each other most often" in seen["text"]


@pytest.mark.parametrize("count", [0, 3])
def test_nothing_found_or_nothing_wrong(tmp_path, count):
    image = truth([BOX], [0]), found([BOX], [0], [0.9]) if count else found([], [], [])
    path, details, _ = written(tmp_path, [image[0]] * 3, [image[1]] * 3, NAMES)
    text = path.read_text(encoding="utf-8")
    assert ("No mistakes in the test photos" in text) == (not details.worst) == bool(count)


def test_written_whole_or_not_at_all(tmp_path):
    (tmp_path / "eval").write_text("")
    with raises_problem("not-writable", where="report.html"):
        written(tmp_path, [truth([BOX], [0])], [found([BOX], [0], [0.9])], NAMES)
