"""`--set`: what can be set and what is said when it cannot."""

import pytest
from refusals import raises_problem

from tfod.config import apply_overrides, config_text, enum_name
from tfod.config.templates import default_config
from tfod.remedies import Remedy


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
    ("override", "code", "fields"),
    [
        ("train_config.batchsize=4", "config-unknown-field", {"remedy": Remedy.DID_YOU_MEAN}),
        ("trainconfig.batch_size=4", "config-unknown-field", {"setting": "trainconfig"}),
        (
            "train_config.batch_size=four",
            "config-wrong-type",
            {"got": "four", "expected": "a whole number, 0 or more"},
        ),
        ("train_config.batch_size=", "config-wrong-type", {"got": "nothing"}),
        ("train_config.batch_size=1 num_steps: 3", "config-wrong-type", {}),
        (
            "train_config.batch_size",
            "override-without-value",
            {"setting": "train_config.batch_size"},
        ),
        (
            "train_config.optimizer=3",
            "config-wrong-type",
            {"expected": "a section: optimizer { ... }"},
        ),
        (
            "model.ssd.post_processing.score_converter=X",
            "config-wrong-type",
            {"expected": "IDENTITY, SIGMOID, SOFTMAX"},
        ),
        ("model.ssd.num_classes.x=3", "config-no-such-place", {"setting": "model.ssd.num_classes"}),
        ("model.ssd[0].num_classes=3", "config-no-such-place", {"setting": "model.ssd[0]"}),
        ("eval_input_reader[2].shuffle=true", "config-no-such-place", {"expected": "0 to 1"}),
        (f"{RATIOS}[4]=1", "config-no-such-place", {"expected": "0 to 3"}),
        ("=3", "config-no-such-place", {"what": '"" is not a field'}),
        ("a..b=3", "config-unknown-field", {"setting": "a"}),
    ],
)
def test_what_cannot_be_set(override, code, fields):
    with raises_problem(code, **fields):
        apply_overrides(default_config(), [override])


def test_the_field_that_is_meant():
    for written, meant in (
        ("train_config.batchsize", "batch_size"),
        ("trainconfig.a", "train_config"),
    ):
        with raises_problem("config-unknown-field") as found:
            apply_overrides(default_config(), [f"{written}=4"])
        assert found[0].remedy == Remedy.DID_YOU_MEAN(name=meant)


def test_which_of_several_readers():
    config = default_config()
    config.eval_input_reader.add()
    with raises_problem("config-no-such-place", setting="eval_input_reader", what="2 elements"):
        apply_overrides(config, ["eval_input_reader.shuffle=true"])
