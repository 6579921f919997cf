"""Classes that have other numbers or names in the data than in the weights."""

from pathlib import Path

import pytest

from tfod.labels import read_label_map, write_label_map

ANNOTATIONS = Path("annotations/label_map.pbtxt")
MODEL = Path("workspace/models/tiny")
OWN = MODEL / "label_map.pbtxt"
READERS = ["train tiny", "evaluate tiny", "export tiny"]
DOORS = {
    "train": ("model_main_tf2", f"--model_dir={MODEL}"),
    "evaluate": ("model_main_tf2", f"--model_dir={MODEL} --checkpoint_dir={MODEL}"),
    "export": (
        "exporter_main_v2",
        f"--trained_checkpoint_dir={MODEL} --output_directory=exported-models/tiny",
    ),
}


@pytest.mark.parametrize("step", READERS)
@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["beta", "alpha"], [1, 2]),  # swapped
        (["beta", "omega"], [1, 2]),  # alpha renamed, so that the alphabet moves
        ({2: "alpha"}, [1, 2]),  # one removed, the other moved
    ],
)
def test_a_number_of_another_class_is_refused(problems, here, step, names, numbers):
    write_label_map(ANNOTATIONS, names)
    found = problems(step)
    assert {problem["code"] for problem in found} == {"class-number-moved"}
    assert [problem["what"].split()[1] for problem in found] == [str(n) for n in numbers]
    assert '"alpha" in the weights' in found[0]["what"]
    assert found[0]["path"] == str(ANNOTATIONS)
    assert found[0]["remedy"] == {
        "action": "keep-numbers",
        "label_map": str(ANNOTATIONS),
        "weights": str(OWN),
    }


@pytest.mark.parametrize("step", DOORS)
def test_the_doors_of_the_old_api_refuse_it_too(refused, here, step):
    write_label_map(ANNOTATIONS, ["beta", "alpha"])
    door, arguments = DOORS[step]
    arguments += f" --pipeline_config_path={MODEL}/pipeline.config"
    refused(arguments, 'class 1 is "alpha" in the weights and "beta" in the data', door=door)


@pytest.mark.parametrize("step", READERS)
def test_a_new_name_at_the_same_number_needs_a_word(problems, command, here, step):
    write_label_map(ANNOTATIONS, ["alpha", "two words"])
    (problem,) = problems(step)
    assert problem["code"] == "class-renamed"
    assert problem["remedy"] == {"action": "rename-class", "old": "beta", "new": "two words"}
    assert "--rename 'beta=two words'" in command(*step.split()).err
    before = OWN.read_bytes()
    ran = command(*step.split(), "--rename", "beta=two words")
    assert ran.code == 0, ran.err
    assert read_label_map(OWN).names == {1: "alpha", 2: "two words"}
    assert OWN.with_name("label_map.pbtxt.old").read_bytes() == before
    if step == "export tiny":
        assert read_label_map("exported-models/tiny/label_map.pbtxt") == read_label_map(OWN)
    assert command("export", "tiny", "--rename", "beta=two words").code == 0, "said once more"


def test_a_rename_of_nothing_is_refused(refused, here):
    refused("train tiny --rename gamma=delta", 'no class "gamma"')
    refused("train tiny --rename gamma", "--rename")
    write_label_map(ANNOTATIONS, ["beta", "alpha"])
    refused("train tiny --rename alpha=omega", 'class 1 is "alpha" in the weights')
    refused("evaluate tiny --rename beta=alpha", 'class 1 is "alpha" in the weights')


def test_a_swap_can_be_meant(command, here):
    """Whoever gave the classes each other's names says so with two renames."""
    write_label_map(ANNOTATIONS, ["beta", "alpha"])
    renames = ("--rename", "alpha=beta", "--rename", "beta=alpha")
    assert command("export", "tiny", *renames).code == 0
    assert read_label_map(OWN).names == {1: "beta", 2: "alpha"}


def test_a_class_that_is_gone_keeps_its_name(command, here):
    write_label_map(ANNOTATIONS, ["alpha"])
    for step in READERS:
        ran = command(*step.split())
        assert ran.code == 0, ran.err
        assert 'class 2 ("beta") of the weights is not in the data' in ran.err
    assert read_label_map(OWN).names == {1: "alpha", 2: "beta"}
    assert read_label_map("exported-models/tiny/label_map.pbtxt") == read_label_map(OWN)


def test_a_class_at_a_free_number_is_said(command, here):
    write_label_map(OWN, ["alpha"])
    ran = command("export", "tiny")
    assert ran.code == 0 and 'class 2 ("beta") is not in the weights' in ran.err


def test_weights_without_a_label_map_say_once_that_nothing_can_be_compared(command, here):
    OWN.unlink()
    for step in ("evaluate tiny", "export tiny"):
        assert command(*step.split()).err.count("cannot be compared") == 1
    assert command("train", "tiny").err.count("cannot be compared") == 1
    assert read_label_map(OWN) == read_label_map(ANNOTATIONS), "from now on they can"
    assert "cannot be compared" not in command("evaluate", "tiny").err


def test_all_of_an_own_model_means_its_classes_too(refused, command, here, small):
    assert command("config", "next", *small, "--checkpoint", str(MODEL)).code == 0
    write_label_map(ANNOTATIONS, ["alpha", "omega"])
    full = ["train", "next", "--steps=1", "--set=train_config.fine_tune_checkpoint_type=full"]
    refused(full, 'class 2 is "beta" in the weights and "omega" in the data')
    ran = command(*full, "--rename", "beta=omega")
    assert ran.code == 2 and "no class" not in ran.err
