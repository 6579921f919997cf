"""What is counted from one matching: the mAP of COCO, its interval, thresholds, kinds of errors."""

import numpy as np
import pytest

from tfod.detections import Detections
from tfod.steps.evaluate.answer import answer
from tfod.steps.evaluate.bootstrap import _student_t, interval, mean_average_precision
from tfod.steps.evaluate.coco import FIGURES, GroundTruth, coco_figures
from tfod.steps.evaluate.errors import Kind, kinds_of, lost_precision, missed
from tfod.steps.evaluate.matches import match
from tfod.steps.evaluate.thresholds import SCORES, best_thresholds, curves

NAMES = {0: "cat", 1: "dog"}
BOX, OTHER, FAR = [0.1, 0.1, 0.5, 0.5], [0.5, 0.5, 0.9, 0.9], [0.0, 0.8, 0.1, 0.9]
SHIFTED = [0.1, 0.25, 0.5, 0.65]  # IoU 0.45 with BOX


def truth(boxes, class_ids, **more):
    ids = np.array(class_ids, np.int32)
    return GroundTruth(np.array(boxes, np.float32).reshape(-1, 4), ids, (480, 640), **more)


def found(boxes, class_ids, scores):
    """Detections, sorted by score."""
    order = np.argsort(-np.array(scores), kind="stable")
    boxes = np.array(boxes, np.float32).reshape(-1, 4)[order]
    ids = np.array(class_ids, np.int32)[order]
    return Detections(boxes, np.array(scores, np.float32)[order], ids, NAMES)


def random_images(seed, images=12, classes=2, crowds=True):
    """Objects, and detections near them and anywhere, some of the wrong class or found twice."""
    random = np.random.default_rng(seed)
    truths, detections = [], []
    for _ in range(images):
        count = random.integers(0, 6)
        low = random.random((count, 2)) * 0.7
        boxes = np.concatenate([low, low + 0.05 + random.random((count, 2)) * 0.25], 1)
        ids = random.integers(0, classes, count)
        is_crowd = (random.random(count) < 0.2) & crowds
        truths.append(truth(boxes, ids, is_crowd=is_crowd))
        near = np.repeat(boxes, 3, 0) + random.normal(0, 0.03, (3 * count, 4))
        near = np.sort(near.reshape(-1, 2, 2), axis=1).reshape(-1, 4)
        near_ids = np.where(random.random(3 * count) < 0.8, np.repeat(ids, 3), 1)
        far = random.random((5, 2)) * 0.8
        far = np.concatenate([far, far + 0.1], 1)
        all_ids = [*near_ids, *random.integers(0, classes, 5)]
        scores = random.random(len(all_ids))
        detections.append(found(np.concatenate([near, far]), all_ids, scores))
    return truths, detections


@pytest.mark.parametrize("seed", range(8))
def test_the_map_of_the_matches_is_that_of_coco(seed):
    truths, detections = random_images(seed)
    matches = match(truths, detections, NAMES)
    once = np.ones((1, len(truths)), np.float32)
    (ours,) = mean_average_precision(matches, once)
    theirs = coco_figures(truths, detections, NAMES).figures[FIGURES[0]]
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert 0.02 < ours < 0.9


def test_an_image_drawn_twice_counts_as_two_images():
    truths, detections = random_images(3)
    drawn = np.array([2, 0, 1, 1, 3, *[1] * 7], np.float32)
    (ours,) = mean_average_precision(match(truths, detections, NAMES), drawn[None])
    times = drawn.astype(int)
    again = [[one for one, n in zip(rows, times, strict=True) for _ in range(n)]
             for rows in (truths, detections)]  # fmt: skip
    theirs = coco_figures(*again, NAMES).figures[FIGURES[0]]
    np.testing.assert_allclose(ours, theirs, atol=0.01)  # the order of equal scores differs


def test_the_interval_holds_the_map_and_narrows_with_more_photos():
    few, many = (match(*random_images(1, images), NAMES) for images in (10, 160))
    for matches in (few, many):
        got = interval(matches)
        (value,) = mean_average_precision(matches, np.ones((1, matches.images), np.float32))
        assert got.low < value < got.high and got.resamples == 1000
    assert interval(few).high - interval(few).low > 2 * (interval(many).high - interval(many).low)


@pytest.mark.parametrize(
    ("truths", "detections"),
    [
        ([truth([BOX], [0])], [found([BOX], [0], [0.9])]),
        ([truth([], [])] * 3, [found([BOX], [0], [0.9])] * 3),
        ([], []),
    ],
    ids=["one image", "no objects", "no images"],
)
def test_what_cannot_tell_has_no_interval(truths, detections):
    matches = match(truths, detections, NAMES)
    assert interval(matches) is None
    assert set(lost_precision(matches).values()) <= {0.0}
    said = answer(matches, NAMES, None).sentences()
    assert "cannot say" in said[-1]


def test_thresholds_separate_what_is_right_from_what_is_not():
    """True ones score 0.4 to 0.9 and false ones under 0.3: the middle between is best."""
    truths = [truth([BOX, OTHER], [0, 1])] * 50
    right = found([BOX, OTHER, FAR, FAR], [0, 1, 0, 1], [0.4, 0.9, 0.2, 0.3])
    counted = curves(match(truths, [right] * 50, NAMES))
    at = best_thresholds(counted, weight_of_all=0)
    np.testing.assert_allclose(at, [0.30, 0.60], atol=0.011)
    assert counted.recall()[:, 0].tolist() == [1, 1]
    assert counted.precision()[:, 0].tolist() == [0.5, 0.5]
    f1 = counted.f1()[0]
    assert f1[np.searchsorted(SCORES, 0.25)] == 1 and f1[np.searchsorted(SCORES, 0.45)] == 0


def test_a_class_with_few_objects_takes_the_threshold_of_all():
    truths = [truth([BOX], [0])] * 100 + [truth([OTHER], [1])]
    detections = [found([BOX, FAR], [0, 0], [0.6, 0.4])] * 100
    detections += [found([OTHER], [1], [0.1])]  # one lucky dog
    counted = curves(match(truths, detections, NAMES))
    own, chosen = best_thresholds(counted, weight_of_all=0), best_thresholds(counted)
    assert own[1] < 0.11 and chosen[0] == own[0] and abs(chosen[1] - chosen[0]) < 0.02
    assert len(set(best_thresholds(counted, np.inf))) == 1


def test_nothing_found_keeps_the_usual_threshold():
    counted = curves(match([truth([BOX], [0])] * 2, [found([], [], [])] * 2, NAMES))
    assert best_thresholds(counted).tolist() == [0.5, 0.5]


def test_each_detection_has_its_kind():
    image = truth([BOX, OTHER], [0, 1])
    detections = {
        Kind.RIGHT: (BOX, 0, 0.9),
        Kind.DOUBLE: (BOX, 0, 0.8),
        Kind.PLACE: (SHIFTED, 0, 0.7),
        Kind.WRONG_CLASS: (OTHER, 0, 0.6),
        Kind.BOTH: (SHIFTED, 1, 0.5),
        Kind.BACKGROUND: (FAR, 0, 0.4),
    }
    matches = match([image], [found(*zip(*detections.values(), strict=True))], NAMES)
    kinds = kinds_of(matches)
    assert kinds.tolist() == list(detections)
    assert not missed(matches, kinds).any(), "the dog was taken for a cat"
    shown = matches.score > 0.65
    assert missed(matches, kinds, shown).tolist() == [False, True]
    crowd = truth([BOX, OTHER], [0, 1], is_crowd=np.array([True, False]))
    inside = match([crowd], [found([[0.2, 0.2, 0.3, 0.3]], [0], [0.9])], NAMES)
    assert kinds_of(inside).tolist() == [Kind.NOT_COUNTED]


@pytest.mark.parametrize(
    ("mistake", "detections"),
    [
        (Kind.MISSED, ([BOX], [0], [0.9])),
        (Kind.WRONG_CLASS, ([BOX, OTHER], [0, 0], [0.5, 0.9])),
        (Kind.PLACE, ([OTHER, SHIFTED], [1, 0], [0.8, 0.9])),
        (Kind.BACKGROUND, ([BOX, FAR, OTHER], [0, 0, 1], [0.8, 0.9, 0.9])),
        (Kind.DOUBLE, ([BOX, BOX, OTHER, FAR], [0, 0, 1, 0], [0.8, 0.9, 0.8, 0.1])),
    ],
    ids=lambda value: value.name if isinstance(value, Kind) else "",
)
def test_the_kind_of_mistake_that_was_made_costs_most(mistake, detections):
    truths = [truth([BOX, OTHER], [0, 1]), truth([BOX], [0])]
    images = [found(*detections), found([BOX], [0], [0.3])]
    lost = lost_precision(match(truths, images, NAMES))
    assert max(lost, key=lost.get) == mistake and lost[mistake] > 0
    assert min(lost.values()) >= 0


def test_the_answer_in_words():
    truths, detections = random_images(0)
    matches = match(truths, detections, NAMES)
    said = answer(matches, NAMES, 0.31)
    first, second = said.sentences()
    assert first.startswith(f"finds {said.found} of {said.objects} objects, {said.alarms} false")
    assert "with 12 test photos the true mAP lies between" in second and "12 are few" in second
    assert said.objects == sum((~one.is_crowd).sum() for one in truths)


@pytest.mark.parametrize(("freedom", "value"), [(3, 3.182), (7, 2.365), (19, 2.093), (159, 1.975)])
def test_student_t(freedom, value):
    np.testing.assert_allclose(_student_t(freedom), value, rtol=0.04)


def test_photos_for_validation_choose_the_thresholds():
    truths, detections = random_images(0, images=40)
    test, val = match(truths, detections, NAMES), match(*random_images(9, images=40), NAMES)
    said = answer(test, NAMES, 0.3, chosen_on=val)
    assert [one.min_score for one in said.classes] == best_thresholds(curves(val)).tolist()
    assert said.objects == answer(test, NAMES, 0.3).objects
