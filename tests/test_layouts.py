"""Label, check, split, records and convert give one answer on what each folder is."""

import json
import os

import pytest
from dealing import split, write_parts
from layouts import LAYOUTS

from tfod.data.folders import find_folders
from tfod.data.records.file import read_records
from tfod.errors import UserError
from tfod.steps.check.dataset import read_dataset
from tfod.steps.convert.read_voc import read_voc
from tfod.steps.convert.read_yolo import read_yolo
from tfod.steps.label.sessions import count_labels, count_sessions
from tfod.workspace import Workspace

# what a step may say where there is nothing for it to do
NOTHING = {"no-images", "too-few-images", "part-missing", "nothing-labelled"}


class Here(Workspace):
    """A workspace whose images are its root."""

    @property
    def images(self):
        return self.root


@pytest.fixture(params=LAYOUTS)
def layout(request):
    return LAYOUTS[request.param]


@pytest.fixture
def root(layout, tmp_path, monkeypatch):
    """The folder of a layout."""
    monkeypatch.chdir(tmp_path)
    layout.make(tmp_path / "images")
    return tmp_path / "images"


def below(root, paths):
    return {os.path.relpath(path, root) for path in paths}


def test_there_are_many():
    assert len(LAYOUTS) >= 40


def test_folders(layout, root):
    folders = find_folders(root)
    assert below(root, [session.path for session in folders.sessions]) == set(layout.sessions)
    parts = {part: os.path.relpath(found.path, root) for part, found in folders.parts.items()}
    assert parts == layout.parts
    assert {part.copied for part in folders.parts.values()} <= {layout.made_by_split}
    assert folders.split_by_hand == bool(layout.parts and not layout.made_by_split)


def test_label(layout, root):
    counts = count_sessions(Here(root))
    by_hand = () if layout.made_by_split else layout.parts.values()
    assert below(root, counts) == {*layout.sessions, *by_hand}
    for session in [*layout.sessions, *by_hand]:
        counted = counts[root / session]
        assert counted == count_labels(root / session), "by its name or path"
        assert counted.labelled == len(layout.labelled_in(session))
        done = {image.name for image, _ in _pairs(root, session)} - set(counted.left)
        assert done == below(session, layout.labelled_in(session))


def _pairs(root, session):
    (found,) = [one for one in find_folders(root).originals if one.path == root / session]
    return found.pairs


def test_check(layout, root):
    try:
        dataset = read_dataset(root, decode=False)
    except UserError as error:
        assert error.codes == ["no-images"] and not layout.sessions and not layout.parts
        return
    held = {}
    for photo in dataset.photos:
        folder = os.path.relpath(photo.image_path.parent, root)
        held.setdefault(photo.part, folder)
    used = layout.used
    assert {part: held[part] for part in used} == used
    assert set(held.values()) == {*layout.sessions, *used.values()}
    photos = [photo for photo in dataset.photos if photo.labelled]
    of_people = [photo for photo in photos if not (layout.made_by_split and _is_copy(photo))]
    assert below(root, [photo.image_path for photo in of_people]) == set(layout.labelled)


def _is_copy(photo):
    return (photo.image_path.parent / ".split.json").exists()


def test_split(layout, root, tmp_path):
    """Into another folder: parts of another making are dealt out there like sessions."""
    read = set(layout.sessions) | set(() if layout.made_by_split else layout.parts.values())
    wanted = {name for folder in read for name in layout.labelled_in(folder)}
    try:
        result = split(root, tmp_path / "out")
    except UserError as error:
        assert set(error.codes) <= NOTHING and len(wanted) < 2
        return
    manifests = [json.loads((path / ".split.json").read_text()) for path in result.folders.values()]
    photos = [photo for manifest in manifests for photo in manifest["photos"]]
    assert {os.path.join(photo["session"], photo["file"]) for photo in photos} == wanted
    with_images = {os.path.dirname(name) for name in wanted}
    assert {photo["session"] for photo in photos} == with_images


def test_split_in_place(layout, root):
    """Only its own parts are replaced; a split of another making leads to records."""
    before = sorted(path for path in root.rglob("*"))
    try:
        split(root)
    except UserError as error:
        assert set(error.codes) <= {*NOTHING, "split-by-hand"}
        assert ("split-by-hand" in error.codes) == bool(layout.parts and not layout.made_by_split)
        assert sorted(path for path in root.rglob("*")) == before
    else:
        assert layout.made_by_split or not layout.parts


def test_records(layout, root, tmp_path):
    in_parts = {part: layout.labelled_in(folder) for part, folder in layout.used.items()}
    try:
        results = write_parts(root, tmp_path / "out", tmp_path / "out/map.pbtxt")
    except UserError as error:
        assert set(error.codes) <= NOTHING
        complete = {"train", "test"} <= in_parts.keys()
        assert not complete or not all(in_parts[part] for part in ("train", "test"))
        return
    for part, result in results.items():
        written = {
            record["image/filename"][0].decode()
            for path in result.files
            for record in read_records(path)
        }
        if layout.made_by_split:
            copies = {path.stem for path in (root / part).glob("*.xml")}
            assert {os.path.splitext(name)[0] for name in written} == copies
        else:
            assert written == below(layout.used[part], in_parts[part])
    expected = {part for part, images in in_parts.items() if images or layout.made_by_split}
    assert results.keys() == expected


def test_convert(layout, root):
    """Copies stand for their sessions; folders that lie too deep are read when all do."""
    if layout.by_text:
        data = read_yolo(root)
        rows = {(row.part, os.path.relpath(row.image, root)) for row in data.rows}
        assert {part for part, _ in rows} == layout.parts.keys()
        assert all(name.startswith(layout.parts[part]) for part, name in rows)
        return
    data = read_voc(root)
    rows = {(row.part, os.path.relpath(row.image, root)) for row in data.rows if row.size}
    if layout.made_by_split:
        folders = {part for part, _ in rows}
        assert folders == layout.parts.keys()
        assert {os.path.dirname(name) for _, name in rows} == set(layout.parts.values())
        return
    part_of = {folder: part for part, folder in layout.parts.items()}
    wanted = {(part_of.get(os.path.dirname(name), ""), name) for name in layout.labelled}
    assert rows == wanted
