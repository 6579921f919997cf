"""A data set of any layout in, and everything that a training needs made of it."""

import json
import shutil

import pytest
from data_sets import DATA_SETS
from refusals import raises_problem
from tool_labels import ALL, BOXES, photo, shown_in, text

from tfod.cli import main
from tfod.data.example import boxes_xyxy_px
from tfod.data.records.file import read_records
from tfod.data.voc import read_voc
from tfod.progress import SILENT
from tfod.remedies import Remedy
from tfod.steps.import_data.import_data import ImportOptions, import_data
from tfod.steps.label.sessions import count_labels
from tfod.steps.prepare.data import prepare_data
from tfod.workspace import Workspace


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """An empty one, in which a user stands."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Workspace(tmp_path / "here")


@pytest.fixture
def made(tmp_path):
    """Writes a layout and gives what is to be imported."""

    def make(name, folder="mine"):
        DATA_SETS[name].make(tmp_path / folder)
        return tmp_path / folder / DATA_SETS[name].read

    return make


def contents(folder):
    """Every file below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def boxes_in(folder):
    """Photo -> its boxes, of all XML below a folder."""
    found = {}
    for xml in folder.rglob("*.xml"):
        (image,) = (path for path in xml.parent.glob(f"{xml.stem}.*") if path != xml)
        example = read_voc(xml)
        pairs = zip(example.names, boxes_xyxy_px(example), strict=True)
        boxes = [(name.replace("_", " "), *(round(v, 3) for v in box)) for name, box in pairs]
        found[shown_in(image)] = boxes
    return found


@pytest.mark.parametrize("name", DATA_SETS)
def test_each_layout_ends_in_records(name, made, workspace, tmp_path):
    source, layout = made(name), DATA_SETS[name]
    before = contents(tmp_path / "mine")
    result = import_data(workspace, source)
    assert contents(tmp_path / "mine") == before
    assert (result.format, result.boxes) == (layout.format, 4)
    assert not [what for what in result.lost if "class numbers" in what], "a session keeps names"
    assert boxes_in(workspace.images) == BOXES
    is_split = len(layout.parts) > 1
    folders = layout.parts if is_split else [source.stem]
    assert {path.name for path in result.images} == {*folders}
    prepare_data(workspace, SILENT, lambda question: False)
    records = [workspace.record(part) for part in ("train", "test")]  # val stands for test
    written = [one for path in records for one in read_records(path)]
    assert len(written) == len(ALL)


def test_the_four_commands_of_a_person_who_has_a_data_set(made, workspace, capsys):
    source = made("zip")
    assert main(["import", str(source), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["format"], said["boxes"]) == ("yolo", 4)
    assert main(["import", str(source)]) == 2
    assert "--name" in capsys.readouterr().err
    assert main(["import", str(source), "--name", "again"]) == 0
    assert "tfod train NAME" in capsys.readouterr().out
    assert len(list((workspace.images / "again").glob("*.xml"))) == 3


def test_a_split_is_kept_only_in_an_empty_workspace(made, workspace):
    first = import_data(workspace, made("coco parts"))
    assert {path.name for path in first.images} == {"train", "val"}
    second = import_data(workspace, made("yolo", "other"))
    assert {path.name for path in second.images} == {"other"}
    assert any("is not kept" in note for note in second.notes)
    assert any("made by hand" in note for note in second.notes)


def test_a_name_makes_a_session_of_a_split(made, workspace):
    result = import_data(workspace, made("voc devkit"), ImportOptions("cats-2007"))
    assert result.images == {workspace.images / "cats-2007": 3}


def test_part_of_a_split_is_no_split(made, workspace):
    result = import_data(workspace, made("yolo darknet"))
    assert result.images == {workspace.images / "mine": 3}


@pytest.mark.parametrize("is_zip", [False, True])
def test_photos_without_labels(tmp_path, workspace, is_zip, capsys):
    for number, name in enumerate(ALL):
        photo(tmp_path / f"My Photos/{number}/IMG.jpg", name)
    text(tmp_path / "My Photos/notes.txt", "Taken in May, 2 cats.")
    source = tmp_path / "My Photos"
    if is_zip:
        source = shutil.make_archive(str(source), "zip", source)
    assert main(["import", str(source)]) == 0
    said = capsys.readouterr().out
    assert "tfod label" in said and "left out: notes.txt;" in said
    photos = sorted((workspace.images / "My_Photos").iterdir())
    assert {shown_in(path) for path in photos} == {*ALL} and len(photos) == 3


def test_what_training_does_not_use_is_one_line(made, workspace, capsys):
    file = next(path for path in made("coco").rglob("*.json"))
    content = json.loads(file.read_text())
    for image in content["images"]:
        image |= {"license": 1, "date_captured": "2024", "flickr_url": "x"}
    content["annotations"][0] |= {"keypoints": [1, 2, 2]}
    file.write_text(json.dumps(content | {"info": {"year": 2024}, "licenses": [{"id": 1}]}))
    assert main(["import", str(file.parent), "--name", "cats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lost"]['"image.license"'] == 3
    assert main(["import", str(file.parent), "--name", "dogs"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if "lost:" in line] == ["lost:  sets of keypoints: 1"]
    assert len([line for line in said if "license" in line]) == 1


def test_a_folder_without_anything(tmp_path, workspace):
    (tmp_path / "empty").mkdir()
    with raises_problem("no-labels", where=tmp_path / "empty"):
        import_data(workspace, tmp_path / "empty")
    with raises_problem("not-found"):
        import_data(workspace, tmp_path / "nowhere")
    assert not workspace.images.exists()


def test_what_lies_in_the_workspace_is_converted_in_place(made, workspace):
    import_data(workspace, made("yolo classes"))
    with raises_problem("already-imported", remedy=Remedy.RUN):
        import_data(workspace, workspace.images / "mine")


@pytest.mark.parametrize("name", ["train", "Validation", "a/b", "..", "test2017"])
def test_names_that_no_session_can_have(made, workspace, name):
    with raises_problem("session-name", setting="name", got=name):
        import_data(workspace, made("voc"), ImportOptions(name))


def test_a_source_that_is_called_like_a_part(made, workspace):
    result = import_data(workspace, made("voc", "train"))
    assert result.images == {workspace.images / "train_set": 3}


def test_a_broken_set_leaves_nothing(made, workspace, tmp_path):
    source = made("coco parts")
    (source / "valid2017/c.jpg").write_bytes(b"not a photo")
    with raises_problem("image-unreadable"):
        import_data(workspace, source)
    assert not workspace.images.exists()


def scored(score):
    """COCO with scores, as a model or `tfod detect` writes it; photo "c" has no box."""

    def make(root):
        DATA_SETS["coco"].make(root)
        content = json.loads((root / "coco.json").read_text())
        last = content["images"][-1]["id"]
        boxes = [one for one in content["annotations"] if one["image_id"] != last]
        content["annotations"] = [{**one, "score": score} for one in boxes]
        text(root / "coco.json", json.dumps(content))

    return make


def yolo_with_scores(root):
    DATA_SETS["yolo classes"].make(root)
    for path in (root / "a.txt", root / "b.txt", root / "c.txt"):
        text(path, "".join(f"{line} 0.9\n" for line in path.read_text().splitlines()))


@pytest.mark.parametrize("make", [scored(0.9), yolo_with_scores])
def test_what_a_model_found_is_no_label_yet(tmp_path, workspace, make, capsys):
    make(tmp_path / "found")
    assert main(["import", str(tmp_path / "found")]) == 0
    said = capsys.readouterr().out
    assert "3 images with scores" in said and "next:  tfod label" in said
    count = count_labels(workspace.images / "found")
    assert (count.labelled, len(count.suggested)) == (0, 3)


def test_a_score_of_1_is_that_of_a_person(tmp_path, workspace):
    scored(1.0)(tmp_path / "found")
    result = import_data(workspace, tmp_path / "found")
    assert result.labelled and not result.suggested


def test_copies_with_drawn_boxes_are_no_photos(tmp_path, workspace):
    """What `detect` writes: annotated copies, its table, and COCO JSON that names them."""
    scored(0.9)(tmp_path / "detections")
    (tmp_path / "detections/images").rename(tmp_path / "photos")
    shutil.copytree(tmp_path / "photos", tmp_path / "detections", dirs_exist_ok=True)
    text(tmp_path / "detections/detections.csv", "filename,frame,time_s,width,height\n")
    for source in ("detections", "detections/coco.json"):
        with raises_problem("images-drawn-on", remedy=Remedy.SET):
            import_data(workspace, tmp_path / source)
    options = ImportOptions("found", images=tmp_path / "photos")
    assert import_data(workspace, tmp_path / "detections/coco.json", options).suggested == 3
