"""The tutorial's CSV: any order of columns, what is lost, and what is refused with its line."""

import pytest
from converting import convert, read_csv
from dealing import write_parts
from PIL import Image
from refusals import raises_problem

from tfod.data.example import Example, boxes_xyxy_px
from tfod.data.voc import read_voc, write_voc
from tfod.errors import UserError
from tfod.remedies import Remedy

HEADER = "filename,width,height,class,xmin,ymin,xmax,ymax\n"
BAD = "bad-entry"
ROW = "a.png,100,50,cat,10,5,30.5,25\n"


@pytest.fixture
def table(tmp_path):
    def write(text, name="labels.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    "text",
    [
        HEADER + ROW,
        "\ufeff" + (HEADER + ROW).replace("\n", "\r\n"),
        HEADER.upper() + ROW + "\n  \n",
        "class,xmax,xmin,ymax,ymin,filename\ncat,30.5,10,25,5,a.png\n",
        "filename, width, height, class, xmin, ymin, xmax, ymax\n" + ROW.replace(",", ", "),
        HEADER + '"a.png","100","50","cat","10","5","30.5","25"',
        (HEADER + ROW).encode("utf-16"),
    ],
)
def test_spellings(table, tmp_path, text):
    Image.new("1", (100, 50)).save(tmp_path / "a.png")
    (example,) = read_csv(table(text)).examples
    assert boxes_xyxy_px(example) == [(10, 5, 30.5, 25)] and example.names == ("cat",)


def test_rows_of_an_image_come_together_and_other_columns_are_lost(table):
    text = HEADER.replace("\n", ",depth\n") + "".join(
        ROW.replace("\n", f",{depth}\n").replace("a.png", name)
        for name, depth in (("a.png", 3), ("b.png", ""), (r"x\a.png", 3), ("a.png", 3))
    )
    found = read_csv(table(text))
    assert [len(example.names) for example in found.examples] == [2, 1, 1]
    assert found.lost == {'values of column "depth"': 3}


def test_a_row_without_a_class_is_an_image_without_objects(table, tmp_path):
    convert(table(HEADER + ROW + "b.png,10,20,,,,,\n"), tmp_path / "out", take="leave")
    assert len(read_voc(tmp_path / "out/b.xml").names) == 0


def test_what_records_writes_comes_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for part in ("train", "test"):
        image = tmp_path / f"workspace/images/{part}/{part}.png"
        image.parent.mkdir(parents=True)
        Image.new("RGB", (100, 50)).save(image)
        box = [[0.1, 0.2, 0.3, 1 / 3]]
        write_voc(image.with_suffix(".xml"), Example(image, 50, 100, box, ("cat",)))
    notes = tmp_path / "annotations"
    write_parts(tmp_path / "workspace/images", notes, notes / "l.pbtxt", with_csv=True)
    result = convert(notes, tmp_path / "out", "csv", "voc")
    assert result.images == {"train": 1, "test": 1} and result.images_taken == 2
    for part in ("train", "test"):
        before = read_voc(tmp_path / f"workspace/images/{part}/{part}.xml")
        after = read_voc(tmp_path / f"out/{part}/{part}.xml")
        assert after.boxes.tobytes() == before.boxes.tobytes()


@pytest.mark.parametrize(
    "text, code, fields",
    [
        ("", "csv-empty", {}),
        (HEADER, "csv-empty", {}),
        (HEADER.replace(",", ";"), "csv-header", {"line": 1, "what": "semicolons"}),
        (HEADER.replace("xmin", "x"), "csv-header", {"line": 1, "what": "no column xmin"}),
        (HEADER.replace("xmin", "xmax"), "csv-header", {"what": "two columns xmax"}),
        (HEADER.replace("width", "class"), "csv-header", {"what": "two columns class"}),
        (HEADER + "a.png,100,50,cat,1,2,3", BAD, {"line": 2, "expected": 8, "got": 7}),
        (HEADER + ROW + "a.png,100,50,cat,1,5,2,5,30,25", BAD, {"line": 3, "got": 10}),
        (HEADER + ROW.replace("30.5", '"30,5"'), BAD, {"line": 2, "what": "xmax", "got": '"30,5"'}),
        (HEADER + ROW.replace("30.5", "nan"), BAD, {"what": "xmax", "got": '"nan"'}),
        (HEADER + ROW.replace("30.5", ""), BAD, {"what": "xmax", "got": '""'}),
        (HEADER + ROW.replace("cat", ""), BAD, {"line": 2, "what": "no class"}),
        (HEADER + ROW.replace("a.png", ""), BAD, {"line": 2, "what": "no filename"}),
        (HEADER + ROW.replace("100", "0"), BAD, {"line": 2, "got": "0x50"}),
        (HEADER + ROW.replace("100", "wide"), BAD, {"what": "width", "got": '"wide"'}),
        (
            HEADER + ROW + ROW.replace("100", "90"),
            BAD,
            {"line": 3, "what": "on line 2", "expected": "100x50", "got": "90x50"},
        ),
        (HEADER + ROW.replace("30.5", "130"), "box-outside-image", {"line": 2}),
        (HEADER + ROW + ROW.replace("30.5", "10"), "box-zero-area", {"line": 3}),
        (HEADER + ROW.replace("100,50", ","), "image-size-unknown", {"line": 2}),
        (HEADER + ROW.replace("100", "1e30"), "image-size-unknown", {"line": 2, "got": "1e+30x50"}),
        (b"\xff\xfa\x00" + HEADER.encode(), "not-utf8", {}),
    ],
)
def test_what_is_refused(table, tmp_path, text, code, fields):
    with raises_problem(code, where="labels.csv", **fields):
        convert(table(text), tmp_path / "out", take="leave")
    assert not (tmp_path / "out").exists()


def test_problems_of_all_rows_are_reported_together(table):
    with pytest.raises(UserError) as caught:
        read_csv(table(HEADER + ROW.replace("cat", "") * 30))
    assert caught.value.codes == ["bad-entry"] * 30
    assert not any(problem.advice.action == Remedy.SET for problem in caught.value.problems)


def test_a_csv_in_each_part_as_roboflow_writes_them(tmp_path):
    for part in ("train", "valid", "test"):
        folder = tmp_path / "in" / part
        folder.mkdir(parents=True)
        Image.new("1", (100, 50)).save(folder / f"{part}.png")
        (folder / "_annotations.csv").write_text(HEADER + ROW.replace("a.png", f"{part}.png"))
    result = convert(tmp_path / "in", tmp_path / "out", to_format="voc")
    assert (result.source_format, result.images_taken) == ("csv", 3)
    assert result.images == {"train": 1, "val": 1, "test": 1}
    assert read_voc(tmp_path / "out/val/valid.xml").names == ("cat",)


def test_a_csv_of_something_else_in_a_part_is_no_second_format(table, tmp_path):
    Image.new("1", (100, 50)).save(tmp_path / "a.png")
    convert(table(HEADER + ROW), tmp_path / "voc", to_format="voc")
    folder = tmp_path / "voc/runs/train"
    folder.mkdir(parents=True)
    (folder / "results.csv").write_text("epoch,loss\n1,2\n")
    assert convert(tmp_path / "voc", tmp_path / "coco.json").source_format == "voc"


def test_a_csv_in_a_folder_that_is_no_part_is_none_of_the_set(table, tmp_path):
    (tmp_path / "notes").mkdir()
    table("a,b\n1,2\n", "notes/times.csv")
    with raises_problem("no-labels", where=tmp_path):
        convert(tmp_path, tmp_path / "out", from_format="csv")
