"""Who does what each command says is next gets to records, or is asked to label: never in a circle.

The layouts are those of `layouts.py`, and data sets of other tools from `convert` on.
"""

import json
import re
import shlex
from pathlib import Path

import pytest
from layouts import BARE, LAYOUTS, Layout, by_hand, photos, together

from tfod.cli import main
from tfod.config import missing_paths
from tfod.config.reading import read_with_text
from tfod.data.records.file import check_record_file
from tfod.progress import SILENT
from tfod.steps.prepare.data import prepare_data
from tfod.workspace import Workspace

MOST_COMMANDS = 5
ENDS = ("records", "train")
# layouts in which nobody can do anything but label photos, take some, or look for their images
NOTHING_TO_GO_ON = {
    "nothing labelled": "label",
    "images and labels as text": "label",
    "train without labels": "label",
    "an empty folder": "capture",
    "folders without images": "",
}


def follow(command, capsys):
    """Run a command, and what it says is next, until there are records.

    Returns:
        The commands, the last one not run when it needs a person at a window or a camera.
    """
    commands = [command]
    while True:
        step, *arguments = shlex.split(command)[1:]
        if step in ("label", "capture"):
            return commands
        if step == "train":  # splits and writes records itself; nothing is trained here
            prepare_data(Workspace(Path()), SILENT, lambda question: True)
            return commands
        code = main([step, *arguments])
        said = capsys.readouterr()
        if step == "records" and code == 0:
            return commands
        told = re.findall(r"^next:  (.*)$", said.out, re.M) or re.findall(r"`(tfod.*?)`", said.err)
        if not told:
            return [*commands, said.err]
        command = told[-1]
        assert command not in commands, f"in a circle: {commands}, {command}"
        commands.append(command)
        assert len(commands) <= MOST_COMMANDS, commands


def check_config(capsys):
    """Make a config of what was written, and see that it is trained and evaluated with that."""
    assert main(["config", "m"]) == 0, capsys.readouterr().err
    path = Workspace(Path()).model("m") / "pipeline.config"
    config, _ = read_with_text(path, Workspace(Path()))
    for step in ("train", "evaluate"):
        missing_paths(config, step)
    readers = [config.train_input_reader, *config.eval_input_reader]
    paths = [path for one in readers for path in one.tf_record_input_reader.input_path]
    assert len(set(paths)) == len(paths) in (2, 3)
    assert all(check_record_file(Path(path)) for path in paths)


@pytest.mark.parametrize("name", LAYOUTS)
def test_from_a_layout(name, workspace, capsys):
    LAYOUTS[name].make(workspace / "workspace/images")
    commands = follow("tfod check", capsys)
    if name in NOTHING_TO_GO_ON:
        assert (commands[-1].split()[1] == NOTHING_TO_GO_ON[name]) or not NOTHING_TO_GO_ON[name]
        return
    assert commands[-1].split()[1] in ENDS
    check_config(capsys)


@pytest.mark.parametrize("first", ["split", "records", "check"])
@pytest.mark.parametrize("name", ["train and val", "train alone", "an empty test", "COCO"])
def test_wherever_one_begins(name, first, workspace, capsys):
    LAYOUTS[name].make(workspace / "workspace/images")
    assert follow(f"tfod {first}", capsys)[-1].split()[1] in ENDS


@pytest.mark.parametrize("first", ["check", "split", "records"])
def test_a_data_set_in_a_folder(first, workspace, capsys):
    by_hand(train="roboflow/train", val="roboflow/valid").make(workspace / "workspace/images")
    follow(f"tfod {first}", capsys)
    check_config(capsys)


def coco(root, folders):
    for folder in folders:
        images = [path.name for path in sorted((root / folder).iterdir())]
        box = {"category_id": 1, "bbox": [10, 10, 12, 12], "area": 144, "iscrowd": 0}
        found = {
            "images": [
                {"id": number, "file_name": name, "width": 48, "height": 32}
                for number, name in enumerate(images)
            ],
            "annotations": [{**box, "id": i, "image_id": i} for i in range(len(images))],
            "categories": [{"id": 1, "name": "a"}],
        }
        (root / folder / "_annotations.coco.json").write_text(json.dumps(found))


def yolo(root, folders):
    for folder in folders:
        for image in list((root / folder).iterdir()):
            for kind, path in (("images", image), ("labels", image.with_suffix(".txt"))):
                (root / folder / kind).mkdir(exist_ok=True)
                if kind == "labels":
                    path.write_text("0 0.4 0.4 0.2 0.2\n")
                path.rename(root / folder / kind / path.name)
    (root / "data.yaml").write_text(f"names: [a]\ntrain: {folders[0]}/images\n")


@pytest.mark.parametrize("target", ["workspace/images", "workspace/images/set1", "away/set 1"])
@pytest.mark.parametrize("folders", [("train", "val"), ("train2017", "dev"), ("train",)])
@pytest.mark.parametrize("write", [coco, yolo])
def test_from_convert(write, folders, target, workspace, capsys):
    for name, kind in together(*(photos(folder, kind=BARE) for folder in folders)).items():
        Layout({name: kind}).make(workspace / "raw")
    write(workspace / "raw", folders)
    (workspace / "workspace/images").mkdir(parents=True)
    follow(shlex.join(["tfod", "convert", "raw", target]), capsys)
    check_config(capsys)


def test_a_val_that_is_the_test_is_said(workspace, capsys):
    by_hand(train="train", val="valid").make(workspace / "workspace/images")
    assert main(["check"]) == 0
    assert "val-is-test" in capsys.readouterr().out
    assert main(["records"]) == 0
    assert "workspace/images/valid is used as test" in capsys.readouterr().out
    assert not Path("annotations/val.record").exists()


def test_records_of_another_tool_without_a_test(workspace, capsys):
    by_hand(train="train", val="val").make(workspace / "workspace/images")
    assert main(["records"]) == 0
    Path("annotations/test.record").rename("annotations/val.record")
    check_config(capsys)


def test_labels_of_a_split_by_hand_are_counted(workspace, capsys):
    by_hand(train="train", val="val").make(workspace / "workspace/images")
    assert main(["label", "--status"]) == 0
    assert "3 of 3 images labelled" in capsys.readouterr().out
