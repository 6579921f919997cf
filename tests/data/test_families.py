"""Which names are those of copies, and which only look so."""

import pytest

from tfod.data.families import families

HASH = "0123456789abcdef0123456789abcdef"


def grouped(*paths):
    """The photos that are together, by the number of their group."""
    found = families([tuple(path.rpartition("/")[::2]) for path in paths])
    return [found.index(family) for family in found]


@pytest.mark.parametrize(
    "name",
    [
        *("x_aug1", "x_aug_12", "x-augmented", "x_flip", "x_hflip", "x_flip_lr", "x_flipped2"),
        *("X_Rot90", "x rotated 15", "x_mirror", "x (1)", "x(2)", "x - Copy", "x - Copy (2)"),
        *("x_blur", "x_bright1", "x_gray", "x_hue_3", "x_crop1", "x_flip_rot90_noise", "aug_3_x"),
        *(f"x_jpg.rf.{HASH}", f"x.rf.{HASH}", f"x_aug1_png.rf.{HASH}", f"x_flip_jpeg.rf.{HASH}"),
    ],
)
def test_a_copy_of_x(name):
    assert grouped("s/y", "s/x", f"s/{name}") == [0, 1, 1]
    assert grouped("s/y", "s/x", f"more/{name}") == [0, 1, 1], "copies in a folder of their own"


@pytest.mark.parametrize(
    "names",
    [
        ("x_1", "x_2", "x_3"),
        ("IMG_0001", "IMG_0002", "IMG_0001 2"),
        ("clip_000001", "clip_000025"),
        ("photo (1)", "photo (2)", "photo (3)"),  # many renamed at once on Windows
        ("download", *(f"download ({number})" for number in range(1, 30))),
        ("crop_1", "crop_2", "rotate_1", "flip_2", "dark_1"),
        ("field_crop_1", "field_crop_2"),
        ("room_dark_1", "room_dark_2"),
        ("holiday_aug1", "holiday_aug2"),
        ("2026_aug_1", "2026_aug_2", "12_aug_1", "12_aug_2"),
        (f"a_jpg.rf.{HASH}", f"b_jpg.rf.{HASH}"),
        ("batch 100 (1)", "batch 100 (2)"),
        ("xflip", "x"),
        ("", "_flip", "(1)", ".rf."),
    ],
)
def test_photos_of_their_own(names):
    assert grouped(*names) == list(range(len(names)))


def test_copies_without_an_original():
    assert grouped("IMG_0001_aug1", "IMG_0001_flip", "IMG_0002_aug1") == [0, 0, 2]
    other = HASH[::-1]
    assert grouped(f"train/a_jpg.rf.{HASH}", f"valid/a_jpg.rf.{other}") == [0, 0]
    assert grouped(f"train/a_jpg.rf.{HASH}", f"valid/a_flip_jpg.rf.{other}") == [0, 0]


def test_the_same_name_in_two_folders():
    assert grouped("s1/x", "s2/x", "s1/x_flip", "s2/x_flip", "s3/x_flip") == [0, 1, 0, 1, 4]
    assert grouped("s1/x", f"s2/x_jpg.rf.{HASH}", f"s3/x_jpg.rf.{HASH}") == [0, 0, 0]


@pytest.mark.parametrize("dataset", ["crowd_masks", "coco_val128", "mask"])
def test_real_photos_have_no_family(shared, dataset):
    images = sorted((shared / "datasets" / dataset).rglob("*.jpg"))
    assert len(set(families([(str(path.parent), path.stem) for path in images]))) == len(images)
