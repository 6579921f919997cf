"""The report as a page: in a real browser, and whatever stands in names and paths."""

from pathlib import Path

import numpy as np
import pytest
from browser import ask
from refusals import raises_problem

from tfod.camera.scenes import draw_scene
from tfod.data.annotation import Annotation
from tfod.data.example import Example
from tfod.data.folders import Folders
from tfod.data.images import write_image
from tfod.data.scan import Photo
from tfod.show.colours import class_colour
from tfod.steps.check.charts import box_table, draw_classes, draw_contact_sheet, draw_sizes
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Place, in_order, report
from tfod.steps.check.page import write_page
from tfod.steps.check.report import Report

CLASSES = ("<b>alpha</b>", "beta & co")
QUESTIONS = {
    "images": "document.images.length",
    "broken": "[...document.images].filter(image => !image.naturalWidth).length",
    "rects": "document.querySelectorAll('.photo rect').length",
    "offender": "getComputedStyle(document.querySelector('rect.offender')).strokeDasharray",
    "legend": "[...document.querySelectorAll('.legend span')].map(span => span.innerText)",
    "chips": "[...document.querySelectorAll('.legend .chip')]"
    ".map(chip => getComputedStyle(chip).backgroundColor)",
    # the box in question and the picture around it, in pixels of the screen, and of the picture
    "in question": "(r => [r.left, r.top, r.right, r.bottom])("
    "document.querySelector('rect.offender').getBoundingClientRect())",
    "cutout": "(r => [r.left, r.top, r.right, r.bottom])("
    "document.querySelector('.photo img').getBoundingClientRect())",
    "cutout size": "(i => [i.naturalHeight, i.naturalWidth])(document.querySelector('.photo img'))",
    "loaded": "performance.getEntriesByType('resource').filter(one => !one.name.startsWith('data'))"
    ".length",
    "charts": "document.querySelectorAll('.charts svg').length",
    "findings": "[...document.querySelectorAll('summary')].map(found => found.innerText)",
    "remedies": "[...document.querySelectorAll('details p')].map(remedy => remedy.textContent)",
    "open": "document.querySelectorAll('details[open]').length",
    "classes": "[...document.querySelectorAll('table tr td:first-child')].map(td => td.innerText)",
    "bars": "[...document.querySelectorAll('.bar')].map(bar => bar.offsetWidth)",
    "too wide": "document.documentElement.scrollWidth > innerWidth",
    "scripts": "document.scripts.length",
    # the first box of the first photo of the list, and that photo, in pixels of the screen
    "box": "(r => [r.left, r.top, r.right, r.bottom])([...document.querySelectorAll('.photos')]"
    ".at(-1).querySelector('rect').getBoundingClientRect())",
    "photo": "(r => [r.left, r.top, r.right, r.bottom])([...document.querySelectorAll('.photos')]"
    ".at(-1).querySelector('img').getBoundingClientRect())",
}


@pytest.fixture
def examples(tmp_path):
    """Twelve labelled scenes, the first with a box at a known place."""
    made = []
    for index in range(12):
        image, boxes, names = draw_scene(index, CLASSES, (120, 160))
        if index == 0:
            boxes, names = np.array([[0.25, 0.5, 0.75, 1.0]], np.float32), [CLASSES[0]]
        path = tmp_path / "photos" / f"a & <i>{index}.jpg"
        write_image(path, image)
        made.append(("train" if index < 8 else "test", Example(path, 120, 160, boxes, names)))
    return made


def findings(examples):
    """An error at a box, a warning of many photos, and one of a file that is no image."""
    image = examples[3][1].image_path
    box = np.array([[0.5, 0.75, 0.7, 1.2]], np.float32)  # 24x40 px of 120x160, 72 to the right
    place = Place(image.with_suffix(".xml"), 17, "<script>xmax 190, width 160", image, box)
    many = [Place(example.image_path) for _, example in examples] * 3
    gone = [Place(Path("gone.jpg"), None, "not there", Path("gone.jpg"))]
    return in_order(
        [
            *report("split-lacks-photos", many),
            *report("box-outside-image", [place]),
            *report("exif-rotation", gone),
        ]
    )


def report_on(folder, examples, findings=()):
    """The report of a data set with these labelled photos."""
    photos = [
        Photo(example.image_path, None, part, annotation=Annotation(Path()), example=example)
        for part, example in examples
    ]
    return Report(Dataset(Folders(folder, ()), photos), list(findings))


def test_in_a_browser(examples, tmp_path):
    page = tmp_path / "report.html"
    write_page(page, report_on(tmp_path / "photos", examples, findings(examples)))
    seen = ask(page, QUESTIONS, tmp_path)
    assert seen["images"] == 12 + 1 + 8
    assert seen["broken"] == 0
    boxes = sum(len(example.names) for _, example in examples)
    assert seen["rects"] >= boxes + 2
    assert seen["offender"] != "none"
    assert seen["charts"] == 2 and seen["loaded"] == 0
    assert seen["legend"] == [*seen["classes"], "box in question"]
    assert f"rgb{class_colour(0)}" in seen["chips"]
    assert [said.split()[0] for said in seen["findings"]] == ["error", "warning", "info"]
    assert seen["open"] == 1
    assert not any("tfod" in remedy or "--" in remedy for remedy in seen["remedies"])
    assert seen["remedies"][0] == "Start the repair, which keeps a backup."
    assert set(seen["classes"]) == set(CLASSES)
    assert max(seen["bars"]) > 200
    assert not seen["too wide"]
    assert seen["scripts"] == 1, "only the question of this test"
    assert seen["cutout size"] == [120, 120], "the longer side three times"
    left, top, right, bottom = seen["cutout"]
    scale = (right - left) / 120
    wanted = [left + 80 * scale, top + 60 * scale, right, top + 84 * scale]
    assert np.allclose(seen["in question"], wanted, atol=4)
    left, top, right, bottom = seen["photo"]
    height, width = bottom - top, right - left
    wanted = [left + 0.5 * width, top + 0.25 * height, right, top + 0.75 * height]
    assert np.allclose(seen["box"], wanted, atol=3)


def test_nothing_found_and_nothing_there(examples, tmp_path):
    page = tmp_path / "report.html"
    write_page(page, report_on(tmp_path, examples))
    assert "No problems found" in page.read_text(encoding="utf-8")
    write_page(page, report_on(tmp_path, []))
    text = page.read_text(encoding="utf-8")
    assert "<svg" not in text and text.endswith("</html>\n")


def test_written_whole_or_not_at_all(examples, tmp_path):
    (tmp_path / "file").write_text("")
    with raises_problem("not-writable", where="report.html"):
        write_page(tmp_path / "file" / "report.html", report_on(tmp_path, examples))


def test_a_table_of_boxes(examples):
    table = box_table(examples)
    first = table.iloc[0]
    assert first["class"] == CLASSES[0] and first["part"] == "train"
    assert (first.height_px, first.width_px, first.area) == (60, 80, 0.25)
    assert len(table) == sum(len(example.names) for _, example in examples)


def test_a_sheet_of_photos(examples):
    loaded = [example for _, example in examples]
    sheet = draw_contact_sheet(loaded, columns=4, rows=2, photo_px=100)
    height = round(94 * 3 / 4) + 6
    assert sheet.shape == (2 * height, 400, 3) and (sheet[height - 6 : height] == 255).all()
    first = sheet[:75, :100].astype(int)
    frame = np.abs(first - class_colour(0)).sum(axis=2) < 60
    assert frame.sum() > 40
    gone = Example(Path("gone.jpg"), 10, 10)
    assert draw_contact_sheet([*loaded[:2], gone], columns=4, photo_px=50).shape == (33 + 6, 200, 3)


def test_bars_of_classes(examples):
    figure = draw_classes(box_table(examples))
    (axes,) = figure.axes
    wide = sum(bar.get_width() for bar in axes.patches)
    assert wide == sum(len(example.names) for _, example in examples)


@pytest.mark.parametrize("least_px", [0, 320, 10_000])
def test_sizes_fill_the_chart(examples, least_px):
    """Boxes of nearly one size are no single dot in a corner."""
    table = box_table(examples[:1] * 3)
    table["xmax"] += [0, 0.01, 0.02]
    (axes,) = draw_sizes(table, least_px).axes
    for limits, values in (
        (axes.get_xlim(), 100 * (table.xmax - table.xmin)),
        (axes.get_ylim(), 100 * (table.ymax - table.ymin)),
    ):
        assert limits[0] < values.min() and values.max() < limits[1] < 2 * limits[0]
    assert len(axes.get_xticks()) >= 3
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert len(texts) == len(set(texts))


def test_boxes_without_area_or_far_outside_are_shown(examples, tmp_path):
    boxes = [[0.5, 0.5, 0.5, 0.5], [2, 2, 3, 3], [-1, 0.2, 0.1, 0.3], [0, 0, 1, 1]]
    image = examples[3][1].image_path
    places = [Place(image, None, "", image, np.array([box], np.float32)) for box in boxes]
    places.append(Place(image, None, "", image, np.array([[np.nan, 0, 1, 1]], np.float32)))
    page = tmp_path / "report.html"
    write_page(page, report_on(tmp_path, examples, report("box-zero-area", places)))
    assert page.read_text(encoding="utf-8").count('class="offender"') == 4
