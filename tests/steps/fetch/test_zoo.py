"""Names of published checkpoints."""

import pytest
from refusals import raises_problem

from tfod.steps.fetch import zoo

LITE_320, LITE_640 = (f"ssd_mobilenet_v2_fpnlite_{size}x{size}_coco17_tpu-8" for size in (320, 640))


@pytest.mark.parametrize("model", zoo.PUBLISHED, ids=lambda model: model.name)
def test_each_is_found_by_its_name_however_it_is_written(model):
    for text in [
        *(model.name, model.name.upper(), f"{model.name}.tar.gz", f" {model.name}/ "),
        *(f"pre-trained-models/{model.name}/", f"pre-trained-models\\{model.name}"),
        f"{zoo.ADDRESS}/{model.name}.tar.gz",
    ]:
        assert zoo.find(text) is model


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("320", LITE_320), ("640", LITE_640), ("mobilenet-320", LITE_320)),
        *(("MobileNetV2 640", LITE_640), ("fpnlite_320x320", LITE_320)),
        ("resnet50-1024", "ssd_resnet50_v1_fpn_1024x1024_coco17_tpu-8"),
        ("mobilenet_v1", "ssd_mobilenet_v1_fpn_640x640_coco17_tpu-8"),
    ],
)
def test_parts_of_a_name(text, name):
    assert zoo.find(text).name == name


@pytest.mark.parametrize(
    ("text", "code", "action", "arguments"),
    [
        (
            *("resnet50", "checkpoint-ambiguous", "use"),
            {"value": [f"ssd_resnet50_v1_fpn_{n}x{n}_coco17_tpu-8" for n in (640, 1024)]},
        ),
        ("mobilenet", "checkpoint-ambiguous", "use", {"value": [LITE_320, LITE_640]}),
        (
            *("ssd_mobilnet_v2_fpnlite_320x320_coco17_tpu8", "unknown-checkpoint"),
            *("did-you-mean", {"name": LITE_320}),
        ),
        *(
            (text, "unknown-checkpoint", "run", {"step": "fetch", "list": True})
            for text in ("yolov8n", "", "/", "--")
        ),
    ],
)
def test_what_is_not_clear(text, code, action, arguments):
    with raises_problem(code, where=f'"{text}"', remedy=action) as problems:
        zoo.find(text)
    assert problems[0].advice.arguments == arguments


def test_the_table():
    """Figures of the page of the zoo; the trained ones are the ones with known variables."""
    figures = {model.name: (model.speed_ms, model.coco_map) for model in zoo.PUBLISHED}
    assert len(figures) == 9 and zoo.BY_NAME[zoo.DEFAULT].trains
    assert figures[LITE_320] == (22, 22.2) and figures[LITE_640] == (39, 28.2)
    assert figures["ssd_resnet152_v1_fpn_1024x1024_coco17_tpu-8"] == (111, 39.6)
    assert [m.name for m in zoo.PUBLISHED if m.trains] == [LITE_320, LITE_640]
    assert all((m.variables is not None) == m.trains for m in zoo.PUBLISHED)
    assert zoo.BY_NAME[LITE_320].extractor == "ssd_mobilenet_v2_fpn_keras"
