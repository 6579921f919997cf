"""New configs: from the template, from the zoo folder, and for a size."""

import pytest
from refusals import raises_problem

from tfod.config import check_config, config_text, parse_config, read_config, write_config
from tfod.config.templates import batch_size_for, default_config, new_config, set_data, steps_for
from tfod.remedies import Remedy
from tfod.workspace import Workspace

HERE = Workspace(".")


def cosine(config):
    return config.train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate


def zoo(folder, config=None):
    (folder / "checkpoint").mkdir(parents=True)
    (folder / "checkpoint/ckpt-0.index").touch()
    if config is not None:
        write_config(config, folder / "pipeline.config", HERE)
    return folder


def test_the_template_is_the_real_projects_model(shared):
    """Same network, targets and losses as the tutorial's config, but for the number of classes."""
    real = read_config(shared / "datasets/mask/pipeline.config", HERE).model
    ours = default_config().model
    ours.ssd.num_classes = real.ssd.num_classes
    for model in (real, ours):  # spelled out in one, left at the default in the other
        matcher = model.ssd.matcher.argmax_matcher
        for name in ("ignore_thresholds", "negatives_lower_than_unmatched", "use_matmul_gather"):
            matcher.ClearField(name)
        model.ssd.loss.localization_loss.weighted_smooth_l1.ClearField("delta")
        model.ssd.post_processing.batch_non_max_suppression.ClearField("use_static_shapes")
        model.ssd.ClearField("inplace_batchnorm_update")
        model.ssd.ClearField("freeze_batchnorm")
    assert config_text(ours) == config_text(real)


def test_from_random_weights(workspace):
    config = new_config(HERE, 3)
    assert check_config(config) == []
    assert config.model.ssd.num_classes == 3
    assert config.train_config.fine_tune_checkpoint == ""
    assert config.train_config.batch_size == 8
    assert cosine(config).total_steps == config.train_config.num_steps == 10_000
    assert parse_config(config_text(config)) == config


def test_from_the_zoo(shared):
    folder = shared / "pre-trained/ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
    config = new_config(HERE, 2, folder, batch_size=batch_size_for(5))
    train = config.train_config
    assert check_config(config) == []
    assert config.model.ssd.image_resizer.fixed_shape_resizer.height == 320
    assert train.fine_tune_checkpoint == (folder / "checkpoint/ckpt-0").as_posix()
    assert train.fine_tune_checkpoint_type == "transfer"
    assert train.batch_size == 5
    assert config.train_input_reader.label_map_path == "annotations/label_map.pbtxt"
    assert list(config.eval_input_reader[0].tf_record_input_reader.input_path) == [
        "annotations/test.record"
    ]
    assert "PATH_TO_BE_CONFIGURED" not in config_text(config)


def test_photos_for_validation_have_a_reader_of_their_own():
    config = default_config()
    for val in (["val.record"], []):
        set_data(config, "map.pbtxt", ["train.record"], ["test.record"], val)
        readers = [(r.name, *r.tf_record_input_reader.input_path) for r in config.eval_input_reader]
        assert readers == [("", "test.record"), *(("val", one) for one in val)]
        assert check_config(config) == []


@pytest.mark.parametrize("steps, decay", [(50, 0.9), (150, 0.9), (1000, 0.98), (9000, 0.997)])
def test_norms_forget_as_fast_as_the_steps_need(steps, decay):
    config = new_config(HERE, 1, num_steps=steps)
    ssd = config.model.ssd
    predictor = ssd.box_predictor.weight_shared_convolutional_box_predictor
    for part in (ssd.feature_extractor, predictor):
        assert part.conv_hyperparams.batch_norm.decay == pytest.approx(decay)


def test_checkpoint_without_a_config_and_the_newest_of_a_run(workspace):
    config = new_config(HERE, 2, checkpoint=zoo(workspace / "pre-trained-models/zoo"))
    assert config.train_config.fine_tune_checkpoint.endswith("/zoo/checkpoint/ckpt-0")
    (workspace / "run").mkdir()
    for number in (2, 10, 9):
        (workspace / f"run/ckpt-{number}.index").touch()
    for written in ("run", "run/ckpt-10", "run\\ckpt-10.index"):
        config = new_config(HERE, 2, checkpoint=written)
        assert config.train_config.fine_tune_checkpoint == "run/ckpt-10"


@pytest.mark.parametrize(
    "images, steps",
    [(None, 3000), (0, 3000), (5, 300), (32, 300), (100, 800), (200, 1500), (5000, 3000)],
)
def test_a_few_photos_need_few_steps(images, steps):
    assert steps_for(images, batch_size_for(images)) == steps


@pytest.mark.parametrize("steps", [1, 7, 100, 3000, 50_000])
@pytest.mark.parametrize("batch", [1, 8, 128, 512])
def test_schedule_fits_the_run(steps, batch):
    config = new_config(HERE, 2, num_steps=steps, batch_size=batch)
    schedule = cosine(config)
    assert schedule.total_steps == steps
    assert schedule.warmup_steps <= min(steps / 10, 1000)
    assert schedule.warmup_learning_rate < schedule.learning_rate_base <= 0.08 + 1e-6
    assert (schedule.learning_rate_base > 0.079) == (batch >= 128)


def test_size():
    resizer = new_config(HERE, 2, size=(96, 320)).model.ssd.image_resizer.fixed_shape_resizer
    assert (resizer.height, resizer.width) == (96, 320)
    with raises_problem("image-size", setting="size", got=300, remedy=Remedy.USE) as found:
        new_config(HERE, 2, size=300)
    assert found[0].remedy.arguments == {"value": [288, 320]}
    with raises_problem("number-out-of-range", setting="batch_size", got=0):
        new_config(HERE, 2, batch_size=0)


def test_no_checkpoint_there(workspace):
    with raises_problem("no-checkpoint", where="nowhere") as found:
        new_config(HERE, 2, checkpoint="nowhere")
    assert found[0].remedy == Remedy.RUN(step="fetch", list=True)
    published = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
    with raises_problem("no-checkpoint") as found:
        new_config(HERE, 2, checkpoint=f"pre-trained-models/{published}")
    assert found[0].remedy == Remedy.RUN(step="fetch", name=published)


def test_a_checkpoint_of_another_architecture(workspace):
    config = default_config()
    config.model.ssd.feature_extractor.type = "ssd_resnet50_v1_fpn_keras"
    with raises_problem("another-architecture", got="ssd_resnet50_v1_fpn_keras", what="planned"):
        new_config(HERE, 2, checkpoint=zoo(workspace / "resnet", config))
