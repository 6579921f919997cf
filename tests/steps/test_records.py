"""From images and XML to record files: what is in them, and what is refused."""

import hashlib
import os
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from dealing import write_parts, write_records
from PIL import Image
from refusals import raises_problem

from tfod.cli import main
from tfod.data.example import Example
from tfod.data.images import read_image
from tfod.data.records.file import check_record_file, read_records, record_pattern
from tfod.data.voc import write_voc
from tfod.errors import UserError
from tfod.labels import LabelMap, read_label_map

CATS = LabelMap({1: "cat", 2: "dog"}, {2: "Hund"})
MASKS = LabelMap({1: "with_mask", 2: "without_mask", 3: "mask_weared_incorrect"}, {})


@pytest.fixture
def folder(workspace):
    return workspace / "photos"


def picture(height=20, width=30):
    y, x = np.mgrid[:height, :width]
    return np.stack([8 * x, 12 * y, 200 - 4 * x], axis=-1).astype(np.uint8)


def add(folder, name, *names, image=None, **options):
    """Save an image (array or Pillow) with an XML of one box per name."""
    folder.mkdir(parents=True, exist_ok=True)
    image = picture() if image is None else image
    image = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    image.save(folder / name, **options)
    boxes = [[0.1, 0.2, 0.5, 0.6]] * len(names)
    example = Example(folder / name, image.height, image.width, boxes, names)
    write_voc((folder / name).with_suffix(".xml"), example)
    return folder / name


def only(path):
    (record,) = read_records(path)
    return record


def decoded(record):
    import tensorflow as tf

    (data,) = record["image/encoded"]
    return tf.io.decode_image(data, channels=3, expand_animations=False).numpy()


def test_every_key(folder):
    path = add(folder, "b.jpg", "dog")
    write_voc(
        folder / "b.xml", Example(path, 20, 30, [[0.1, 0.2, 0.5, 0.6]], ("dog",), [True], [False])
    )
    result = write_records(folder, folder / "a.record", CATS)
    data = path.read_bytes()
    sides = {"ymin": 0.1, "xmin": 0.2, "ymax": 0.5, "xmax": 0.6}
    assert only(folder / "a.record") == {
        "image/height": [20],
        "image/width": [30],
        "image/filename": [b"b.jpg"],
        "image/source_id": [b"b.jpg"],
        "image/key/sha256": [hashlib.sha256(data).hexdigest().encode()],
        "image/encoded": [data],
        "image/format": [b"jpeg"],
        **{f"image/object/bbox/{side}": [float(np.float32(v))] for side, v in sides.items()},
        "image/object/class/text": [b"dog"],
        "image/object/class/label": [2],
        "image/object/difficult": [1],
        "image/object/truncated": [0],
    }
    assert (result.images, result.boxes, result.classes) == (1, 1, {"dog": 1})
    assert result.encoded_again == result.negatives == result.unlabelled == 0


def test_display_names_count_too(folder):
    add(folder, "a.jpg", "Hund")
    write_records(folder, folder / "a.record", CATS)
    assert only(folder / "a.record")["image/object/class/label"] == [2]


def test_order_negatives_and_unlabelled(folder):
    for name in ("b.jpg", "a.png", "c.jpg"):
        add(folder, name, *(["cat"] if name != "c.jpg" else []))
    Image.fromarray(picture()).save(folder / "d.jpg")
    result = write_records(folder, folder / "a.record", CATS)
    records = list(read_records(folder / "a.record"))
    assert [r["image/filename"] for r in records] == [[b"a.png"], [b"b.jpg"], [b"c.jpg"]]
    assert records[2]["image/object/class/label"] == []
    assert records[0]["image/format"] == [b"png"]
    assert (result.negatives, result.unlabelled, result.images) == (1, 1, 3)


def test_twice_the_same_bytes_and_shards(folder):
    for number in range(10):
        add(folder, f"{number}.jpg", "cat")
    out = folder / "out"
    for name in ("a.record", "b.record"):
        write_records(folder, out / name, CATS)
    assert (out / "a.record").read_bytes() == (out / "b.record").read_bytes()

    write_records(folder, out / "s.record", CATS, shards=2)
    files = write_records(folder, out / "s.record", CATS, shards=4).files
    assert sorted(out.glob("s.record-*")) == files
    assert record_pattern(out / "s.record") == out / "s.record-?????-of-?????"
    assert sorted(out.glob(record_pattern(out / "s.record").name)) == files
    assert files[1].name == "s.record-00001-of-00004"
    names = [record["image/filename"][0] for file in files for record in read_records(file)]
    assert names[:3] == [b"0.jpg", b"4.jpg", b"8.jpg"] and len(set(names)) == 10
    write_records(folder, out / "s.record", CATS)
    assert [path.name for path in out.glob("s.record*")] == ["s.record"]
    assert record_pattern(out / "s.record") == out / "s.record"
    write_records(folder, out / "s.record", CATS, shards=2)
    assert not (out / "s.record").exists(), "a config that names it would read old photos"


ROTATED = Image.Exif()
ROTATED[0x0112] = 6
CLEAR = np.dstack([picture(), np.full((20, 30), 255, np.uint8)])
CLEAR[:10, :, 3] = 0
KINDS = {
    "cmyk.jpg": (Image.fromarray(picture()).convert("CMYK"), b"jpeg", {"quality": 95}),
    "turned.jpg": (picture(), b"jpeg", {"exif": ROTATED, "quality": 95}),
    "deep.png": (picture()[..., 0].astype(np.uint16) * 257, b"png", {}),
    "clear.png": (CLEAR, b"png", {}),
    "photo.webp": (picture(), b"png", {}),
    "photo.bmp": (picture(), b"png", {}),
    "photo.gif": (picture(), b"png", {}),
    "photo.tiff": (picture(), b"png", {}),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_tensorflow_could_misread_is_encoded_again(folder, name):
    image, format_name, options = KINDS[name]
    path = add(folder, name, "cat", image=image, **options)
    result = write_records(folder, folder / "a.record", CATS)
    record = only(folder / "a.record")
    assert result.encoded_again == 1 and record["image/format"] == [format_name]
    found = decoded(record)
    assert found.shape[:2] == (record["image/height"][0], record["image/width"][0])
    assert np.abs(found.astype(int) - read_image(path)).max() <= (
        8 if format_name == b"jpeg" else 0
    )


@pytest.mark.parametrize("name", ["grey.jpg", "grey.png", "palette.png", "fake.jpg"])
def test_plain_bytes_stay_and_tensorflow_reads_them(folder, name):
    image = Image.fromarray(picture())
    image = image.convert({"grey": "L", "palette": "P", "fake": "RGB"}[name.split(".")[0]])
    path = add(folder, name, "cat", image=image, format="PNG" if name == "fake.jpg" else None)
    result = write_records(folder, folder / "a.record", CATS)
    record = only(folder / "a.record")
    assert result.encoded_again == 0 and record["image/encoded"] == [path.read_bytes()]
    assert record["image/format"] == [b"png" if name != "grey.jpg" else b"jpeg"]
    assert np.abs(decoded(record).astype(int) - read_image(path)).max() <= 2


def test_boxes_follow_a_turned_image(folder):
    add(folder, "a.jpg", "cat", exif=ROTATED)  # the XML states 20 x 30, the size before turning
    result = write_records(folder, folder / "a.record", CATS)
    record = only(folder / "a.record")
    sides = [record[f"image/object/bbox/{side}"][0] for side in ("ymin", "xmin", "ymax", "xmax")]
    assert np.allclose(sides, [0.2, 0.5, 0.6, 0.9])
    assert (record["image/height"], record["image/width"]) == ([30], [20])
    assert result.other_size == 0, "the size before turning is right"


def test_a_label_map_is_made_from_the_classes(folder):
    add(folder, "a.jpg", "dog", "cat")
    result = write_records(folder, folder / "a.record", folder / "map.pbtxt")
    assert result.label_map_made == folder / "map.pbtxt"
    assert read_label_map(folder / "map.pbtxt").names == {1: "cat", 2: "dog"}
    assert only(folder / "a.record")["image/object/class/label"] == [2, 1]
    before = (folder / "map.pbtxt").stat().st_mtime_ns
    again = write_records(folder, folder / "a.record", folder / "map.pbtxt")
    assert again.label_map_made is None
    assert (folder / "map.pbtxt").stat().st_mtime_ns == before


def test_csv_as_in_the_tutorial(folder):
    add(folder, "b.jpg", "dog", "cat")
    add(folder, "a.jpg")
    write_records(folder, folder / "a.record", CATS, csv_path=folder / "a.csv")
    table = pd.read_csv(folder / "a.csv")
    assert list(table.columns) == "filename width height class xmin ymin xmax ymax".split()
    assert table.values.tolist() == [
        ["b.jpg", 30, 20, "dog", 6, 2, 18, 10],
        ["b.jpg", 30, 20, "cat", 6, 2, 18, 10],
    ]


# --- bad input: one message, and nothing written


def damaged(folder):
    """One good image and eight bad ones; returns what the message has to name."""
    add(folder, "good.jpg", "cat")
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), np.uint8)
    cut = add(folder, "cut.jpg", "cat", image=noise)
    cut.write_bytes(cut.read_bytes()[:900])
    cut = add(folder, "half.webp", "cat", image=noise)
    cut.write_bytes(cut.read_bytes()[:900])
    add(folder, "empty.jpg", "cat").write_bytes(b"")
    add(folder, "text.jpg", "cat").write_text("not a photo")
    add(folder, "broken.jpg", "cat").with_suffix(".xml").write_text("<annotation>")
    outside = add(folder, "outside.jpg", "cat").with_suffix(".xml")
    outside.write_text(outside.read_text().replace("<xmax>18<", "<xmax>40<"))
    add(folder, "gone.jpg", "cat").unlink()
    add(folder, "typo.jpg", "cta")
    return [
        ("broken.xml", 1, "xml-unreadable"),
        ("cut.jpg", None, "image-unreadable"),
        ("empty.jpg", None, "image-unreadable"),
        ("half.webp", None, "image-unreadable"),
        ("outside.xml", 19, "box-outside-image"),
        ("text.jpg", None, "image-unreadable"),
        ("the label map", None, "class-unknown"),
    ]


def test_all_problems_are_told_together_and_nothing_is_written(folder, workspace):
    expected = damaged(folder)
    (workspace / "a.record").write_bytes(b"as it was")
    with pytest.raises(UserError) as caught:
        write_records(folder, workspace / "out/a.record", CATS, csv_path=workspace / "a.csv")
    problems = caught.value.problems
    found = [(os.path.basename(problem.where), problem.line, problem.code) for problem in problems]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert (workspace / "a.record").read_bytes() == b"as it was"
    assert sorted(path.name for path in workspace.iterdir()) == ["a.record", "photos"]


@pytest.mark.parametrize("spoil", ["image", "box"])
def test_what_is_found_while_records_are_written_leaves_nothing(folder, workspace, spoil):
    add(folder, "a.jpg", "cat")
    bad = add(folder, "b.jpg", "cat")
    if spoil == "image":
        bad.write_bytes(bad.read_bytes()[:-9])
    else:
        xml = bad.with_suffix(".xml")
        xml.write_text(xml.read_text().replace("<xmax>18<", "<xmax>40<"))
    with pytest.raises(UserError) as caught:
        write_records(folder, workspace / "new/out/a.record", workspace / "new/map.pbtxt")
    assert [problem.where.stem for problem in caught.value.problems] == ["b"]
    assert sorted(path.name for path in workspace.iterdir()) == ["photos"]


def test_an_unknown_class_is_named_once_with_the_nearest(folder):
    for name in ("a.jpg", "b.jpg"):
        add(folder, name, "cta")
    got = "2 files with it, first a.xml"
    with raises_problem("class-unknown", expected="cat, Hund, dog", got=got) as problems:
        write_records(folder, folder / "a.record", CATS)
    assert problems[0].advice.arguments == {"name": '"cat"'}
    add(folder, "b.jpg", "helmet")
    with raises_problem("class-unknown", what='"helmet"', remedy="add-class"):
        write_records(folder, folder / "a.record", CATS)


def test_xml_without_an_image_is_left_out_and_counted(folder):
    add(folder, "a.jpg", "cat")
    add(folder, "gone.jpg", "cat").unlink()
    result = write_records(folder, folder / "a.record", CATS)
    assert (result.images, result.orphans) == (1, 1)


def test_each_image_is_opened_once(folder):
    """And each XML: a network disk is slow."""
    names = ["a.jpg", "b.png", "c.webp", "turned.jpg"]
    for name in names:
        add(folder, name, "cat", **({"exif": ROTATED} if "turned" in name else {}))
    opened = []

    def watch(event, arguments):
        if event == "open" and str(arguments[0]).startswith(str(folder)):
            opened.append(os.path.basename(arguments[0]))

    sys.addaudithook(watch)
    write_records(folder, folder.parent / "a.record", CATS)
    files = [*names, *(f"{name.split('.')[0]}.xml" for name in names)]
    assert sorted(opened) == sorted(files)


def test_nothing_labelled(folder):
    folder.mkdir()
    with raises_problem("no-images", where=folder):
        write_records(folder, folder / "a.record", CATS)
    Image.fromarray(picture()).save(folder / "a.jpg")
    with raises_problem("nothing-labelled", where=folder, got="1 images without XML"):
        write_records(folder, folder / "a.record", CATS)


def test_arguments_that_make_no_sense(folder):
    add(folder, "a.jpg", "cat")
    with raises_problem("folder-in-the-way", where=folder):
        write_records(folder, folder, CATS)


@pytest.mark.parametrize("shards", [-1, 0, 1001, 10**9])
def test_a_number_of_shards_that_makes_no_sense(folder, shards):
    add(folder, "a.jpg", "cat")
    with raises_problem("number-out-of-range", setting="shards", expected="1 to 1,000"):
        write_records(folder, folder / "a.record", CATS, shards=shards)


DOOR = "scripts/generate_tfrecord.py"


def run(root, *arguments, **options):
    """Run a script in the current folder, as a user does."""
    command = [sys.executable, str(root / arguments[0]), *map(str, arguments[1:])]
    return subprocess.run(command, capture_output=True, text=True, **options)


def test_a_full_disk(root, folder, workspace):
    resource = pytest.importorskip("resource", reason="limits of a process are POSIX")
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    add(folder, "a.png", "cat", image=noise)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    done = run(root, DOOR, "-x", folder, "-l", "m.pbtxt", "-o", "out/a.record", preexec_fn=limit)
    assert done.returncode == 2
    assert done.stderr.startswith("error: out/a.record: the disk is full")
    assert not (workspace / "out").exists() and not (workspace / "m.pbtxt").exists()


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare to mount a small disk")
def test_a_really_full_disk(root, folder, workspace):
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    add(folder, "a.png", "cat", image=noise)
    (workspace / "disk").mkdir()
    script = (
        "mount -t tmpfs -o size=64k none disk || exit 99\n"
        f"{sys.executable} {root / DOOR} -x {folder} -l m.pbtxt -o disk/a.record; code=$?\n"
        "ls -A disk; exit $code"
    )
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1, 2):
        pytest.skip("no right to mount a small disk here")
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: disk/a.record: the disk is full (No space left")
    assert done.stdout == ""


# --- the doors, with the tutorial's flags


def test_the_tutorials_commands(root, shared, workspace):
    source = shared / "datasets/mask/train"
    done = run(root, "scripts/partition_dataset.py", "-x", "-i", source, "-o", "images", "-r", 0.25)
    assert done.returncode == 0, done.stderr
    assert "images/test: 8 images" in done.stdout.replace("\\", "/")
    assert "Mask: 12 train, 4 test" in done.stdout
    long_flags = ["--xml_dir", "images/test", "--image_dir", "images/test"]
    long_flags += ["--labels_path", "map.pbtxt", "--output_path", "annotations\\test.record"]
    done = run(root, DOOR, *long_flags, "-c", "test.csv")
    assert done.returncode == 0, done.stderr
    assert "Successfully created the TFRecord file: annotations/test.record" in done.stdout
    assert check_record_file(workspace / "annotations/test.record", contents=True) == 8
    assert len(pd.read_csv("test.csv")) == 8


def test_a_door_tells_an_error_in_one_line(root, workspace):
    done = run(root, DOOR, "-x", "nowhere", "-l", "map.pbtxt", "-o", "a.record")
    assert done.returncode == 2
    assert (
        done.stderr.startswith("error: nowhere: folder not found") and done.stderr.count("\n") == 1
    )
    assert os.listdir() == []


# --- parity with the old API


def test_real_photos_are_as_the_old_pipeline_saw_them(shared, workspace):
    photos = shared / "datasets/mask/test"
    write_records(photos, workspace / "a.record", shared / "datasets/mask/label_map.pbtxt")
    records = list(read_records(workspace / "a.record"))
    golden = np.load(shared / "golden/eval_input_320.npz")
    assert len(records) == 8
    for index, record in enumerate(records):
        sides = ("ymin", "xmin", "ymax", "xmax")
        boxes = np.array([record[f"image/object/bbox/{side}"] for side in sides], np.float32).T
        count = golden["label_num_groundtruth_boxes"][index]
        assert np.array_equal(boxes, golden["label_groundtruth_boxes"][index, :count])
        one_hot = golden["label_groundtruth_classes"][index, :count]
        assert record["image/object/class/label"] == (one_hot.argmax(axis=1) + 1).tolist()
        size = [record["image/height"][0], record["image/width"][0]]
        assert size == golden["feature_original_image_spatial_shape"][index].tolist()


def test_real_faces(shared, workspace):
    result = write_records(shared / "datasets/crowd_masks", workspace / "a.record", MASKS)
    assert check_record_file(workspace / "a.record", contents=True) == 640
    assert (result.boxes, result.cut_boxes, result.encoded_again) == (3108, 10, 0)
    assert list(result.classes.items()) == [
        ("with_mask", 2449),
        ("without_mask", 565),
        ("mask_weared_incorrect", 94),
    ]


def test_a_record_of_the_old_script_is_read(workspace):
    import tensorflow as tf

    def feature(value):
        if isinstance(value[0], bytes):
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=value))
        if isinstance(value[0], float):
            return tf.train.Feature(float_list=tf.train.FloatList(value=value))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=value))

    values = {
        "image/height": [1080],
        "image/filename": [b"a.jpg"],
        "image/format": [b"jpg"],
        "image/object/bbox/xmin": [0.25],
        "image/object/class/label": [1],
    }
    features = tf.train.Features(feature={key: feature(value) for key, value in values.items()})
    with tf.io.TFRecordWriter("old.record") as writer:
        writer.write(tf.train.Example(features=features).SerializeToString())
    assert only("old.record") == values


def suggest(path, name):
    example = Example(path, 20, 30, [[0.1, 0.2, 0.5, 0.6]], (name,), suggested_by="m1")
    write_voc(path.with_suffix(".xml"), example)


def test_boxes_that_are_only_suggested_are_left_out(folder):
    add(folder, "a.jpg", "cat")
    suggest(add(folder, "b.jpg", "cat"), "a class nobody has")
    result = write_records(folder, folder / "a.record", CATS)
    assert (result.images, result.suggested, result.unlabelled) == (1, 1, 0)
    assert only(folder / "a.record")["image/filename"] == [b"a.jpg"]
    suggest(folder / "a.jpg", "cat")
    with raises_problem("nothing-labelled", got="2 images with boxes that a model suggested"):
        write_records(folder, folder / "b.record", CATS)


def test_boxes_written_as_fractions_are_refused(folder):
    xml = add(folder, "a.jpg", "cat", "dog").with_suffix(".xml")
    boxes = [[0.1 / 20, 0.2 / 30, 1 / 20, 1 / 30]] * 2
    write_voc(xml, Example(folder / "a.jpg", 20, 30, boxes, ("cat", "dog")))
    xml.write_text(xml.read_text().replace("<unit>pixels</unit>", ""))
    got = "all lie in the first pixel of 30x20 pixels"
    with raises_problem("box-fractions", where=xml, got=got):
        write_records(folder, folder / "a.record", CATS)
    assert not (folder / "a.record").exists()


def test_a_full_disk_leaves_all_records_of_the_earlier_split(workspace):
    """Of two splits, train of the one and test of the other may hold the same photos."""
    resource = pytest.importorskip("resource", reason="limits of a process are POSIX")
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    for part, image in (("train", picture()), ("test", noise)):
        add(workspace / "images" / part, "a.png", "cat", image=image)
    out = workspace / "out"
    write_parts(workspace / "images", out, out / "map.pbtxt", shards=2)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    command = [sys.executable, "-m", "tfod", "records", "--images", "images", "--output", "out"]
    full = subprocess.run(
        [*command, "--csv"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert full.returncode == 2 and "the disk is full" in full.stderr
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_the_command_counts_in_words_what_it_left_out_and_changed(workspace, capsys):
    for part in ("train", "test"):
        add(workspace / "images" / part, "a.png", *["cat"] * (part == "train"))
    Image.fromarray(picture()).save(workspace / "images/train/unlabelled.png")
    xml = workspace / "images/train/a.xml"
    xml.write_text(xml.read_text().replace("<width>30<", "<width>60<"))
    assert main(["records", "--images", "images", "--output", "out"]) == 0
    assert capsys.readouterr().out.splitlines()[:4] == [
        "train: 1 image, 1 box (cat 1)",
        "train: 1 image left out: no XML",
        "train: 1 image perhaps resized after labelling: the XML gives another size, so look "
        "at the boxes",
        "test: 1 image, 0 boxes",
    ]


def test_training_comes_next(workspace, capsys):
    for part in ("train", "test"):
        add(workspace / "images" / part, "a.png", "cat")
    assert main(["records", "--images", "images"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "next:  tfod train NAME"
