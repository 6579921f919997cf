"""Label map and config that do not fit each other, or name what is not there."""

import pytest
from refusals import raises_problem

from tfod.config import config_text, write_config
from tfod.config.templates import new_config
from tfod.data.folders import Folders
from tfod.labels import write_label_map
from tfod.steps.check import classes, settings_fit
from tfod.steps.check.check import CheckOptions, check
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.settings import find_config, read_settings
from tfod.workspace import Workspace

CHECKS = (
    settings_fit.unusable_settings,
    classes.label_map_gaps,
    classes.label_map_names,
    settings_fit.label_map_and_config,
    settings_fit.missing_files,
    settings_fit.same_records,
)


@pytest.fixture
def project(workspace):
    """A workspace with label map, records and a config that names them."""
    write_label_map("annotations/label_map.pbtxt", ["a", "b"])
    for part in ("train", "test"):
        (workspace / "annotations" / f"{part}.record").write_bytes(b"")
    write_config(
        new_config(Workspace("."), 2), "workspace/models/m/pipeline.config", Workspace(".")
    )
    (workspace / "workspace" / "images").mkdir()
    return workspace


def findings(project, change=None, label_map=None):
    """The findings after `change(config)` and with this text of the label map."""
    path = project / "workspace/models/m/pipeline.config"
    if change is not None:
        config = new_config(Workspace("."), 2)
        change(config)
        write_config(config, path, Workspace("."))
    labels = project / "annotations/label_map.pbtxt"
    if label_map is not None:
        labels.write_text(label_map, encoding="utf-8")
    settings = read_settings(Workspace("."), project, labels, path)
    dataset = Dataset(Folders(project, ()), settings=settings)
    return {found.code: found for look in CHECKS for found in look(dataset)}


def item(number, name):
    return f"item {{ id: {number} name: '{name}' }}\n"


def line_of(project, text):
    lines = (project / "workspace/models/m/pipeline.config").read_text().splitlines()
    return 1 + next(index for index, line in enumerate(lines) if text in line)


def test_what_fits_has_nothing(project):
    assert findings(project) == {}


def test_numbers_left_out(project):
    found = findings(project, lambda c: None, item(2, "a") + item(5, "b"))
    gap = found.pop("label-map-gap")
    assert (gap.severity, gap.count) == ("warning", 3)
    assert [place.detail[-1] for place in gap.places] == ["1", "3", "4"]
    assert set(found) == {"config-too-few-classes"}


def test_names_that_are_nearly_the_same(project):
    found = findings(project, label_map=item(1, "No-mask") + item(2, "no_mask"))
    assert (found["label-map-alike"].severity, found["label-map-alike"].count) == ("warning", 1)
    assert found["label-map-alike"].places[0].detail == '"No-mask" and "no_mask"'


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (item(1, "a") + item(1, "b"), [2]),
        (item(1, "a") + item(2, "a") + item(-1, "c"), [2, 3]),
        ("item { id: 1 nam: 'a' }", [1]),
        ("item { id: 1", [1]),
        ("", [None]),
    ],
)
def test_a_label_map_that_cannot_be_used(project, text, lines):
    (found,) = findings(project, label_map=text).values()
    assert (found.code, found.severity, found.count) == ("label-map-unusable", "error", len(lines))
    assert [place.line for place in found.places] == lines


@pytest.mark.parametrize(
    ("number", "check", "severity"),
    [(1, "config-too-few-classes", "error"), (3, "config-too-many-classes", "warning")],
)
def test_another_number_of_classes(project, number, check, severity):
    (found,) = findings(project, lambda c: setattr(c.model.ssd, "num_classes", number)).values()
    assert (found.code, found.severity, found.count) == (check, severity, 1)
    assert found.places[0].line == line_of(project, "num_classes")


def test_another_label_map_in_the_config(project):
    write_label_map("annotations/other.pbtxt", ["b", "a"])

    def name_it(config):
        config.eval_input_reader[0].label_map_path = "annotations/other.pbtxt"

    (found,) = findings(project, name_it).values()
    assert (found.code, found.severity, found.count) == ("label-map-of-config", "error", 1)
    assert found.places[0].line == line_of(project, "other.pbtxt")


def test_files_that_are_not_there(project):
    (project / "annotations/train.record").unlink()

    def name_them(config):
        config.eval_input_reader[0].label_map_path = "PATH_TO_BE_CONFIGURED"
        config.eval_input_reader[0].tf_record_input_reader.input_path[:] = []

    (found,) = findings(project, name_them).values()
    assert (found.code, found.severity, found.count) == ("config-file-missing", "warning", 3)
    assert found.places[0].line == line_of(project, "annotations/train.record")
    assert "input_path: not set" in found.places[2].detail


def test_shards_named_by_a_pattern_are_there(project):
    (project / "annotations/train.record").rename(
        project / "annotations/train.record-00000-of-00001"
    )

    def name_them(config):
        reader = config.train_input_reader.tf_record_input_reader
        reader.input_path[:] = ["annotations/train.record-?????-of-00001"]

    assert findings(project, name_them) == {}


def test_evaluating_with_what_is_trained_on(project):
    def name_it(config):
        reader = config.eval_input_reader[0].tf_record_input_reader
        reader.input_path[:] = ["annotations/test.record", "./annotations/train.record"]

    (found,) = findings(project, name_it).values()
    assert (found.code, found.severity, found.count) == ("config-evaluates-on-train", "warning", 1)
    assert found.places[0].line == line_of(project, "annotations/test.record")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("num_classes: 2", "num_clases: 2"),
        ("batch_size: 8", "batch_size: 0"),
        ("mobilenet", "xyznet"),
    ],
)
def test_a_config_that_cannot_be_used(project, old, new):
    path = project / "workspace/models/m/pipeline.config"
    text = config_text(new_config(Workspace("."), 2))
    assert old in text
    path.write_text(text.replace(old, new))
    (found,) = findings(project).values()
    assert (found.code, found.severity) == ("config-unusable", "error")
    assert found.places[0].line == line_of(project, new)


def test_the_config_of_the_one_model_is_found(project):
    images = project / "workspace/images"
    (path,) = project.glob("workspace/models/*/pipeline.config")
    place = Workspace(project)
    assert find_config(place, images) == path
    assert find_config(place, project) is None
    write_config(
        new_config(Workspace("."), 2), "workspace/models/n/pipeline.config", Workspace(".")
    )
    assert find_config(place, images) is None


def test_a_config_that_is_not_there_is_refused(project):
    with raises_problem("not-found", where="no.config"):
        check(Workspace(project), CheckOptions(config=project / "no.config"))
