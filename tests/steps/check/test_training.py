"""Boxes that the network cannot learn well are counted, whatever size the photos have."""

from pathlib import Path

import numpy as np
import pytest

from tfod import boxes as box_sums
from tfod.config.templates import default_config, new_config
from tfod.data.annotation import Annotation
from tfod.data.example import Example
from tfod.data.folders import Folders
from tfod.data.image_open import Header
from tfod.data.scan import Photo
from tfod.model.anchors import anchor_boxes
from tfod.steps.check import training
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.settings import Settings
from tfod.workspace import Workspace


def dataset(*photos, config=None, size=(480, 640), copied=False):
    """A data set of photos, each a list of (class, (xmin, ymin, xmax, ymax) in pixels)."""
    made = []
    for index, objects in enumerate(photos):
        boxes = box_sums.from_xyxy_px([box for _, box in objects], *size)
        example = Example(Path(f"{index}.jpg"), *size, boxes, [name for name, _ in objects])
        header = Header(*size, "JPEG", 1, True)
        image, xml = Path(f"{index}.jpg"), Path(f"{index}.xml")
        annotation = Annotation(xml)
        photo = Photo(image, xml, "s1", copied, annotation, header=header, example=example)
        made.append(photo)
    return Dataset(Folders(Path("images"), ()), made, settings=Settings(config=config))


def at(width, height, xmin=101.0, ymin=103.0):
    return (xmin, ymin, xmin + width, ymin + height)


def test_tiny_boxes_are_counted_at_the_size_of_the_config():
    data = dataset([("a", at(20, 7)), ("a", at(20, 6)), ("b", at(5, 50))], [("a", at(90, 90))])
    (tiny,) = training.too_small_to_train(data)  # at 640x640 7 px of 480 are 9.3
    assert (tiny.code, tiny.severity, tiny.count) == ("box-tiny-in-training", "warning", 1)
    assert "(b 1 of 1)" in tiny.problem.what and "640x640" in tiny.problem.what
    assert str(tiny.places[0]) == '0.xml: "b" 5x66.7 px at that size'
    data.settings.config = new_config(Workspace("."), 2, size=320)
    (tiny,) = training.too_small_to_train(data)
    assert tiny.count == 3 and "(a 2 of 3, b 1 of 1)" in tiny.problem.what
    data.settings.config = new_config(Workspace("."), 2, size=1280)
    assert training.too_small_to_train(data) == []


def test_exactly_eight_pixels_are_enough():
    for start in np.linspace(0, 600, 97):
        data = dataset([("a", at(8, 8, start, start))], size=(640, 640))
        assert training.too_small_to_train(data) == []


def test_boxes_that_no_anchor_fits():
    objects = [("a", at(100, 100)), ("a", at(12, 12)), ("b", at(400, 40)), ("b", at(60, 120))]
    (unfit,) = training.no_anchor_fits(dataset(objects, size=(640, 640)))
    assert (unfit.code, unfit.severity, unfit.count) == ("box-fits-no-anchor", "warning", 2)
    what = unfit.problem.what
    assert what.startswith("boxes ") and "50% of 4" in what and "(a 1 of 2, b 1 of 2)" in what
    assert "only to its best anchor and learned slowly" in what
    assert "1 smaller than the smallest anchor (32 px)" in what
    # no label map yet: no command could make the config
    assert unfit.problem.advice.arguments == {
        "value": "a network of 1216x1216 px"
    }  # 12 px are 22.8 there
    assert [place.detail[:3] for place in unfit.places] == ['"a"', '"b"']  # the worst one first


def test_the_count_is_that_of_all_anchors():
    chance = np.random.default_rng(0)
    boxes = [at(*np.exp(chance.uniform(1, 5.5, 2))) for _ in range(200)]
    data = dataset([("a", box) for box in boxes], size=(640, 640))
    anchors = anchor_boxes(default_config().model.ssd, (640, 640))
    expected = box_sums.iou(data.photos[0].example.boxes, anchors).max(axis=1) < 0.5
    (unfit,) = training.no_anchor_fits(data)
    assert unfit.count == expected.sum() > 20


def test_another_ratio_and_no_forced_match_count():
    config = new_config(Workspace("."), 1)
    data = dataset([("b", at(400, 40, ymin=92))], size=(640, 640), config=config)
    config.model.ssd.matcher.argmax_matcher.force_match_for_each_row = False
    (unfit,) = training.no_anchor_fits(data)
    assert "not learned at all" in unfit.problem.what
    assert unfit.problem.advice.arguments["value"].endswith(", 10, 0.1]")
    generator = config.model.ssd.anchor_generator.multiscale_anchor_generator
    generator.aspect_ratios.extend([10, 0.1])
    assert training.no_anchor_fits(data) == []


def test_few_unfit_boxes_are_no_warning():
    objects = [("a", at(100, 100))] * 30 + [("a", at(12, 12))]
    (unfit,) = training.no_anchor_fits(dataset(objects, size=(640, 640)))
    assert (unfit.severity, unfit.count) == ("info", 1)


@pytest.mark.parametrize(("boxes", "severity"), [(1, "info"), (4, "info"), (5, "warning")])
def test_a_class_of_few_boxes_is_no_reason_for_a_larger_network(boxes, severity):
    objects = [("a", at(100, 100))] * 95 + [("b", at(12, 12))] * boxes
    (unfit,) = training.no_anchor_fits(dataset(objects, size=(640, 640)))
    assert (unfit.severity, unfit.count) == (severity, boxes)


def test_without_a_size_that_cures_all_the_one_that_cures_most_is_named():
    objects = [("a", at(20, 20))] * 95 + [("b", at(2, 2))] * 5
    (unfit,) = training.no_anchor_fits(dataset(objects, size=(640, 640)))
    assert unfit.count == 100
    assert unfit.problem.advice.arguments == {"value": "a network of 736x736 px"}


def test_many_classes_are_not_all_listed():
    objects = [(f"c{index:02}", at(12, 12)) for index in range(11)]
    objects += [("c03", at(12, 12)), ("z", at(100, 100))]
    (unfit,) = training.no_anchor_fits(dataset(objects, size=(640, 640)))
    assert "(c03 2 of 2, c00 1 of 1, " in unfit.problem.what and "and 3 more)" in unfit.problem.what


def test_copies_and_suggestions_do_not_count():
    data = dataset([("a", at(3, 3))])
    data.photos[0].annotation = Annotation(Path("0.xml"), suggested_by="masks")
    assert training.too_small_to_train(data) == training.no_anchor_fits(data) == []
    data = dataset([("a", at(3, 3))], copied=True)
    assert training.too_small_to_train(data) == training.no_anchor_fits(data) == []


@pytest.mark.parametrize(
    "check", [training.too_small_to_train, training.no_anchor_fits, training.stretched]
)
def test_nothing_labelled_is_no_finding(check):
    assert check(dataset()) == check(dataset([])) == []


def test_long_photos_are_stretched():
    (found,) = training.stretched(dataset([], [], size=(300, 700)))
    assert (found.code, found.severity, found.count) == ("photo-stretched", "info", 2)
    wide = new_config(Workspace("."), 1, size=(320, 640))
    assert training.stretched(dataset([], size=(300, 700), config=wide)) == []


def test_a_batch_of_more_images_than_there_are():
    photos = [[("a", at(90, 90))]] * 3
    (found,) = training.batch_too_large(
        dataset(*photos, config=new_config(Workspace("."), 1, batch_size=8))
    )
    assert (found.code, found.severity, found.count) == ("batch-too-large", "warning", 8)
    assert "only 3" in found.problem.what
    assert (
        training.batch_too_large(
            dataset(*photos, config=new_config(Workspace("."), 1, batch_size=3))
        )
        == []
    )
    assert training.batch_too_large(dataset(*photos)) == []
