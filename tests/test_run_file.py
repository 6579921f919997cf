"""run.json: written whole, kept when it is odd, and without the name of its owner."""

import json
import threading
from pathlib import Path

import pytest
from refusals import raises_problem

from tfod.run_file import keep_in_run_file, read_run_file, sha256


def test_what_is_kept_is_read_again_in_order(tmp_path):
    assert read_run_file(tmp_path) == {"sessions": [], "evaluations": []}
    for begun, step in (("1", 5), ("2", 7), ("2", 9)):
        keep_in_run_file(tmp_path, "sessions", {"begun": begun, "last_step": step})
    keep_in_run_file(tmp_path, "evaluations", {"step": 9, "figures": {"mAP": float("nan")}})
    kept = read_run_file(tmp_path)
    assert [one["last_step"] for one in kept["sessions"]] == [5, 9]
    assert kept["evaluations"] == [{"step": 9, "figures": {"mAP": None}}]


def test_an_evaluation_beside_a_training_is_kept(tmp_path):
    """The session is written again and again by its training, from what it knows."""
    session = {"begun": "1", "last_step": 0}
    keep_in_run_file(tmp_path, "sessions", session)
    keep_in_run_file(tmp_path, "evaluations", {"step": 3})
    keep_in_run_file(tmp_path, "sessions", session | {"last_step": 4})
    assert read_run_file(tmp_path)["evaluations"] == [{"step": 3}]


def test_readers_never_see_half_a_file(tmp_path):
    ended = threading.Event()

    def write():
        for number in range(200):
            keep_in_run_file(tmp_path, "sessions", {"begun": "1", "much": "x" * 100 * number})
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not ended.is_set():
        assert len(read_run_file(tmp_path)["sessions"]) <= 1
    writer.join()


@pytest.mark.parametrize("text", ["", "{", "[]", '"text"', '{"sessions": 3}', "\x00\xff"])
def test_an_odd_file_is_refused_by_readers_and_kept_by_writers(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text)
    with raises_problem("run-file-damaged", where=path):
        read_run_file(tmp_path)
    keep_in_run_file(tmp_path, "evaluations", {"step": 3})
    assert (tmp_path / "run.json.old").read_text() == text
    assert read_run_file(tmp_path)["evaluations"] == [{"step": 3}]


def test_the_home_folder_is_not_named(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/jane doe"))
    keep_in_run_file(tmp_path, "sessions", {"begun": "1", "call": "x '/home/jane doe/a.config'"})
    text = (tmp_path / "run.json").read_text()
    assert "jane" not in text and json.loads(text)["sessions"][0]["call"] == "x '~/a.config'"


def test_the_hash_is_that_of_sha256sum(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256(tmp_path / "abc").startswith("ba7816bf8f01cfea414140de5dae2223b00361a396177a9c")
