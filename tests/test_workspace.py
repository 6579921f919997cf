"""Paths of a workspace: written from its root, whatever spelling they come in."""

from pathlib import Path

import pytest

from tfod.workspace import Workspace


@pytest.mark.parametrize("root", ["ws", "./ws", "{here}/ws", "{here}/other/../ws"])
@pytest.mark.parametrize("path", ["ws/annotations/a", "{here}/ws/annotations/a"])
def test_a_path_inside_is_written_from_the_root(tmp_path, monkeypatch, root, path):
    monkeypatch.chdir(tmp_path)
    root, path = (text.format(here=tmp_path) for text in (root, path))
    assert Workspace(root).relative(Path(path)) == "annotations/a"


def test_a_path_outside_is_written_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Workspace("ws").relative(Path("elsewhere/a")) == (tmp_path / "elsewhere/a").as_posix()
    assert Workspace("ws").resolve(tmp_path / "a") == tmp_path / "a"


def test_backslashes_separate(tmp_path):
    assert Workspace(tmp_path).resolve("annotations\\a.record") == tmp_path / "annotations/a.record"
