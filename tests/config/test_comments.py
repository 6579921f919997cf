"""Comments in a pipeline.config: written into new ones, and kept when a config is written again."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfod.config import apply_overrides, config_text, parse_config
from tfod.config.comments import EXPLAINED, RATE, explained, with_comments_of
from tfod.config.templates import new_config, set_data
from tfod.steps.config import ConfigOptions, write_new_config
from tfod.steps.train.start import keep_config
from tfod.workspace import Workspace

HERE = Workspace(".")


@pytest.fixture
def config():
    config = new_config(HERE, 2, size=320)
    set_data(config, "annotations/label_map.pbtxt", ["a.record"], ["b.record"], ["c.record"])
    config.train_config.fine_tune_checkpoint = "zoo/ckpt-0"
    config.train_config.fine_tune_checkpoint_type = "transfer"
    return config


def test_a_new_config_explains_what_people_change(config):
    text = explained(config_text(config))
    assert parse_config(text) == config
    for path, said in EXPLAINED.items():
        name = path.rpartition(".")[2]
        assert re.search(rf"^ *{name}[: ].*  # {re.escape(said)}$", text, re.M), path
    assert text.count("#") == len(EXPLAINED), "each once"
    assert max(map(len, text.splitlines())) <= 120


def test_the_command_writes_them(workspace, config):
    from tfod.labels import write_label_map

    write_label_map(HERE.label_map, ["a", "b"])
    path = write_new_config(HERE, "m", ConfigOptions(steps=500)).path
    assert "num_steps: 500  # length of the training" in path.read_text()
    assert write_new_config(HERE, "m", ConfigOptions(steps=500)).path == path, "the same again"


def test_comments_survive_a_training_with_other_settings(workspace, config):
    folder = HERE.model("m")
    folder.mkdir(parents=True)
    theirs = config_text(config, HERE).replace(
        "  batch_size: 8\n",
        '  # my GPU has 4 GB ("#" is no comment here)\n  batch_size: 8  # was 16\n',
    )
    (folder / "pipeline.config").write_text("# of Anna\n" + theirs + "# the end\n")
    apply_overrides(config, ["train_config.batch_size=4", f"{RATE}.learning_rate_base=0.01"])
    keep_config(config, folder, HERE)
    written = (folder / "pipeline.config").read_text()
    assert '  # my GPU has 4 GB ("#" is no comment here)\n  batch_size: 4  # was 16\n' in written
    assert written.startswith("# of Anna\nmodel {") and written.endswith("}\n# the end\n")
    assert (folder / "pipeline.config.old").read_text().count("#") == written.count("#")


def test_a_comment_stays_with_the_section_it_is_in():
    before = """
    train_config { batch_size: 2  # small
      # turned around
      data_augmentation_options { random_horizontal_flip { } }
      # cut
      data_augmentation_options { random_crop_image { } }
      fine_tune_checkpoint: "a # b"
      from_detection_checkpoint: true  # gone
    }
    """
    config = parse_config(before)
    config.train_config.ClearField("from_detection_checkpoint")
    text = with_comments_of(before, config_text(config))
    assert parse_config(text) == config
    assert "  batch_size: 2  # small\n" in text and "gone" not in text
    flip, cut = (text.index(word) for word in ("random_horizontal_flip", "random_crop_image"))
    assert text.index("# turned around") < flip < text.index("# cut") < cut


@given(st.text(alphabet='ab{}<>[]:#"\\ \n0.1', max_size=60))
def test_any_text_before_leaves_the_config_as_it_is(before):
    config = new_config(HERE, 1, size=128)
    assert parse_config(with_comments_of(before, config_text(config))) == config
