"""Folders that cannot be written: one sentence that names the folder, and nothing half-written."""

import shutil
import stat

import messy
import pytest
from anybody import as_anybody

COMMANDS = [
    "split",
    "split --output parts",
    "records --images photos",
    "capture --classes cat --number 2 --every 0 --countdown 0 --camera synthetic --headless",
    "check --html report.html",
    "check --fix",
    "convert photos/train coco.json --to coco",
    "convert photos/train yolo --to yolo",
    "config cats --steps 10",
    "demo --folder demo",
    "fetch 320 --url http://127.0.0.1:9/",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A workspace in which nothing can be written."""
    folder = tmp_path_factory.mktemp("here") / "workspace of another"
    for session in ("photos/train", "photos/test", "workspace/images/s1"):
        made = [messy.photo(folder / session, index) for index in range(4)]
    messy.BROKEN["swapped"](made[0])
    labels = "".join(
        f'item {{ id: {number} name: "{name}" }}\n' for number, name in enumerate(messy.CLASSES, 1)
    )
    (folder / "annotations").mkdir()
    (folder / "annotations/label_map.pbtxt").write_text(labels, encoding="utf-8")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)


def state(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("command", COMMANDS)
def test_one_sentence_and_nothing_changed(folder, command):
    before = state(folder)
    done = as_anybody(command, folder)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "cannot be written" in error or "cannot be made" in error
    assert state(folder) == before


@pytest.mark.parametrize("command", ["check", "check --quick --json", "label --status"])
def test_looking_needs_no_right_to_write(folder, command):
    before = state(folder)
    done = as_anybody(command, folder)
    assert done.returncode in (0, 3), done.stderr
    assert done.stdout and "Traceback" not in done.stderr
    assert state(folder) == before


@pytest.mark.parametrize(
    "command",
    [
        "split --images photos",
        "records --images photos",
        "convert photos out --to yolo",
        "convert labels.csv out --images photos",
    ],
)
def test_a_folder_that_cannot_be_read_is_not_passed_over(tmp_path, command):
    for folder in ("train", "s1"):
        for index in range(4):
            messy.photo(tmp_path / "photos" / folder, index)
    columns = "filename,width,height,class,xmin,ymin,xmax,ymax"
    (tmp_path / "labels.csv").write_text(f"{columns}\nnowhere.jpg,9,9,cat,1,1,2,2\n", "utf-8")
    locked = tmp_path / "photos/s1"
    if command.startswith("records"):
        locked = locked.rename(tmp_path / "photos/test")
    if command.startswith("split"):
        shutil.rmtree(tmp_path / "photos/train")
    locked.chmod(0)
    done = as_anybody(command, tmp_path)
    locked.chmod(0o755)
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"{locked.name}: cannot be read" in done.stderr and done.stderr.count("error:") == 1
    assert not (tmp_path / "out").exists()
