"""`--set`: what can be set and what is said when it cannot."""

import pytest

from tfod.config import apply_overrides, config_text, enum_name
from tfod.config.templates import default_config
from tfod.errors import UserError


def value_after(override, path):
    config = default_config()
    apply_overrides(config, [override])
    for step in path.split("."):
        name, _, index = step.partition("[")
        config = getattr(config, name)
        config = config[int(index[:-1])] if index else config
    return config


RECORDS = "train_input_reader.tf_record_input_reader.input_path"
RATIOS = "model.ssd.anchor_generator.multiscale_anchor_generator.aspect_ratios"


@pytest.mark.parametrize(
    ("path", "written", "value"),
    [
        ("train_config.batch_size", "4", 4),
        ("model.ssd.num_classes", " 3 ", 3),
        ("train_config.gradient_clipping_by_norm", "10", 10.0),
        ("train_config.fine_tune_checkpoint", "C:\\train\\new", "C:\\train\\new"),
        ("train_config.fine_tune_checkpoint", '"a b=c"', "a b=c"),
        ("train_config.fine_tune_checkpoint", "", ""),
        ("eval_input_reader[0].shuffle", "true", True),
        ("eval_input_reader[0].shuffle", "True", True),
        (RECORDS, "a b.record", ["a b.record"]),
        (RECORDS, "[a.record, 'b.record']", ["a.record", "b.record"]),
        (RATIOS, "[1, 0.5]", [1, 0.5]),
        (RATIOS, "[]", []),
    ],
)
def test_values(path, written, value):
    assert value_after(f"{path}={written}", path) == value


def test_lists_by_index():
    assert value_after(f"{RATIOS}[1]=3", RATIOS) == [1, 3, 0.5]
    assert value_after(f"{RATIOS}[3]=4", RATIOS) == [1, 2, 0.5, 4]
    assert value_after("eval_input_reader.shuffle=true", "eval_input_reader[0].shuffle") is True
    assert value_after("eval_input_reader[1].name=x", "eval_input_reader[1].name") == "x"
    options = value_after(
        "train_config.data_augmentation_options[1]={random_vertical_flip{}}",
        "train_config.data_augmentation_options",
    )
    names = [option.WhichOneof("preprocessing_step") for option in options]
    assert names == ["random_horizontal_flip", "random_vertical_flip"]


def test_enums_and_choices():
    post = value_after(
        "model.ssd.post_processing.score_converter=SOFTMAX", "model.ssd.post_processing"
    )
    assert enum_name(post, "score_converter") == "SOFTMAX"
    optimizer = value_after(
        "train_config.optimizer.adam_optimizer.epsilon=1e-7", "train_config.optimizer"
    )
    assert optimizer.WhichOneof("optimizer") == "adam_optimizer"
    loss = value_after(
        "model.ssd.loss.localization_loss.weighted_l2={}", "model.ssd.loss.localization_loss"
    )
    assert loss.WhichOneof("localization_loss") == "weighted_l2"


def test_nothing_else_changes():
    before, config = default_config(), default_config()
    apply_overrides(config, ["train_config.batch_size=4"])
    config.train_config.batch_size = before.train_config.batch_size
    assert config_text(config) == config_text(before)


@pytest.mark.parametrize(
    ("override", "text"),
    [
        ("train_config.batchsize=4", 'unknown field "batchsize" in train_config. Did you mean "b'),
        ("trainconfig.batch_size=4", 'unknown field "trainconfig". Did you mean "train_config"?'),
        ("train_config.batch_size=four", "is four (expected a whole number, 0 or more)"),
        ("train_config.batch_size=", "is empty (expected a whole number"),
        ("train_config.batch_size=1 num_steps: 3", "expected a whole number"),
        ("train_config.batch_size", "no value (expected path.to.field=value"),
        ("train_config.optimizer=3", "expected a section: optimizer { ... }"),
        ("model.ssd.post_processing.score_converter=X", "expected IDENTITY, SIGMOID, SOFTMAX"),
        ("model.ssd.num_classes.x=3", "model.ssd.num_classes has no fields of its own"),
        ("model.ssd[0].num_classes=3", "ssd is not a list"),
        ("eval_input_reader[2].shuffle=true", "eval_input_reader[2]: the list has 1 elements"),
        (f"{RATIOS}[4]=1", "the list has 3 elements"),
        ("=3", '"" is not a field'),
        ("a..b=3", 'unknown field "a"'),
    ],
)
def test_what_cannot_be_set(override, text):
    with pytest.raises(UserError) as error:
        apply_overrides(default_config(), [override])
    assert str(error.value).startswith(f"--set {override}: ")
    assert text in str(error.value)


def test_which_of_several_readers():
    config = default_config()
    config.eval_input_reader.add()
    with pytest.raises(UserError, match=r"Say which: eval_input_reader\[0\]"):
        apply_overrides(config, ["eval_input_reader.shuffle=true"])
