"""Every field is honoured, harmless, warned about or refused: none is passed over in silence."""

import csv

import pytest

from tfod.config import check_config, config_text, parse_config, read_config
from tfod.config.schema import HARMLESS, HONOURED, REFUSED, WARNED, fields
from tfod.config.templates import default_config
from tfod.errors import UserError
from tfod.workspace import Workspace


def reachable(message="TrainEvalPipelineConfig", path=()):
    """Yield (path of field names, field) for all that a config of this family can hold."""
    for field in fields()[message]:
        yield (*path, field.name), field
        if field.type in fields() and field.mark != REFUSED:
            yield from reachable(field.type, (*path, field.name))


def inside(path):
    """The template, and the message in it that holds the field at the end of the path."""
    config = message = default_config()
    for name in path[:-1]:
        inner = getattr(message, name)
        if hasattr(inner, "add"):
            inner = inner[0] if len(inner) else inner.add()
        inner.SetInParent()
        message = inner
    return config, message


def config_with(path, field):
    """The template with one more field, set to something that is not its default."""
    config, message = inside(path)
    value = getattr(message, field.name)
    if field.type in fields():
        value.add() if field.repeated else value.SetInParent()
    elif field.repeated:
        value.append("x" if field.type == "string" else 1)
    elif field.values:
        default = message.DESCRIPTOR.fields_by_name[field.name].default_value
        setattr(message, field.name, next(v for v in field.values.values() if v != default))
    elif field.type == "string":
        setattr(message, field.name, "x")
    else:
        setattr(message, field.name, not value if field.type == "bool" else value + 1)
    return config


ALL = list(reachable())


def test_the_family_is_large():
    assert len(ALL) > 400
    assert {field.mark for _, field in ALL} == {HONOURED, HARMLESS, WARNED, REFUSED}


def test_the_template_is_accepted_without_a_word():
    assert check_config(default_config()) == []


def test_every_refused_field_is_named():
    for path, field in ALL:
        if field.mark == REFUSED:
            with pytest.raises(UserError) as error:
                check_config(config_with(path, field))
            assert path[-1] in str(error.value), path
            assert str(error.value).count("\n") == 0 or path[:-1] == ("model",), path


def test_a_refused_field_at_its_default_is_accepted():
    for path, field in ALL:
        if field.mark == REFUSED and field.type not in fields() and not field.repeated:
            config, message = inside(path)
            setattr(message, field.name, getattr(message, field.name))
            if not field.oneof:  # else it is chosen, whatever its value
                check_config(config)


def test_every_harmless_field_is_accepted_in_silence():
    for path, field in ALL:
        if field.mark == HARMLESS:
            assert check_config(config_with(path, field)) == [], path


def test_every_warning_says_which_field():
    for path, field in ALL:
        if field.mark == WARNED and field.name not in ("use_moving_average", "num_epochs"):
            warnings = check_config(config_with(path, field))
            assert len(warnings) == 1 and path[-1] in warnings[0], path
    config = default_config()
    config.train_config.optimizer.ClearField("use_moving_average")
    assert "plain weights" in check_config(config)[0]
    config = default_config()
    config.eval_input_reader[0].num_epochs = 2
    assert "num_epochs is ignored" in check_config(config)[0]


OURS = "ssd_mobilenet_v2_fpn_keras"


def test_every_wild_file(shared):
    folder = shared / "wild/pipeline_configs"
    with (folder / "index.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    for row in rows:
        path = folder / row["file"]
        kind, name = row["model"].split(" / ")
        if row["upstream_parse"].startswith("ERROR") or kind != "ssd":
            continue
        config = read_config(path, Workspace("."))
        if name == OURS:
            assert check_config(config, path) == [], path
            continue
        with pytest.raises(UserError) as error:
            check_config(config, path)
        assert str(error.value).startswith(f"{path}:") and name in str(error.value)
        assert "\n" not in str(error.value)


def refusal(change, *more, text=None, **options):
    config = parse_config(text) if text else default_config()
    change(config)
    with pytest.raises(UserError) as error:
        check_config(config, *more, **options)
    return str(error.value)


def test_all_problems_in_one_message_with_their_lines(tmp_path):
    text = config_text(default_config())
    text = text.replace("loss {\n", "loss {\n hard_example_miner {}\n", 1)
    text = text.replace("train_config {\n", "train_config {\n merge_multiple_label_boxes: true\n")
    text = text.replace(" num_layers_before", " box_code_size: 7\n num_layers_before")
    path = tmp_path / "pipeline.config"
    path.write_text(text)
    message = refusal(lambda config: None, path, text=text)
    lines = {
        word: number for number, line in enumerate(text.split("\n"), 1) for word in line.split()
    }
    assert "3 settings of" in message
    assert f"{path}:{lines['hard_example_miner']}: model.ssd.loss.hard_example_miner is" in message
    assert f"{path}:{lines['merge_multiple_label_boxes:']}: train_config.merge_mult" in message
    assert f"{path}:{lines['box_code_size:']}: " in message and "is 7 (expected 4)" in message


def test_given_twice_is_said(tmp_path):
    path = tmp_path / "pipeline.config"
    path.write_text(config_text(default_config()) + "train_config { }\n")
    config = read_config(path, Workspace("."))
    assert config.train_config.batch_size == 8
    warning = check_config(config, path)
    assert len(warning) == 1 and "train_config[1] is given a second time" in warning[0]


def set_field(path, value):
    def change(config):
        *outer, last = path.split(".")
        for name in outer:
            config = getattr(config, name)
        setattr(config, last, value)

    return change


RESIZER = "model.ssd.image_resizer.fixed_shape_resizer"
COSINE = "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("model.ssd.num_classes", 0, "is 0 (expected 1 or more)"),
        ("model.ssd.feature_extractor.type", "ssd_resnet50_v1_fpn_keras", "planned"),
        ("model.ssd.feature_extractor.type", "ssd_mobilenet_v2", "TensorFlow 1"),
        ("model.ssd.feature_extractor.type", "", "feature_extractor.type is missing"),
        (f"{RESIZER}.height", 300, "is 300 (expected a multiple of 32, such as 288 or 320"),
        (f"{RESIZER}.width", 32, "is 32 (expected 33 or more)"),
        ("model.ssd.feature_extractor.fpn.max_level", 6, "has the levels 3 to 7 (expected those"),
        ("model.ssd.feature_extractor.fpn.min_level", 6, "has the levels 6 to 7 (expected a min"),
        ("train_config.batch_size", 0, "is 0 (expected 1 or more)"),
        (f"{COSINE}.total_steps", 10, "is 10 (expected warmup_steps, 1000, or more)"),
        (f"{COSINE}.learning_rate_base", 0.001, "is 0.001 (expected warmup_learning_rate"),
        ("train_input_reader.max_number_of_boxes", 0, "is 0 (expected 1 or more)"),
        ("train_input_reader.input_type", 2, "is TF_SEQUENCE_EXAMPLE (expected TF_EXAMPLE)"),
    ],
)
def test_values_that_make_no_model(path, value, text):
    assert text in refusal(set_field(path, value))


def test_sizes_the_fpn_takes():
    config = default_config()
    resizer = config.model.ssd.image_resizer.fixed_shape_resizer
    resizer.height, resizer.width = 96, 320
    assert check_config(config) == []
    resizer.height = 300
    config.model.ssd.feature_extractor.pad_to_multiple = 32
    assert check_config(config) == []


@pytest.mark.parametrize(
    "part",
    [
        "image_resizer", "box_coder", "matcher", "similarity_calculator", "box_predictor",
        "anchor_generator", "loss", "post_processing",
    ],
)  # fmt: skip
def test_missing_parts_are_named(part):
    assert part in refusal(lambda config: config.model.ssd.ClearField(part))


def test_no_model_at_all():
    assert "model.ssd is missing" in refusal(lambda config: config.ClearField("model"))


def test_fine_tuning():
    def from_v1(config):
        config.train_config.fine_tune_checkpoint = "model.ckpt"
        config.train_config.ClearField("fine_tune_checkpoint_version")

    def of_unknown_type(config):
        config.train_config.fine_tune_checkpoint = "ckpt-0"
        config.train_config.fine_tune_checkpoint_type = "fine_tune"

    assert "is not V2" in refusal(from_v1)
    assert 'is "fine_tune" (expected detection, full' in refusal(of_unknown_type)
    config = default_config()
    config.train_config.fine_tune_checkpoint_version = 1
    config.train_config.fine_tune_checkpoint_type = "fine_tune"
    assert check_config(config) == []  # nothing is restored, so nothing asks for them


def test_augmentation_steps_are_those_given():
    config = default_config()
    config.train_config.data_augmentation_options.add().random_vertical_flip.SetInParent()
    known = {"random_horizontal_flip", "random_crop_image", "random_vertical_flip"}
    assert check_config(config, supported_augmentations=known) == []
    assert check_config(config) == []
    with pytest.raises(UserError, match=r"options\[2\].random_vertical_flip is not supported"):
        check_config(config, supported_augmentations=known - {"random_vertical_flip"})
