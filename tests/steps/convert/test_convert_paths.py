"""No name in a data set leads out of its folder."""

import json

import pytest
from converting import convert, read_coco, read_csv, read_yolo
from PIL import Image
from refusals import raises_problem

from tfod.errors import UserError
from tfod.steps.convert import read_coco as coco
from tfod.steps.convert import yolo_folder

LINE = "0 0.5 0.5 0.2 0.4\n"
HEADER = "filename,width,height,class,xmin,ymin,xmax,ymax\n"


def photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("1", (100, 50)).save(path, format="PNG")
    return path


@pytest.fixture
def secret(tmp_path):
    """A photo outside the data set."""
    return photo(tmp_path / "private/secret.png")


@pytest.fixture
def folder(tmp_path):
    """A data set."""
    photo(tmp_path / "set/images/a.png")
    return tmp_path / "set"


def write_coco(folder, name, file="instances.json", size=True):
    sides = {"width": 100, "height": 50} if size else {}
    rows = [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 5, 20, 10]}]
    data = {
        "images": [{"id": 7, "file_name": str(name), **sides}],
        "annotations": rows,
        "categories": [{"id": 3, "name": "cat"}],
    }
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(json.dumps(data))
    return folder / file


@pytest.mark.parametrize("is_absolute", [False, True])
@pytest.mark.parametrize("with_images", [False, True])
def test_coco_takes_no_image_from_outside(tmp_path, folder, secret, is_absolute, with_images):
    name = secret if is_absolute else "../../private/secret.png"
    file = write_coco(folder, name, "images/instances.json")
    images = folder / "images" if with_images else None
    with raises_problem("path-leads-out", where=file, what="image 7", got=name):
        convert(file, tmp_path / "out", images=images)
    assert not (tmp_path / "out").exists()


def test_csv_takes_no_image_from_outside(tmp_path, folder, secret):
    file = folder / "labels.csv"
    file.write_text(f"{HEADER}../private/secret.png,100,50,cat,1,2,3,4\n")
    with raises_problem("path-leads-out", where=file, line=2, got="../private/secret.png"):
        convert(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_path_of_another_machine_is_found_by_its_name(folder):
    (row,) = read_coco(write_coco(folder, "/home/ann/photos/a.png")).rows
    assert row.image.samefile(folder / "images/a.png")


def test_the_image_inside_is_taken_and_not_the_one_outside(folder, tmp_path):
    photo(tmp_path / "private/a.png")
    (row,) = read_coco(write_coco(folder, "../private/a.png")).rows
    assert row.image.samefile(folder / "images/a.png")


def test_labels_alone_of_images_of_another_machine(folder, tmp_path):
    file = write_coco(folder, "/home/ann/photos/b.png")
    result = convert(file, tmp_path / "out", take="leave")
    assert result.boxes == 1 and (tmp_path / "out/b.xml").exists()


def test_images_next_to_annotations_are_inside(folder):
    (row,) = read_coco(write_coco(folder, "../images/a.png", "annotations/train.json")).rows
    assert row.image.samefile(folder / "images/a.png")


def test_links_to_images_are_followed(folder, secret):
    (folder / "images/linked.png").symlink_to(secret)
    (row,) = read_coco(write_coco(folder, "linked.png")).rows
    assert row.image.samefile(secret)


def test_a_link_to_an_image_is_taken_as_the_image(tmp_path, folder, secret):
    (folder / "images/linked.png").symlink_to("../../private/secret.png")
    convert(write_coco(folder, "linked.png"), tmp_path / "out", take="link")
    (image,) = (tmp_path / "out").rglob("*.png")
    assert not image.is_symlink() and image.samefile(secret)


# --- YOLO


def write_yolo(folder, yaml):
    (folder / "labels").mkdir(exist_ok=True)
    (folder / "labels/a.txt").write_text(LINE)
    (folder / "data.yaml").write_text(yaml)
    return folder


@pytest.mark.parametrize("name", ["/etc/hostname", "../private/names.txt", "linked.txt"])
def test_yolo_reads_no_class_names_from_outside(tmp_path, folder, secret, name):
    (tmp_path / "private/names.txt").write_text("secret\n")
    (folder / "linked.txt").symlink_to(tmp_path / "private/names.txt")
    with raises_problem("path-leads-out", where="data.yaml", got=name):
        read_yolo(write_yolo(folder, f"names: {name}\n"))


def test_yolo_reads_no_classes_through_a_link(tmp_path, folder, secret):
    (tmp_path / "private/names.txt").write_text("secret\n")
    (folder / "classes.txt").symlink_to(tmp_path / "private/names.txt")
    write_yolo(folder, "")
    with raises_problem("path-leads-out", where=folder / "classes.txt", remedy="set"):
        read_yolo(folder)
    (row,) = read_yolo(folder, classes=["cat"]).rows
    assert [box.name for box in row.boxes] == ["cat"]


def test_yolo_class_names_that_are_a_link_to_itself(folder):
    (folder / "names.txt").symlink_to("names.txt")
    with raises_problem("not-readable", where=folder / "names.txt"):
        read_yolo(write_yolo(folder, "names: names.txt\n"))


@pytest.mark.parametrize("yaml", ["train: ../private", "path: ..\ntrain: private", "train: {}"])
def test_yolo_takes_no_images_from_outside(folder, secret, yaml):
    (secret.parent / "secret.txt").write_text(LINE)
    with raises_problem("path-leads-out", where="data.yaml"):
        read_yolo(write_yolo(folder, f"{yaml.format(secret.parent)}\nnames: [cat]\n"))


def test_yolo_takes_no_image_of_a_list_from_outside(tmp_path, folder, secret):
    (folder / "train.txt").write_text(f"images/a.png\n{secret}\n")
    with raises_problem("path-leads-out", where="train.txt", line=2, got=secret):
        read_yolo(write_yolo(folder, "train: train.txt\nnames: [cat]\n"))


def test_yolo_reads_no_list_through_a_link(tmp_path, folder, secret):
    (tmp_path / "private/list.txt").write_text("images/a.png\n")
    (folder / "train.txt").symlink_to(tmp_path / "private/list.txt")
    with raises_problem("path-leads-out", where="train.txt"):
        read_yolo(write_yolo(folder, "train: train.txt\nnames: [cat]\n"))


def test_roboflows_paths_mean_the_folder_even_where_others_exist(tmp_path, folder):
    photo(tmp_path / "images/other.png")
    found = read_yolo(write_yolo(folder, "train: ../images\nnames: [cat]\n"))
    assert [row.image for row in found.rows] == [folder / "images/a.png"]
    assert list(found.parts) == ["train"]


# --- sizes


@pytest.mark.parametrize("module, file", [(coco, "instances.json"), (yolo_folder, "data.yaml")])
def test_sizes_have_limits(folder, monkeypatch, module, file):
    write_yolo(folder, "names: [cat]\n")
    write_coco(folder, "a.png")
    monkeypatch.setattr(module, "MOST_BYTES", 5)
    with raises_problem("file-too-large", where=file):
        (read_coco if module is coco else read_yolo)(folder)


def test_a_line_of_a_text_is_no_path(folder):
    """A label file holds numbers alone, whatever it is called."""
    (folder / "labels").mkdir()
    (folder / "labels/a.txt").write_text("/etc/hostname\n")
    (folder / "classes.txt").write_text("cat\n")
    with pytest.raises(UserError) as caught:
        read_yolo(folder)
    assert caught.value.codes == ["bad-entry"]


def test_a_csv_with_names_of_another_system(folder):
    (folder / "labels.csv").write_text(f"{HEADER}C:\\photos\\a.png,100,50,cat,1,2,3,4\n")
    (row,) = read_csv(folder / "labels.csv").rows
    assert row.image.samefile(folder / "images/a.png")
