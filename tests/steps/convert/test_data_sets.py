"""Every layout of other tools is read box by box, and a broken twin of it refused."""

import pytest
from converting import convert
from data_sets import ALL, BOXES, DATA_SETS, shown_in, text

from tfod.data.example import boxes_xyxy_px
from tfod.data.voc import read_voc
from tfod.errors import UserError

STRAY = {
    "notes.txt": "Taken in May, 2 cats.\n",
    "metadata.json": '{"created": "2026-05-01", "images": 3}',
    "times.csv": "file,seconds\na.jpg,3\n",
    "trainval.txt": "a\nb\nc\n",
    "README.md": "# Cats\n",
}


@pytest.fixture(params=DATA_SETS)
def data_set(request):
    return DATA_SETS[request.param]


@pytest.fixture
def source(data_set, tmp_path):
    """The folder of a layout, or its file."""
    data_set.make(tmp_path / "in")
    return tmp_path / "in" / data_set.read


def read_back(folder, spaces):
    """Photo -> part and boxes, as they were written."""
    found = {}
    for xml in folder.rglob("*.xml"):
        (image,) = (path for path in xml.parent.glob(f"{xml.stem}.*") if path != xml)
        part = xml.parent.relative_to(folder).as_posix().strip(".")
        example = read_voc(xml)
        names = [name.replace("_", " ") if spaces else name for name in example.names]
        boxes = [
            (name, *(round(value, 3) for value in box))
            for name, box in zip(names, boxes_xyxy_px(example), strict=True)
        ]
        found[shown_in(image)] = (part, boxes)
    return found


def test_each_box_comes_over(data_set, source, tmp_path):
    result = convert(source, tmp_path / "out", to_format="voc")
    assert result.source_format == data_set.format
    wanted = {name: (part, BOXES[name]) for part, names in data_set.parts.items() for name in names}
    assert read_back(tmp_path / "out", data_set.format == "kitti") == wanted


def test_strays_are_no_labels(data_set, source, tmp_path):
    if source.is_file():
        return
    for name, content in STRAY.items():
        text(source / name, content)
    result = convert(source, tmp_path / "out", to_format="yolo")
    assert (result.source_format, sum(result.images.values())) == (data_set.format, len(ALL))


def test_a_broken_twin_is_refused_whole(data_set, source, tmp_path):
    root = source if source.is_dir() else source.parent
    broken = next(path for path in sorted(root.rglob("*")) if path.name.endswith(data_set.broken))
    content = broken.read_bytes()
    is_text = data_set.broken.endswith("txt")
    broken.write_bytes(content + b"0 1 x 2 3\n" if is_text else content[: len(content) * 2 // 3])
    with pytest.raises(UserError) as caught:
        convert(source, tmp_path / "out", to_format="voc")
    assert any(str(problem.where).endswith(broken.name) for problem in caught.value.problems)
    assert not (tmp_path / "out").exists()
