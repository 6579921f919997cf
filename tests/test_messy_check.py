"""`tfod check` and `tfod records` agree on every broken photo, and a repair loses nothing.

The photos and what must come out of them: `messy.py`.
"""

import json
import shutil
import sys
from pathlib import Path

import messy
import pytest

from tfod.cli import main
from tfod.data.photo_folder import read_folder
from tfod.data.records.file import read_records

IMAGES = Path("workspace/images")
REPAIRED = {  # what --fix makes of the one object that these have
    "swapped": [("alpha", (10, 5, 30, 20))],
    "outside": [("alpha", (10, 5, 64, 20))],
    "no area": [],
}


@pytest.fixture
def photos(workspace):
    """A workspace of 14 photos in two sessions."""
    return [messy.photo(IMAGES / f"s{index % 2}", index) for index in range(14)]


def run_check(capsys, *flags):
    """Run `tfod check`: what it prints as JSON."""
    capsys.readouterr()
    code = main(["check", "--json", *flags])
    printed = capsys.readouterr()
    assert code in (0, 3), printed.err
    report = json.loads(printed.out)
    severities = {finding["severity"] for finding in report["findings"]}
    assert (code == 3) == ("error" in severities)
    return report


def errors(report):
    return [finding for finding in report["findings"] if finding["severity"] == "error"]


def can_be_used(capsys):
    """Run split and records: whether both did it, and what they said."""
    done = main(["split", "--output", "parts"]) == 0
    done = done and main(["records", "--images", "parts", "--output", "out"]) == 0
    return done, capsys.readouterr().err


def in_records():
    """File name -> objects of each record, in whole pixels and sorted."""
    height, width = messy.SIZE
    found = {}
    for part in ("train", "test"):
        for record in read_records(Path(f"out/{part}.record")):
            sides = [
                [round(value * size) for value in record[f"image/object/bbox/{side}"]]
                for side, size in zip(
                    ("xmin", "ymin", "xmax", "ymax"), (width, height) * 2, strict=True
                )
            ]
            names = [name.decode() for name in record["image/object/class/text"]]
            objects = zip(names, zip(*sides, strict=True), strict=True)
            found[record["image/filename"][0].decode()] = sorted(objects)
    return found


def files(folder=IMAGES):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", messy.BROKEN)
def test_records_refuses_exactly_what_check_has_an_error_for(photos, capsys, kind):
    messy.BROKEN[kind](photos[5])
    before = files()
    report = run_check(capsys)
    done, said = can_be_used(capsys)
    assert done == (not errors(report)), said
    assert "Traceback" not in said
    assert files() == before


@pytest.mark.parametrize("kind", messy.BROKEN)
def test_what_is_repaired_or_deleted_comes_out_and_nothing_else_changes(photos, capsys, kind):
    messy.BROKEN[kind](photos[5])
    before = files()
    report = run_check(capsys, "--fix")
    changed = {path for path, data in files().items() if before.get(path) != data}
    assert changed == {Path(change["path"]) for change in report["fixed"]["changes"]}
    if changed:
        backup = Path(report["fixed"]["backup"])
        saved = {path.relative_to(backup): data for path, data in files(backup).items()}
        assert saved == {path: before[path] for path in changed}
    assert run_check(capsys, "--fix")["fixed"]["files"] == 0
    for finding in errors(report):
        for place in finding["places"]:
            for path in list(Path(place["path"]).parent.glob(f"{Path(place['path']).stem}.*")):
                path.unlink()
    done, said = can_be_used(capsys)
    assert done, said
    expected = {photo.image.name: sorted(photo.objects) for photo in photos}
    if kind in REPAIRED:
        expected[photos[5].image.name] = REPAIRED[kind]
    elif kind == "misspelt":
        expected[photos[5].image.name] = [("alhpa", (5, 5, 30, 20))]
    else:
        del expected[photos[5].image.name]
    assert in_records() == expected


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
@pytest.mark.parametrize("stem", ["\udcff\udce4", "line\nbreak"])
def test_a_record_of_a_name_that_is_not_text_is_known(photos, capsys, stem):
    photo = photos[0]
    for path in (photo.image, photo.xml):
        path.rename(path.with_name(f"{stem}{path.suffix}"))
    for command in ("split", "records"):
        assert main([command]) == 0
    report = run_check(capsys, "--html", "report.html")
    assert not [f["code"] for f in report["findings"] if f["code"].startswith("record-")]
    assert "name-mismatch" in {finding["code"] for finding in report["findings"]}


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_links_do_not_stop_a_repaired_copy(photos, capsys):
    (IMAGES / "s0" / "loop.jpg").symlink_to(".")
    (IMAGES / "the same again").symlink_to("s1", target_is_directory=True)
    (IMAGES / "s0" / "gone.jpg").symlink_to("nowhere.jpg")
    away = Path(".elsewhere")
    away.mkdir()
    shutil.move(photos[3].image, away)
    photos[3].image.symlink_to((away / photos[3].image.name).resolve())
    messy.BROKEN["swapped"](photos[4])
    before = files()
    report = run_check(capsys, "--fix", "--copy", "repaired")
    assert report["images"] == len(photos) and errors(report) == []
    assert files() == before


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the two names are one")
def test_names_that_differ_in_case_keep_their_boxes(photos):
    first = photos[0]
    for path in (first.image, first.xml):
        shutil.copy(path, path.with_name(path.stem.upper() + path.suffix))
    pairs = read_folder(first.image.parent).pairs
    assert len(pairs) == 8 and all(image.stem == xml.stem for image, xml in pairs)
