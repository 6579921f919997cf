"""`tfod check` as it is called: what it prints, JSON, exit codes, and what to run next."""

import inspect
import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tfod.cli import main
from tfod.cli.problems import quoted
from tfod.data import annotation, drawn_boxes
from tfod.steps.check.check import CHECKS
from tfod.steps.check.kinds import KINDS


@pytest.fixture
def workspace_session(workspace, put, session):
    """A workspace whose session has the photos of `put`."""
    (workspace / "workspace").mkdir(exist_ok=True)
    session.parent.rename(workspace / "workspace" / "images")
    return workspace / "workspace" / "images" / "s1"


@pytest.fixture
def good(workspace_session, put):
    """Twelve good photos."""
    for index in range(12):
        box = ("cat", 5 + index, 5, 60 + index, 70)
        put(f"p{index}.png", box, folder=workspace_session, size=(96, 128))
    return workspace_session


def test_a_clean_data_set_takes_two_lines(good, capsys):
    assert main(["check"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "12 images, 12 boxes (cat 12); 0 errors, 0 warnings",
        "next:  tfod train NAME",
    ]
    assert main(["check", "--quick"]) == 0
    assert "quick: images were not decoded" in capsys.readouterr().out


def test_an_error(good, put, capsys):
    put("bad.jpg", ("cat", 30, 5, 10, 40), folder=good)
    assert main(["check"]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Stops the records:"
    assert lines[1] == "error: box-swapped (1): box with swapped sides"
    assert lines[2] == (
        '    workspace/images/s1/bad.xml:4: "cat": a box has swapped sides (got xmin 30 > xmax 10)'
    )
    assert lines[3] == "    Run `tfod check --fix`, which repairs it and keeps a backup."
    assert lines[-2] == "13 images, 12 boxes (cat 12); 1 error, 0 warnings"
    assert lines[-1] == "next:  tfod check --fix"


def test_a_warning_fails_only_when_strict(good, put, capsys):
    put("bare.jpg", None, folder=good)
    assert main(["check"]) == 0
    capsys.readouterr()
    assert main(["check", "--strict"]) == 3
    out = capsys.readouterr().out
    assert "warning: xml-missing (1)" in out and out.endswith("next:  tfod label\n")


def test_json_holds_everything(good, put, capsys):
    put("bad.jpg", ("cat", 30, 5, 10, 40), folder=good)
    assert main(["check", "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["images"], found["boxes"], found["classes"]) == (13, 12, {"cat": 12})
    (finding,) = found["findings"]
    assert finding["code"] == "box-swapped" and finding["severity"] == "error"
    assert finding["fixable"] and finding["remedy"] == {"action": "fix"}
    assert finding["places"][0]["line"] == 4
    assert finding["places"][0]["image"].endswith("bad.jpg")
    assert found["next"] == "tfod check --fix"


def test_the_label_map_of_the_workspace_counts(good, capsys):
    Path("annotations").mkdir()
    Path("annotations/label_map.pbtxt").write_text('item { id: 1 name: "Cat" }')
    assert main(["check"]) == 3
    out = capsys.readouterr().out
    assert 'class "cat", which is not in annotations/label_map.pbtxt' in out
    assert "tfod check --fix" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere: folder not found"),
        (["--label-map", "nowhere.pbtxt"], "nowhere.pbtxt"),
        (["--model", "a", "--config", "b"], "two configs given"),
        (["--model", "a"], "model not found"),
        (["--copy", "b"], "--copy: copies are made only when repairing"),
        (["--html", "workspace/images/s1/p0.png"], "p0.html"),
        (["--html", "."], "not an HTML file name"),
    ],
)
def test_what_a_user_may_get_wrong(good, capsys, arguments, words):
    assert main(["check", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_fix_repairs_and_checks_again(good, put, capsys):
    put("bad.jpg", ("cat", 30, 5, 10, 40), folder=good)
    assert main(["check", "--fix"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("fixed: box-swapped (1)\n    workspace/images/s1/bad.xml:4: ")
    assert "13 images, 13 boxes" in out and "wrote: workspace/backups" in out
    (listed,) = Path("workspace/backups").glob("*.txt")
    assert listed.read_text().startswith("fixed: workspace/images/s1/bad.xml:4: ")
    assert f"wrote: {listed}" in out.replace("\\", "/")


def test_after_a_repair_it_is_not_proposed_again(good, put, capsys):
    put("other.jpg", ("cat", 30, 5, 10, 40), folder=good, stated=(500, 600))
    assert main(["check"]) == 3
    assert capsys.readouterr().out.endswith("next:  tfod check --fix\n")
    assert main(["check", "--fix"]) == 3
    told = capsys.readouterr().out
    assert "left: size-mismatch (1)\n    workspace/images/s1/other.xml" in told
    assert told.endswith("next:  tfod check\n")


def test_training_is_next_and_brings_split_and_records_up_to_date(good, put, capsys):
    main(["split", "--val", "0.2"])
    main(["records"])
    capsys.readouterr()
    assert main(["check"]) == 0
    assert capsys.readouterr().out.endswith("next:  tfod train NAME\n")
    assert main(["config", "cats"]) == 0
    assert main(["check", "--model", "cats"]) == 0
    assert capsys.readouterr().out.endswith("next:  tfod train cats\n"), "it has a config"
    put("new.jpg", folder=good)
    assert main(["check"]) == 0
    told = capsys.readouterr().out
    assert "split-lacks-photos (1)" in told and told.endswith("next:  tfod train NAME\n")


def test_what_follows_is_for_the_folder_that_was_checked(good, capsys):
    def follows(*folder):
        assert main(["check", *folder]) == 0
        return capsys.readouterr().out.splitlines()[-1].removeprefix("next:  ")

    elsewhere = good.parents[2] / "of a friend"
    shutil.copytree(good, elsewhere / "s1")
    assert follows("of a friend") == f"tfod split --images {quoted('of a friend')}"
    assert main(["split", "--images", "of a friend"]) == 0
    assert follows("of a friend") == f"tfod records --images {quoted('of a friend')}"
    assert follows("of a friend/s1") == f"tfod split --images {quoted('of a friend/s1')}"
    assert follows() == "tfod train NAME"
    assert follows("workspace/images/s1") == "tfod split"


def test_the_record_of_val_is_compared_too(good, capsys):
    main(["split", "--val", "0.2"])
    main(["records"])
    record = good.parents[2] / "annotations" / "val.record"
    record.write_bytes(record.read_bytes()[:-10])
    capsys.readouterr()
    assert main(["check"]) == 3
    told = capsys.readouterr().out
    assert "annotations/val.record" in told and told.endswith("next:  tfod train NAME\n")


def test_a_folder_elsewhere_is_labelled_session_by_session(workspace, put, session, capsys):
    put("bare.jpg", None)
    assert main(["check", str(session.parent)]) == 3
    assert capsys.readouterr().out.endswith(f"next:  tfod label {quoted(session.as_posix())}\n")


def test_a_session_and_a_repaired_copy_are_held_to_the_label_map_too(good, capsys):
    annotations = good.parents[2] / "annotations"
    annotations.mkdir(exist_ok=True)
    (annotations / "label_map.pbtxt").write_text('item { id: 1 name: "dog" }', encoding="utf-8")
    for arguments in (["workspace/images/s1"], ["--fix", "--copy", "repaired"]):
        assert main(["check", *arguments]) == 3
        assert "error: class-unknown (12)" in capsys.readouterr().out


def test_commands_name_the_folder_that_is_checked(good, put, capsys):
    put("bad.jpg", ("cat", 30, 5, 10, 40), folder=good)
    assert main(["check", "workspace/images/s1"]) == 3
    told = capsys.readouterr().out
    assert "Run `tfod check workspace/images/s1 --fix`, which repairs it" in told
    assert main(["check", "s1"]) == 2
    assert "Did you mean workspace/images/s1?" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_text(good, put, capsys):
    put("\udcff.jpg", ("cat", 30, 5, 10, 40), folder=good, named="old.jpg")
    put("line\nbreak.jpg", ("cat", 30, 5, 50, 40), folder=good, named="old.jpg")
    assert main(["check", "--json"]) == 3
    assert main(["check"]) == 3
    assert "s1/\\udcff.xml:4: " in capsys.readouterr().out
    assert main(["check", "--fix", "--html", "report.html"]) == 0


def test_the_page_is_written(good, capsys, workspace):
    assert main(["check", "--html", "report.html"]) == 0
    assert "wrote: report.html" in capsys.readouterr().out
    assert (workspace / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of Unix")
def test_a_table_on_a_terminal(good, put):
    put("bad[red].jpg", ("cat", 30, 5, 10, 40), folder=good)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "90", "TERM": "xterm"}
    command = [sys.executable, "-m", "tfod", "check"]
    with subprocess.Popen(
        command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        os.close(theirs)
        text = b""
        while chunk := _read(ours):
            text += chunk
    os.close(ours)
    assert process.returncode == 3
    told = text.decode()
    assert "box-swapped" in told and "bad[red].xml:4" in told and "\x1b[" in told


def _read(terminal):
    try:
        return os.read(terminal, 10_000)
    except OSError:  # Linux says so when the other side has closed
        return b""


def test_real_data_sets(shared, capsys):
    for name, images, boxes, checks in (
        ("mask", 40, 40, set()),
        ("crowd_masks", 640, 3108, {"box-one-pixel", "boxes-too-many", "class-imbalance"}),
    ):
        assert main(["check", str(shared / "datasets" / name), "--json", "--quick"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["images"], found["boxes"]) == (images, boxes)
        warnings = {f["code"] for f in found["findings"] if f["severity"] == "warning"}
        assert warnings >= checks


def test_every_check_says_what_it_looks_for_and_every_kind_is_found_by_one():
    assert len(set(CHECKS)) == len(CHECKS)
    assert all(check.__doc__ for check in CHECKS)
    sources = [Path(inspect.getfile(check)).read_text(encoding="utf-8") for check in CHECKS]
    sources += [inspect.getsource(drawn_boxes), inspect.getsource(annotation)]
    assert [code for code in KINDS if not any(f'"{code}"' in text for text in sources)] == []


def test_nothing_is_written(good):
    before = {path: path.stat().st_mtime_ns for path in good.rglob("*")}
    assert main(["check"]) == 0
    assert {path: path.stat().st_mtime_ns for path in good.rglob("*")} == before
    shutil.rmtree(good)


COUNT_READS = """
import collections, os, sys
from tfod.steps.check.check import check
from tfod.workspace import Workspace
reads = collections.Counter()
def note(event, arguments):
    if event == "open" and str(arguments[0]).endswith((".xml", ".png", ".pbtxt", "line.config")):
        reads[os.path.abspath(arguments[0])] += 1
sys.addaudithook(note)
check(Workspace("."))
print(*sorted({os.path.basename(path) for path in reads}))
print(max(reads.values()))
"""


def test_every_file_is_read_once(good, capsys):
    for command in (["split"], ["records"], ["config", "masks", "--steps", "10"]):
        assert main(command) == 0
    run = [sys.executable, "-c", COUNT_READS]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    names, most = done.stdout.splitlines()
    assert {"pipeline.config", "label_map.pbtxt", "p0.png", "p0.xml"} <= set(names.split())
    assert int(most) == 1


def test_another_workspace(good, put, capsys, monkeypatch):
    """Its images, label map and backups are meant, wherever the command runs."""
    put("bad.jpg", ("Cat", 30, 5, 10, 40), folder=good)
    root = good.parents[2]
    (root / "annotations").mkdir()
    (root / "annotations" / "label_map.pbtxt").write_text('item { id: 1 name: "cat" }')
    (root / "elsewhere").mkdir()
    monkeypatch.chdir(root / "elsewhere")
    assert main(["check", "--workspace", ".."]) == 3
    out = capsys.readouterr().out
    assert "error: box-swapped (1)" in out
    assert "Run `tfod check --workspace .. --fix`, which repairs it" in out
    assert out.endswith("next:  tfod check --workspace .. --fix\n")
    assert main(["check", "--workspace", "..", "--fix"]) == 0
    backup, listed = sorted((root / "workspace" / "backups").iterdir())
    assert listed.name == f"{backup.name}.txt"
    assert (backup / "workspace/images/s1/bad.xml").is_file()
    assert 'class "Cat"' not in capsys.readouterr().out
