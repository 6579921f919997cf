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


def relabel(command, names, renamed=()):
    """Make the records anew with these classes, and with boxes of these names."""
    for path in Path("workspace/images/s1").glob("*.xml"):
        text = path.read_text()
        for old, new in dict(renamed).items():
            text = text.replace(f"<name>{old}<", f"<name>{new}<")
        path.write_text(text)
    write_label_map(ANNOTATIONS, names)
    for step in ("split", "records"):
        ran = command(step)
        assert ran.code == 0, ran.err


@pytest.mark.parametrize("step", READERS)
@pytest.mark.parametrize(
    ("names", "renamed", "numbers"),
    [
        (["beta", "alpha"], {}, [1, 2]),  # swapped
        (["beta", "omega"], {"alpha": "omega"}, [1, 2]),  # renamed, so that the alphabet moves
        ({2: "alpha"}, {"beta": "alpha"}, [1, 2]),  # one removed, the other moved
    ],
)
def test_a_number_of_another_class_is_refused(
    problems, command, here, step, names, renamed, numbers
):
    relabel(command, names, renamed)
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
    relabel(command, ["alpha", "two words"], {"beta": "two words"})
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
        again = command(*step.split(), "--rename", "beta=two words")
        assert again.code == 0, "said once more"


def test_a_rename_of_nothing_is_refused(refused, command, here):
    refused("train tiny --rename gamma=delta", 'no class "gamma"')
    refused("train tiny --rename gamma", "--rename")
    relabel(command, ["beta", "alpha"])
    refused("train tiny --rename alpha=omega", 'class 1 is "alpha" in the weights')
    refused("evaluate tiny --rename beta=alpha", 'class 1 is "alpha" in the weights')


@pytest.mark.parametrize("step", READERS)
def test_a_rename_that_changes_nothing_is_no_silence(problems, command, here, step):
    """The label map of the data still has the old name."""
    (problem,) = problems(f"{step} --rename beta=omega")
    assert problem["code"] == "unknown-class" and 'no class "omega"' in problem["what"]
    assert problem["path"] == str(ANNOTATIONS)


def test_a_rename_without_a_label_map_is_refused(problems, command, here):
    ANNOTATIONS.unlink()
    (problem,) = problems("export tiny --rename beta=omega")
    assert problem["code"] == "unknown-class" and problem["path"] == str(OWN)
    OWN.unlink()
    (problem,) = problems("export tiny --rename beta=omega")
    assert problem["code"] == "unknown-class" and problem["setting"] == "rename"
    write_label_map(ANNOTATIONS, ["alpha", "beta"])
    assert command("train", "tiny").code == 0
    ANNOTATIONS.unlink()
    for step in READERS:
        assert command(*step.split(), "--rename", "beta=omega").code == 2


def test_a_swap_can_be_meant(command, here):
    """Whoever gave the classes each other's names says so with two renames."""
    write_label_map(ANNOTATIONS, ["beta", "alpha"])
    renames = ("--rename", "alpha=beta", "--rename", "beta=alpha")
    assert command("export", "tiny", *renames).code == 0
    assert read_label_map(OWN).names == {1: "beta", 2: "alpha"}


def test_a_class_that_is_gone_keeps_its_name(command, here):
    relabel(command, ["alpha"], {"beta": "alpha"})
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
    for step in READERS[::-1]:
        assert command(*step.split()).err.count("cannot be compared") == 1
    assert read_label_map(OWN) == read_label_map(ANNOTATIONS), "from now on they can"
    assert "cannot be compared" not in command("export", "tiny").err


def test_all_of_an_own_model_means_its_classes_too(refused, command, here, small):
    assert command("config", "next", *small, "--checkpoint", str(MODEL)).code == 0
    relabel(command, ["alpha", "omega"], {"beta": "omega"})
    full = ["train", "next", "--steps=1", "--set=train_config.fine_tune_checkpoint_type=full"]
    refused(full, 'class 2 is "beta" in the weights and "omega" in the data')
    refused([*full, "--rename", "gamma=omega"], 'no class "gamma"')
    assert command(*full, "--rename", "beta=omega").code == 0
    assert read_label_map("workspace/models/next/label_map.pbtxt").names == {1: "alpha", 2: "omega"}


def test_an_own_model_gives_its_class_head_to_a_renamed_class(refused, command, here, small):
    """With another label map than that of the start the head would be trained anew."""
    assert command("config", "next", *small, "--checkpoint", str(MODEL)).code == 0
    relabel(command, ["alpha", "omega"], {"beta": "omega"})
    train = ["train", "next", "--steps=1"]
    refused([*train, "--rename", "gamma=omega"], 'no class "gamma"')
    ran = command(*train, "--rename", "beta=omega")
    assert ran.code == 0 and "different class names" not in ran.err


def test_a_rename_without_weights_is_refused(refused, command, here, small):
    assert command("config", "next", *small).code == 0
    refused("train next --rename beta=omega", "nothing to rename")


def test_a_finished_model_is_compared_and_renamed_too(refused, command, here):
    assert command("train", "tiny").code == 0
    relabel(command, ["alpha", "omega"], {"beta": "omega"})
    refused("train tiny", 'class 2 is "beta" in the weights and "omega" in the data')
    ran = command("train", "tiny", "--rename", "beta=omega")
    assert ran.code == 0 and "already trained" in ran.out
    assert read_label_map(OWN).names == {1: "alpha", 2: "omega"}
    assert command("train", "tiny").code == 0


def test_names_that_look_the_same_are_told_apart(problems, command, here):
    relabel(command, ["alpha", "b\u0435ta"], {"beta": "b\u0435ta"})  # a Cyrillic letter
    (problem,) = problems("export tiny")
    assert "U+0435" in problem["what"]


def test_a_name_at_two_numbers_blocks_no_trained_model(command, here):
    """The old API trained with such a label map; so the model is what it is."""
    twice = "item { id: 1 name: 'alpha' }\nitem { id: 2 name: 'alpha' }\n"
    for path in (OWN, ANNOTATIONS):
        path.write_text(twice)
    for step in ("evaluate", "export"):
        ran = command(step, "tiny")
        assert ran.code == 0, ran.err
    assert command("detect", "tiny", "workspace/images/test", "--output", "found").code == 0


@pytest.mark.parametrize("text", ["", "# no class yet\n", "item { id: 0 name: 'background' }\n"])
def test_an_empty_label_map_gets_advice_that_helps(problems, command, here, text):
    ANNOTATIONS.write_text(text)
    for step in ("records", *READERS):
        (problem,) = problems(step)
        assert problem["remedy"]["action"] == "make-label-map"
    ANNOTATIONS.unlink()  # as the advice says
    assert command("records").code == 0
    assert read_label_map(ANNOTATIONS) == read_label_map(OWN)
