import errno
import shutil
import sys

import numpy as np
import pytest
import tensorflow as tf
from refusals import raises_problem
from stand_in import stand_in

from tfod.model.checkpoints.files import add_checkpoint, find_checkpoint, latest_checkpoint
from tfod.model.checkpoints.format import read_checkpoint
from tfod.model.checkpoints.save import save_checkpoint
from tfod.model.checkpoints.state import read_state
from tfod.remedies import Remedy


@pytest.fixture(scope="module")
def model():
    return stand_in()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def files_of(*numbers):
    endings = (".data-00000-of-00001", ".index")
    return sorted(["checkpoint", *(f"ckpt-{n}{end}" for n in numbers for end in endings)])


def test_saves_are_counted_and_stock_tensorflow_finds_the_latest(model, tmp_path):
    assert [save_checkpoint(tmp_path, model, step).name for step in (0, 7)] == ["ckpt-1", "ckpt-2"]
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "ckpt-2")
    assert latest_checkpoint(tmp_path) == tmp_path / "ckpt-2"
    assert names(tmp_path) == files_of(1, 2)
    assert read_checkpoint(tmp_path / "ckpt-2").variables["save_counter"] == 2


def test_the_newest_stay(model, tmp_path):
    for step in range(9):
        save_checkpoint(tmp_path, model, step)
    assert names(tmp_path) == files_of(*range(3, 10))
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert [path[-6:] for path in state.all_model_checkpoint_paths] == [
        f"ckpt-{n}" for n in range(3, 10)
    ]
    assert len(state.all_model_checkpoint_timestamps) == 7
    save_checkpoint(tmp_path, model, 9, max_to_keep=None)
    assert names(tmp_path) == files_of(*range(3, 11))


def test_stock_tensorflow_goes_on_where_we_stopped(model, tmp_path):
    save_checkpoint(tmp_path, model, 5)
    step = tf.Variable(0, dtype=tf.int64)
    checkpoint = tf.train.Checkpoint(step=step)
    manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=7)
    checkpoint.restore(manager.latest_checkpoint).expect_partial()
    assert step.numpy() == 5
    manager.save()
    assert names(tmp_path) == files_of(1, 2)
    assert latest_checkpoint(tmp_path).name == "ckpt-2"


@pytest.mark.parametrize("written_by", ["us", "version 0.2.0"])
def test_the_old_manager_deletes_our_first_checkpoint_in_its_turn(model, tmp_path, written_by):
    """It keeps for good what is not newer than `last_preserved_timestamp`."""
    save_checkpoint(tmp_path, model, 0)
    if written_by != "us":  # which wrote the time of ckpt-1 there
        path = tmp_path / "checkpoint"
        (time_s,) = read_state(tmp_path).kept.values()
        lines = path.read_text().splitlines()[:-1]
        path.write_text("\n".join([*lines, f"last_preserved_timestamp: {time_s!r}"]) + "\n")
    save_checkpoint(tmp_path, model, 5)
    state = read_state(tmp_path)
    assert state.preserved_s < min(state.kept.values())
    checkpoint = tf.train.Checkpoint(step=tf.Variable(0, dtype=tf.int64))
    manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=2)
    manager.save(checkpoint_number=3)
    assert names(tmp_path) == files_of(2, 3)
    save_checkpoint(tmp_path, model, 6)  # and what it has written stays
    assert read_state(tmp_path).preserved_s == pytest.approx(state.preserved_s, abs=1e-3)


def test_no_checkpoint(tmp_path):
    assert latest_checkpoint(tmp_path) is None
    assert latest_checkpoint(tmp_path / "missing") is None


def test_without_the_state_file_the_highest_number_is_latest(model, tmp_path):
    for step in range(11):
        save_checkpoint(tmp_path, model, step)
    for content in (None, "not a state file", ""):
        (tmp_path / "checkpoint").unlink()
        if content is not None:
            (tmp_path / "checkpoint").write_text(content)
        assert latest_checkpoint(tmp_path) == tmp_path / "ckpt-11"
        (tmp_path / "checkpoint").touch()


@pytest.mark.parametrize("old", ["/home/me/model/ckpt-1", "C:\\\\Users\\\\me\\\\model\\\\ckpt-1"])
def test_a_folder_from_another_machine(model, tmp_path, old):
    save_checkpoint(tmp_path, model, 3)
    (tmp_path / "checkpoint").write_text(f'model_checkpoint_path: "{old}"\n')
    assert find_checkpoint(tmp_path) == tmp_path / "ckpt-1"
    assert save_checkpoint(tmp_path, model, 4).name == "ckpt-2"


def test_checkpoints_of_other_folders_are_never_removed(model, tmp_path):
    other = save_checkpoint(tmp_path / "other", model, 3)
    (tmp_path / "mine").mkdir()
    state = f'model_checkpoint_path: "{other}"\nall_model_checkpoint_paths: "{other}"\n'
    (tmp_path / "mine/checkpoint").write_text(state)
    save_checkpoint(tmp_path / "mine", model, 4, max_to_keep=1)
    assert names(tmp_path / "other") == files_of(1)


@pytest.mark.parametrize(
    "written",
    [
        "m/ckpt-2",
        "m/ckpt-2.index",
        "m/ckpt-2.data-00000-of-00001",
        "m",
        "m/",
        "m/checkpoint",
        "m\\ckpt-2",
        ".\\m",
        "zoo/checkpoint/ckpt-2",
        "zoo/checkpoint",
        "zoo",
    ],
)
def test_what_a_user_may_write(model, workspace, written):
    for folder in ("m", "zoo/checkpoint"):
        for step in range(2):
            save_checkpoint(folder, model, step)
    assert find_checkpoint(written).name == "ckpt-2"
    assert read_checkpoint(written).variables["step"] == 1


@pytest.mark.parametrize(
    ("written", "code", "fields"),
    [
        ("m/ckpt-9", "no-checkpoint", {"expected": "one of ckpt-1"}),
        ("nowhere/ckpt-1", "no-checkpoint", {"got": "no folder nowhere"}),
        ("empty", "no-checkpoint", {"what": "in this folder", "remedy": Remedy.RUN}),
        ("empty/ckpt-0", "no-checkpoint", {"got": "no checkpoint in this folder"}),
        ("weights.h5", "not-a-checkpoint", {"what": "a Keras weights file"}),
        ("export/saved_model", "not-a-checkpoint", {"what": "a SavedModel"}),
    ],
)
def test_a_missing_checkpoint_says_what_is_there(model, workspace, written, code, fields):
    save_checkpoint("m", model, 0)
    (workspace / "empty").mkdir()
    (workspace / "weights.h5").touch()
    (workspace / "export/saved_model").mkdir(parents=True)
    (workspace / "export/saved_model/saved_model.pb").touch()
    with raises_problem(code, where=written, **fields):
        find_checkpoint(written)


INDEX, DATA = "ckpt-2.index", "ckpt-2.data-00000-of-00001"


@pytest.mark.parametrize(
    ("file", "other"),
    [
        (INDEX, "ckpt-2 (1).index"),
        (INDEX, "ckpt-2(1).index"),
        (INDEX, "ckpt-2.index.txt"),
        (INDEX, "Copy of ckpt-2.index"),
        (INDEX, "ckpt-2 - Copy (2).index"),
        (DATA, "ckpt-2 (1).data-00000-of-00001"),
        (DATA, "ckpt-2.data-00000-of-00001 (1)"),
        (DATA, "ckpt-2 copy.data-00000-of-00001.txt"),
    ],
)
@pytest.mark.parametrize("with_state", [True, False])
def test_a_file_under_another_name_is_noticed(model, tmp_path, file, other, with_state):
    for step in range(2):
        save_checkpoint(tmp_path, model, step)
    (tmp_path / file).rename(tmp_path / other)
    if not with_state:
        (tmp_path / "checkpoint").unlink()
    for written in (tmp_path, tmp_path / "ckpt-2", tmp_path / other):
        with raises_problem(
            "checkpoint-file-renamed", where=other, expected=file, remedy=Remedy.RENAME_TO
        ):
            read_checkpoint(written)


def test_both_files_under_other_names_are_noticed_and_not_trained_over(model, tmp_path):
    for step in range(2):
        save_checkpoint(tmp_path, model, step)
    for name in (INDEX, DATA):
        (tmp_path / name).rename(tmp_path / name.replace("ckpt-2", "ckpt-2 (1)"))
    for find in (latest_checkpoint, find_checkpoint):  # not ckpt-1, in silence
        with raises_problem("checkpoint-file-renamed", expected=INDEX):
            find(tmp_path)
    with raises_problem("checkpoint-file-renamed", expected=DATA):
        find_checkpoint(tmp_path / "ckpt-2")
    assert read_checkpoint(tmp_path / "ckpt-2 (1).index").variables["step"] == 1, "whole as it is"


def test_a_second_download_of_what_is_there_is_left_alone(model, tmp_path):
    for step in range(2):
        save_checkpoint(tmp_path, model, step)
    shutil.copy(tmp_path / INDEX, tmp_path / "ckpt-2 (1).index")
    shutil.copy(tmp_path / INDEX, tmp_path / "Copy of ckpt-0.index")  # older than the latest
    shutil.copy(tmp_path / INDEX, tmp_path / "ckpt-9-best.index")  # a name somebody chose
    assert latest_checkpoint(tmp_path) == tmp_path / "ckpt-2"


def test_a_full_disk_leaves_the_earlier_checkpoints(model, tmp_path):
    save_checkpoint(tmp_path, model, 0)

    def write(prefix):
        prefix.with_suffix(".data-00000-of-00001").write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    with raises_problem("disk-full", where=tmp_path / "ckpt-2"):
        add_checkpoint(tmp_path, write, max_to_keep=7)
    assert names(tmp_path) == files_of(1)


def test_a_file_that_cannot_grow_leaves_the_earlier_checkpoints(model, tmp_path):
    resource = pytest.importorskip("resource", reason="limits of this kind are for Unix")
    save_checkpoint(tmp_path, model, 0)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with raises_problem("disk-full", where=tmp_path / "ckpt-2"):
            save_checkpoint(tmp_path, model, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert names(tmp_path) == files_of(1)
    assert read_checkpoint(tmp_path).variables["step"] == 0


# killed at any moment

WATCH = {"folder": None, "copies": None, "busy": False}


def watch(event, arguments):
    """Copy the watched folder before each file operation: what a kill there would leave."""
    if WATCH["folder"] is None or WATCH["busy"]:
        return
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"):
        WATCH["busy"] = True
        try:
            if WATCH["folder"].exists():
                copy = WATCH["copies"] / f"{len(names(WATCH['copies'])):04d}"
                shutil.copytree(WATCH["folder"], copy)
        finally:
            WATCH["busy"] = False


@pytest.fixture
def watched(tmp_path):
    """A folder whose every state during file operations is copied beside it."""
    folder, copies = tmp_path / "model", tmp_path / "copies"
    copies.mkdir()
    if not WATCH.get("installed"):
        sys.addaudithook(watch)  # cannot be removed: it sleeps when no folder is watched
        WATCH["installed"] = True
    WATCH.update(folder=folder, copies=copies)
    yield folder, copies
    WATCH["folder"] = None


def test_killed_at_any_file_operation_the_folder_still_loads(model, watched):
    folder, copies = watched
    for step in range(4):
        save_checkpoint(folder, model, step, max_to_keep=2)
    WATCH["folder"] = None
    steps = []
    for copy in sorted(copies.iterdir()):
        latest = latest_checkpoint(copy)
        steps.append(-1 if latest is None else int(read_checkpoint(latest).variables["step"]))
        if (copy / "checkpoint").exists():
            assert tf.train.latest_checkpoint(str(copy)) == str(latest)
        # the next run goes on from there, and clears what the killed one left
        following = save_checkpoint(copy, model, 99)
        assert read_checkpoint(following).variables["step"] == 99
        assert latest_checkpoint(copy) == following
        assert not [name for name in names(copy) if name.startswith(".part-ckpt")]
    assert len(steps) > 20
    assert steps == sorted(steps) and set(steps) == {-1, 0, 1, 2, 3}


def test_a_save_is_whole_in_the_file_system_before_it_is_named(model, watched):
    folder, copies = watched
    save_checkpoint(folder, model, 0)
    WATCH["folder"] = None
    for copy in copies.iterdir():
        there = names(copy)
        assert ("ckpt-1.index" in there) <= ("ckpt-1.data-00000-of-00001" in there)
        assert ("checkpoint" in there) <= ("ckpt-1.index" in there)
    np.testing.assert_array_equal(names(folder), files_of(1))
