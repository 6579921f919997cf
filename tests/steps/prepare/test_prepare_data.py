"""Split and records are made where they are missing or old, and nothing of the user's is lost."""

import os
from pathlib import Path

import pytest
from layouts import LABELLED, Layout, photos
from refusals import raises_problem

from tfod.data.records.file import read_records
from tfod.progress import Status
from tfod.remedies import Remedy
from tfod.steps.prepare.data import prepare_data
from tfod.workspace import Workspace

IMAGES = Path("workspace/images")
RECORDS = ("annotations/train.record", "annotations/test.record")


@pytest.fixture
def prepare(workspace):
    """Prepare the data; give the first word of each note: the steps that ran."""

    def run(agrees=False):
        asked, progress = [], Status()
        prepare_data(Workspace(workspace), progress, lambda question: asked.append(1) or agrees)
        run.notes = progress.notes
        steps = [note.partition(":")[0] for note in progress.notes]
        return [step for step in steps if step != "note"], len(asked)

    return run


def later(path):
    """Let a file be newer than all that was written so far."""
    newest = max(one.stat().st_mtime for one in Path().rglob("*"))
    os.utime(path, (newest + 5, newest + 5))


def held(record):
    return sorted(one["image/filename"][0].decode() for one in read_records(Path(record)))


def test_a_session_is_split_and_recorded_once(prepare):
    Layout(photos("s1/", 6)).make(IMAGES)
    assert prepare() == (["split", "records"], 0)
    written = [Path(file).read_bytes() for file in RECORDS]
    assert prepare() == ([], 0)
    assert [Path(file).read_bytes() for file in RECORDS] == written


def test_new_photos_and_labels_come_in_and_nobody_moves(prepare):
    Layout(photos("s1/", 6)).make(IMAGES)
    prepare()
    before = [set(held(file)) for file in RECORDS]
    Layout(photos("s2/", 4)).make(IMAGES)
    later(IMAGES / "s2")
    assert prepare() == (["split", "records"], 0)
    after = [set(held(file)) for file in RECORDS]
    assert sum(map(len, after)) == 10
    assert all(old <= new for old, new in zip(before, after, strict=True))
    later(next((IMAGES / "s1").glob("*.xml")))
    assert prepare()[0] == ["split", "records"]


def test_a_photo_deleted_from_a_session_leaves_the_records(prepare):
    Layout(photos("s1/", 6)).make(IMAGES)
    prepare()
    gone = next((IMAGES / "s1").glob("*.png"), None) or next((IMAGES / "s1").glob("*.jpg"))
    gone.unlink()
    gone.with_suffix(".xml").unlink()
    later(IMAGES / "s1")
    assert prepare()[0] == ["split", "records"]
    assert gone.name not in {name for file in RECORDS for name in held(file)}


def test_a_session_that_is_gone_leaves_the_records(prepare):
    Layout({**photos("s1/", 6), **photos("s2/", 4)}).make(IMAGES)
    prepare()
    (IMAGES / "s2").rename("s2")
    assert prepare()[0] == ["split", "records"]
    assert sum(len(held(file)) for file in RECORDS) == 6
    (IMAGES / "s1").rename("s1")
    assert prepare() == ([], 0), "the copies are all there is"


def test_a_train_alone_gets_a_test_without_being_touched(prepare):
    Layout(photos("train/", 6)).make(IMAGES)
    before = {path: path.read_bytes() for path in IMAGES.rglob("*") if path.is_file()}
    assert prepare() == (["split", "records"], 0)
    assert {path: path.read_bytes() for path in IMAGES.rglob("*") if path.is_file()} == before
    held_first = [set(held(file)) for file in RECORDS]
    assert all(held_first) and sum(map(len, held_first)) == 6
    assert prepare() == ([], 0)
    later(next((IMAGES / "train").glob("*.xml")))
    assert prepare()[0] == ["split", "records"]
    assert [set(held(file)) for file in RECORDS] == held_first
    Layout(photos("test/", 2)).make(IMAGES)
    later(IMAGES / "test")
    assert prepare(agrees=True) == (["records"], 1)
    assert [len(held(file)) for file in RECORDS] == [6, 2]


def test_a_split_by_hand_stays_and_a_changed_label_map_counts(prepare):
    Layout({**photos("train/", 4), **photos("test/", 2), **photos("s1/", 2)}).make(IMAGES)
    assert prepare() == (["records"], 0)
    assert len(held(RECORDS[0])) == 4 and not list(IMAGES.rglob(".split.json"))
    assert any("not used: s1" in note for note in prepare.notes)
    later("annotations/label_map.pbtxt")
    assert prepare()[0] == ["records"]


def test_records_alone_are_enough(prepare):
    Layout(photos("s1/", 6)).make(IMAGES)
    prepare()
    IMAGES.rename("elsewhere")
    assert prepare() == ([], 0)
    IMAGES.mkdir()
    assert prepare() == ([], 0)


def test_records_of_other_photos_are_replaced_only_with_consent(prepare):
    Layout({f"s1/other{n}.png": LABELLED for n in range(6)}).make(IMAGES)
    prepare()
    kept = [Path(file).read_bytes() for file in RECORDS]
    for path in sorted(IMAGES.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    Layout({**photos("train/", 4), **photos("test/", 2)}).make(IMAGES)
    later(IMAGES / "train")
    with raises_problem("record-of-others", where="train.record", remedy=Remedy.OVERWRITE):
        prepare()
    assert [Path(file).read_bytes() for file in RECORDS] == kept
    ran, asked = prepare(agrees=True)
    assert ran == ["records"] and asked == 2
    assert len(held(RECORDS[0])) == 4


def test_nothing_to_prepare_says_where_to_begin(prepare):
    with raises_problem("no-such-folder", remedy=Remedy.RUN):
        prepare()
    Layout(photos("s1/", 3, kind="bare")).make(IMAGES)
    with pytest.raises(Exception, match="label"):
        prepare()
    assert not Path("annotations").exists()
