"""Checkpoints that are missing, half there or of another model."""

from pathlib import Path

import pytest

from tfod.cli import main

MODEL = Path("workspace/models/tiny")
PREFIX = MODEL / "ckpt-2"
DATA = MODEL / "ckpt-2.data-00000-of-00001"
INDEX = MODEL / "ckpt-2.index"
READERS = ["train tiny", "evaluate tiny", "export tiny"]


def spoil(how):
    if how == "data missing":
        DATA.unlink()
    elif how == "index missing":
        INDEX.unlink()
    elif how == "data cut":
        DATA.write_bytes(DATA.read_bytes()[: DATA.stat().st_size // 2])
    elif how == "index cut":
        INDEX.write_bytes(INDEX.read_bytes()[: INDEX.stat().st_size // 2])
    elif how == "both empty":
        DATA.write_bytes(b"")
        INDEX.write_bytes(b"")


@pytest.mark.parametrize("step", READERS)
@pytest.mark.parametrize(
    "how", ["data missing", "index missing", "data cut", "index cut", "both empty"]
)
def test_half_copied(refused, how, step):
    spoil(how)
    message = refused(step, str(PREFIX), "half-copied", "Copy the file again")
    assert len(message) < 600


@pytest.mark.parametrize("how", ["data missing", "index missing", "data cut"])
def test_half_copied_to_start_from(refused, how, command, small):
    spoil(how)
    assert (
        command(
            "config",
            "next",
            *small,
            f"--set=train_config.fine_tune_checkpoint={PREFIX}",
            "--set=train_config.fine_tune_checkpoint_type=transfer",
        ).code
        == 0
    )
    refused("train next", str(PREFIX), "half-copied")


def test_none_at_all(refused, command, small):
    for path in MODEL.glob("ckpt-*"):
        path.unlink()
    (MODEL / "checkpoint").unlink()
    refused("evaluate tiny", f"{MODEL}: no checkpoint in this folder", "tfod train")
    refused("export tiny", f"{MODEL}: no checkpoint in this folder", "tfod train")
    refused("export tiny --checkpoint nowhere/ckpt-1", "nowhere/ckpt-1: checkpoint not found")
    refused(
        "config next --checkpoint nowhere", '"nowhere": not a published checkpoint', "tfod fetch"
    )
    refused("config next --checkpoint no/where", "no/where: no checkpoint here", "tfod fetch")
    assert command("config", "next", *small).code == 0
    refused(
        "train next --set train_config.fine_tune_checkpoint=pre-trained-models/x/ckpt-0",
        "pre-trained-models/x/ckpt-0",
        "tfod fetch",
    )


def test_a_named_checkpoint_that_is_not_there_names_those_that_are(refused):
    refused(f"evaluate tiny --checkpoint {MODEL}/ckpt-9", "ckpt-9: checkpoint not found", "ckpt-2")
    refused(f"export tiny --checkpoint {MODEL}/ckpt-9", "ckpt-9: checkpoint not found", "ckpt-2")


@pytest.mark.parametrize("step", READERS)
def test_of_another_model(refused, step):
    """The width of the network was edited after the training."""
    config = MODEL / "pipeline.config"
    config.write_text(config.read_text().replace("depth_multiplier: 0.35", "depth_multiplier: 0.5"))
    message = refused(step, str(PREFIX), "does not fit this model", "(expected (")
    assert len(message) < 1500


def test_of_another_kind(refused, command, small, here, model):
    assert command("config", "next", *small).code == 0
    start_from = "train next --set train_config.fine_tune_checkpoint="
    refused(start_from + str(model / "saved_model"), "a SavedModel, which cannot be trained on")
    weights = here / "weights.h5"
    weights.write_bytes(b"\x89HDF")
    refused(start_from + str(weights), "a Keras weights file")
    refused("export tiny --output workspace/images/s1", "contains other files")


def test_export_keeps_the_old_one_when_refused(refused, model):
    spoil("data cut")
    refused("export tiny", "half-copied")
    assert main(["evaluate", "tiny"]) == 2
