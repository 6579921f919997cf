"""Files and folders are written whole or not at all; what was there outlives a failure."""

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from refusals import raises_problem

from tfod.errors import UserError
from tfod.files import (
    check_writable,
    disk_problems,
    from_user,
    full_disk,
    whole_file,
    whole_folder,
    whole_folders,
)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "voll"), "voll"),
        (RuntimeError("x/ckpt-1; No space left on device"), "No space left on device"),
        (OSError(errno.EACCES, "Permission denied"), ""),
        (RuntimeError("Unknown error"), ""),
        (None, ""),
    ],
)
def test_a_full_disk_is_told_from_other_troubles(error, reason):
    assert full_disk(error) == reason


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write_folder(path, text):
    with whole_folder(path) as temporary:
        (temporary / "a.txt").write_text(text)


def test_either_slash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert from_user("annotations\\train.record") == Path("annotations/train.record")
    assert from_user("a/b") == Path("a/b")


def test_a_file_is_replaced_and_its_folder_made(tmp_path):
    path = tmp_path / "new/folder/a.txt"
    for text in ("one", "two"):
        with whole_file(path) as temporary:
            assert temporary.parent == path.parent and temporary.suffix == ".txt"
            temporary.write_text(text)
        assert path.read_text() == text
    assert names(path.parent) == ["a.txt"]


def test_a_file_that_fails_leaves_the_earlier_one_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one")
    with pytest.raises(ZeroDivisionError), whole_file(path) as temporary:
        temporary.write_text("half")
        1 / 0  # noqa: B018
    assert path.read_text() == "one" and names(tmp_path) == ["a.txt"]


def test_a_folder_is_replaced(tmp_path):
    for text in ("one", "two"):
        write_folder(tmp_path / "made", text)
        assert (tmp_path / "made/a.txt").read_text() == text
    assert names(tmp_path) == ["made"]


@pytest.mark.parametrize("failing", [1, 2])
def test_a_folder_that_cannot_be_renamed_leaves_the_earlier_one(tmp_path, monkeypatch, failing):
    """As on Windows, where another program may have a file of it open."""
    write_folder(tmp_path / "made", "one")
    replace, calls = os.replace, []

    def refusing(source, target):
        calls.append(source)
        if len(calls) == failing:
            raise PermissionError(13, "Access is denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refusing)
    with pytest.raises(UserError, match="made: cannot be written .Access is denied"):
        write_folder(tmp_path / "made", "two")
    assert (tmp_path / "made/a.txt").read_text() == "one" and names(tmp_path) == ["made"]


def write_parts(folder, text):
    with whole_folders(folder, ["train", "test"], gone=["val"]) as parts:
        for part in parts.values():
            (part / "a.txt").write_text(text)


@pytest.mark.parametrize("wrong", [KeyboardInterrupt, PermissionError(13, "Access is denied")])
@pytest.mark.parametrize("failing", [1, 2, 3, 4, 5])
def test_folders_are_replaced_all_or_none(tmp_path, monkeypatch, failing, wrong):
    """Three are moved aside, two are put in place; whichever of these steps is the last."""
    write_parts(tmp_path, "one")
    write_folder(tmp_path / "val", "one")
    replace, calls = os.replace, []

    def stopping(source, target):
        calls.append(source)
        if len(calls) == failing:
            raise wrong
        replace(source, target)

    with monkeypatch.context() as patch, pytest.raises((UserError, KeyboardInterrupt)):
        patch.setattr(os, "replace", stopping)
        write_parts(tmp_path, "two")
    assert names(tmp_path) == ["test", "train", "val"]
    assert {path.read_text() for path in tmp_path.glob("*/a.txt")} == {"one"}
    write_parts(tmp_path, "two")
    assert names(tmp_path) == ["test", "train"]
    assert {path.read_text() for path in tmp_path.glob("*/a.txt")} == {"two"}


def test_ctrl_c_while_the_earlier_folder_is_removed_leaves_nothing_of_it(tmp_path, monkeypatch):
    write_folder(tmp_path / "made", "one")
    rmtree, calls = shutil.rmtree, []

    def interrupted(path, **options):
        calls.append(path)
        if len(calls) == 1:
            raise KeyboardInterrupt
        rmtree(path, **options)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "made", "two")
    assert (tmp_path / "made/a.txt").read_text() == "two" and names(tmp_path) == ["made"]


def test_the_current_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=f"{re.escape(str(tmp_path))}: the disk is full"):
        with disk_problems(Path(".")):
            raise OSError(errno.ENOSPC, "No space left")


@pytest.mark.parametrize("write", [whole_file, whole_folder])
def test_a_file_where_a_folder_should_be(tmp_path, write):
    (tmp_path / "annotations").write_text("mine")
    with pytest.raises(UserError, match="cannot be written"):
        with write(tmp_path / "annotations/train.record"):
            pass
    assert (tmp_path / "annotations").read_text() == "mine"


def test_a_file_where_a_folder_is_to_be_made_stays(tmp_path):
    (tmp_path / "demo").write_text("mine")
    with raises_problem("file-in-the-way", where="demo"):
        write_folder(tmp_path / "demo", "one")
    assert (tmp_path / "demo").read_text() == "mine" and names(tmp_path) == ["demo"]


WRITE_BOTH = """
import os
os.umask({umask:#o})
from tfod.files import whole_file, whole_folder
for write in (whole_file, whole_folder):
    with write(write.__name__):
        pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("umask", [0o002, 0o022, 0o077])
def test_others_may_what_the_user_lets_them(tmp_path, umask):
    code = WRITE_BOTH.format(umask=umask)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("whole_file", "whole_folder")]
    assert modes == [0o666 & ~umask, 0o777 & ~umask]


def test_a_folder_is_made_and_left_empty_to_see_whether_it_can_be_written(tmp_path):
    check_writable(tmp_path / "a/b")
    assert list((tmp_path / "a/b").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        check_writable(tmp_path / "file")
