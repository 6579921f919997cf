"""Every field is honoured, harmless, warned about or refused: none is passed over in silence."""

import csv

import pytest

from tfod.config import apply_overrides, check_config, config_text, parse_config, read_config
from tfod.config.schema import HARMLESS, HONOURED, REFUSED, WARNED, fields
from tfod.config.templates import default_config
from tfod.errors import UserError
from tfod.remedies import Remedy
from tfod.workspace import Workspace


def refusal(config, *more, **options):
    """The problems that `check_config` reports."""
    with pytest.raises(UserError) as error:
        check_config(config, *more, **options)
    return error.value.problems


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
            problems = refusal(config_with(path, field))
            assert any(path[-1] in problem.setting for problem in problems), path
            assert len(problems) == 1 or path[:-1] == ("model",), path


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
    assert "num_epochs: ignored" in check_config(config)[0]


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
        (problem,) = refusal(config, path)
        assert (problem.code, problem.where, problem.got) == ("another-architecture", path, name)
        assert problem.line


def test_all_problems_together_with_their_lines(tmp_path):
    text = config_text(default_config())
    text = text.replace("loss {\n", "loss {\n hard_example_miner {}\n", 1)
    text = text.replace("train_config {\n", "train_config {\n merge_multiple_label_boxes: true\n")
    text = text.replace(" num_layers_before", " box_code_size: 7\n num_layers_before")
    path = tmp_path / "pipeline.config"
    path.write_text(text)
    problems = refusal(parse_config(text), path)
    lines = {
        word: number for number, line in enumerate(text.split("\n"), 1) for word in line.split()
    }
    found = {problem.setting.rpartition(".")[2]: problem for problem in problems}
    assert {name: (problem.where, problem.line) for name, problem in found.items()} == {
        "hard_example_miner": (path, lines["hard_example_miner"]),
        "merge_multiple_label_boxes": (path, lines["merge_multiple_label_boxes:"]),
        "box_code_size": (path, lines["box_code_size:"]),
    }
    assert (found["box_code_size"].expected, found["box_code_size"].got) == ("4", 7)


def test_given_twice_is_said(tmp_path):
    path = tmp_path / "pipeline.config"
    path.write_text(config_text(default_config()) + "train_config { }\n")
    config = read_config(path, Workspace("."))
    assert config.train_config.batch_size == 8
    warning = check_config(config, path)
    assert len(warning) == 1 and "train_config[1]: given twice" in warning[0]


SSD = "model.ssd"
RESIZER = f"{SSD}.image_resizer.fixed_shape_resizer"
FPN = f"{SSD}.feature_extractor.fpn"
ANCHORS = f"{SSD}.anchor_generator.multiscale_anchor_generator"
MATCHER = f"{SSD}.matcher.argmax_matcher"
NMS = f"{SSD}.post_processing.batch_non_max_suppression"
PREDICTOR = f"{SSD}.box_predictor.weight_shared_convolutional_box_predictor"
AUGMENT = "train_config.data_augmentation_options"
RATE = "train_config.optimizer.momentum_optimizer.learning_rate"
COSINE = f"{RATE}.cosine_decay_learning_rate"
RANGE, NOT_SET, UNSUPPORTED = "out-of-range", "setting-missing", "not-supported"


@pytest.mark.parametrize(
    ("override", "code", "expected"),
    [
        (f"{SSD}.num_classes=0", RANGE, "1 or more"),
        (f"{SSD}.feature_extractor.type=", NOT_SET, None),
        (f"{SSD}.feature_extractor.depth_multiplier=0", RANGE, "more than 0"),
        (f"{SSD}.feature_extractor.depth_multiplier=nan", RANGE, "more than 0"),
        (f"{SSD}.feature_extractor.depth_multiplier=inf", RANGE, "more than 0"),
        (f"{RESIZER}.height=300", "image-size", "a multiple of 32"),
        (f"{RESIZER}.width=32", RANGE, "33 or more"),
        (f"{FPN}.min_level=6", RANGE, "a min_level of 2 to 5"),
        (f"{FPN}.min_level=1", RANGE, "a min_level of 2 to 5"),
        (f"{FPN}.additional_layer_depth=-300", None, None),  # min_depth counts
        (f"{ANCHORS}.max_level=6", RANGE, "those of fpn, 3 to 7"),
        (f"{ANCHORS}.scales_per_octave=0", RANGE, "1 or more"),
        (f"{ANCHORS}.aspect_ratios=[]", NOT_SET, "at least one ratio"),
        (f"{ANCHORS}.aspect_ratios[1]=-2", RANGE, "more than 0"),
        (f"{ANCHORS}.anchor_scale=0", RANGE, "more than 0"),
        (f"{ANCHORS}.normalize_coordinates=false", UNSUPPORTED, "true"),
        (f"{SSD}.box_coder.faster_rcnn_box_coder.x_scale=0", RANGE, "more than 0"),
        (f"{SSD}.box_coder.square_box_coder={{}}", UNSUPPORTED, "faster_rcnn_box_coder"),
        (f"{MATCHER}.unmatched_threshold=0.6", RANGE, "at most matched_threshold, 0.5"),
        (f"{MATCHER}.negatives_lower_than_unmatched=false", RANGE, "two different thresholds"),
        (f"{SSD}.matcher.bipartite_matcher={{}}", UNSUPPORTED, "argmax_matcher"),
        (f"{SSD}.similarity_calculator.ioa_similarity={{}}", UNSUPPORTED, "iou_similarity"),
        (f"{SSD}.use_confidences_as_targets=true", UNSUPPORTED, "false"),
        (f"{SSD}.explicit_background_class=true", UNSUPPORTED, "false"),
        (f"{SSD}.add_background_class=false", UNSUPPORTED, "true"),
        (f"{SSD}.loss.localization_loss.weighted_giou={{}}", UNSUPPORTED, "weighted_smooth_l1"),
        (f"{SSD}.loss.classification_loss.weighted_softmax={{}}", UNSUPPORTED, "weighted_sigmoid"),
        (f"{SSD}.loss.hard_example_miner={{}}", UNSUPPORTED, None),
        (f"{SSD}.loss.random_example_sampler={{}}", UNSUPPORTED, None),
        (f"{SSD}.loss.equalization_loss.weight=0.1", UNSUPPORTED, None),
        (f"{SSD}.loss.expected_loss_weights=EXPECTED_SAMPLING", UNSUPPORTED, "NONE"),
        (f"{NMS}.use_class_agnostic_nms=true", UNSUPPORTED, "false"),
        (f"{NMS}.use_combined_nms=true", UNSUPPORTED, "false"),
        (f"{NMS}.use_partitioned_nms=true", UNSUPPORTED, "false"),
        (f"{NMS}.soft_nms_sigma=0.5", UNSUPPORTED, "0"),
        (f"{NMS}.max_detections_per_class=0", RANGE, "1 or more"),
        (f"{NMS}.max_total_detections=0", RANGE, "1 or more"),
        (f"{NMS}.iou_threshold=1.5", RANGE, "0 to 1"),
        (f"{NMS}.score_threshold=-1", RANGE, "0 or more"),
        (f"{SSD}.post_processing.logit_scale=0", RANGE, "any number but 0"),
        (f"{SSD}.post_processing.calibration_config={{}}", UNSUPPORTED, None),
        (f"{PREDICTOR}.depth=0", RANGE, "1 or more"),
        (f"{PREDICTOR}.kernel_size=0", RANGE, "1 or more"),
        (f"{PREDICTOR}.box_code_size=5", UNSUPPORTED, "4"),
        (f"{PREDICTOR}.conv_hyperparams.group_norm={{}}", UNSUPPORTED, "batch_norm"),
        (f"{RESIZER}.convert_to_grayscale=true", UNSUPPORTED, "false"),
        (f"{SSD}.image_resizer.identity_resizer={{}}", UNSUPPORTED, "fixed_shape_resizer"),
        ("train_config.batch_size=0", RANGE, "1 or more"),
        (f"{COSINE}.total_steps=10", RANGE, "warmup_steps, 1000, or more"),
        (f"{COSINE}.learning_rate_base=0.001", RANGE, "warmup_learning_rate, "),
        (f"{RATE}.exponential_decay_learning_rate.decay_steps=0", RANGE, "1 or more"),
        (f"{RATE}.manual_step_learning_rate={{}}", NOT_SET, "schedule {"),
        (f"{RATE}.manual_step_learning_rate={{schedule {{}}}}", RANGE, "1 or more"),
        (
            f"{RATE}.manual_step_learning_rate={{schedule {{step: 5}} schedule {{step: 5}}}}",
            RANGE,
            "each step later",
        ),
        (f"{RATE}={{}}", NOT_SET, "cosine_decay_learning_rate"),
        ("train_config.optimizer={}", NOT_SET, "momentum_optimizer"),
        (f"{AUGMENT}={{random_distort_color {{color_ordering: 2}}}}", RANGE, "0 or 1"),
        ('train_config={fine_tune_checkpoint: "a" freeze_variables: "("}', RANGE, "a regular"),
        ("train_input_reader.max_number_of_boxes=0", RANGE, "1 or more"),
        ("train_input_reader.input_type=TF_SEQUENCE_EXAMPLE", UNSUPPORTED, "TF_EXAMPLE"),
        ("eval_input_reader[1]={}", UNSUPPORTED, "a single eval_input_reader"),
        ('eval_input_reader[1]={name: "val"}', None, ""),
    ],
)
def test_values_that_make_no_model_or_no_run(override, code, expected):
    config = default_config()
    apply_overrides(config, [override])
    if code is None:
        assert check_config(config) == []
        return
    problem = refusal(config)[0]
    assert problem.code == f"config-{code}"
    written, named = override.partition("=")[0], problem.setting
    assert named.startswith(written.partition("[")[0]) or written.startswith(named)
    assert (expected or "") in str(problem.expected)


def test_another_extractor():
    config = default_config()
    for name, what in (
        ("ssd_resnet50_v1_fpn_keras", "planned"),
        ("ssd_mobilenet_v1_fpn_keras", "a different architecture"),
        ("ssd_mobilenet_v2", "TensorFlow 1"),
    ):
        config.model.ssd.feature_extractor.type = name
        (problem,) = refusal(config)
        assert problem.code == "another-architecture" and problem.got == name
        assert what in problem.what


def test_an_fpn_without_depth():
    config = default_config()
    config.model.ssd.feature_extractor.min_depth = 0
    config.model.ssd.feature_extractor.fpn.additional_layer_depth = 0
    (problem,) = refusal(config)
    assert problem.setting.endswith("fpn.additional_layer_depth")


def test_a_size_that_fits_is_named():
    config = default_config()
    config.model.ssd.image_resizer.fixed_shape_resizer.height = 300
    (problem,) = refusal(config)
    assert problem.remedy == Remedy.USE(value=[288, 320])


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
    config = default_config()
    config.model.ssd.ClearField(part)
    problems = refusal(config)
    assert all(problem.code == "config-setting-missing" for problem in problems)
    assert all(part in problem.setting for problem in problems)


def test_no_model_at_all():
    config = default_config()
    config.ClearField("model")
    (problem,) = refusal(config)
    assert (problem.code, problem.setting) == ("config-setting-missing", "model.ssd")


def test_fine_tuning():
    config = default_config()
    train = config.train_config
    train.fine_tune_checkpoint = "model.ckpt"
    train.fine_tune_checkpoint_version = train.V1
    train.fine_tune_checkpoint_type = "fine_tune"
    kind, version = refusal(config)
    assert (kind.setting, kind.got) == ("train_config.fine_tune_checkpoint_type", '"fine_tune"')
    assert (version.setting, version.got) == ("train_config.fine_tune_checkpoint_version", "V1")
    train.ClearField("fine_tune_checkpoint_version")
    train.fine_tune_checkpoint_type = "detection"
    (warning,) = check_config(config)
    assert "train_config.fine_tune_checkpoint_version: not set" in warning
    train.fine_tune_checkpoint = ""
    assert check_config(config) == []  # nothing is restored, so nothing asks for them


def test_augmentation_steps_are_those_given():
    config = default_config()
    config.train_config.data_augmentation_options.add().random_vertical_flip.SetInParent()
    known = {"random_horizontal_flip", "random_crop_image", "random_vertical_flip"}
    assert check_config(config, supported_augmentations=known) == []
    assert check_config(config) == []
    (problem,) = refusal(config, supported_augmentations=known - {"random_vertical_flip"})
    setting = "train_config.data_augmentation_options[2].random_vertical_flip"
    assert (problem.code, problem.setting) == ("config-not-supported", setting)
