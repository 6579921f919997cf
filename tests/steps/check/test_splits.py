"""What the parts of a split share, lack, and no longer are."""

import shutil

import numpy as np
import pytest
from dealing import split
from PIL import Image

from tfod.camera.scenes import draw_scene
from tfod.data.example import Example
from tfod.data.voc import read_voc, write_voc
from tfod.steps.check import splits
from tfod.steps.check.dataset import read_dataset

CHECKS = (
    splits.duplicates_across_parts,
    splits.near_duplicates_across_parts,
    splits.classes_of_parts,
    splits.empty_parts,
    splits.outdated_copies,
    splits.photos_in_no_part,
)


def put(folder, name, index=0, *names, image=None, **options):
    """Draw a scene and label it; without names it is not labelled."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = draw_scene(index, ("a", "b"), (96, 128), 0)[0] if image is None else image
    Image.fromarray(pixels).save(folder / name, **options)
    if names:
        height, width = pixels.shape[:2]
        boxes = [[0.1, 0.2, 0.5, 0.6 + 0.01 * i] for i in range(len(names))]
        example = Example(folder / name, height, width, boxes, names)
        write_voc((folder / name).with_suffix(".xml"), example)
    return folder / name


def findings(folder, decode=True):
    dataset = read_dataset(folder, decode)
    return {found.code: found for check in CHECKS for found in check(dataset)}


@pytest.fixture
def images(tmp_path):
    """Ten unlike photos of both classes in two sessions, not split yet."""
    for index in range(10):
        put(tmp_path / f"s{index % 2}", f"p{index}.png", index, "a", "b")
    return tmp_path


def test_a_fresh_split_has_nothing(images):
    assert findings(images) == {}
    split(images, test=0.3)
    assert findings(images) == {}
    assert findings(images, decode=False) == {}


def test_the_same_file_in_both(images):
    split(images, test=0.3)
    first = next((images / "train").glob("*.png"))
    shutil.copy(first, images / "test" / "again.png")
    shutil.copy(first.with_suffix(".xml"), images / "test" / "again.xml")
    found = findings(images)["duplicate-across-parts"]
    assert (found.severity, found.count) == ("error", 1)
    assert str(found.places[0]) == f"{images / 'test/again.png'}: identical to {first}"
    assert "near-duplicate-across-parts" not in findings(images)


def test_copies_in_val_count_too(images):
    split(images, test=0.3)
    for part in ("train", "test"):  # a split of another making
        (images / part / ".split.json").unlink()
    put(images / "val", "v.png", 90, "a", "b")
    shutil.copy(images / "val" / "v.png", images / "test" / "v.png")
    assert findings(images)["duplicate-across-parts"].count == 1


def test_frames_of_one_burst_in_both(tmp_path):
    for index in range(6):
        put(tmp_path / "train", f"p{index}.png", index, "a")
    chance = np.random.default_rng(0)
    scene = draw_scene(70, ("a", "b"), (96, 128), 0)[0].astype(int)
    for number, part in enumerate(["train", "test", "test"]):
        noisy = np.clip(scene + chance.integers(-3, 4, scene.shape), 0, 255).astype(np.uint8)
        put(tmp_path / part, f"cam_{number}.png", 0, "a", image=noisy)
    put(tmp_path / "test", "other.png", 80, "a")
    found = findings(tmp_path)["near-duplicate-across-parts"]
    assert (found.severity, found.count) == ("warning", 2)
    assert "test photos (of 3, 2 from the same series)" in found.problem.what
    assert "cam_0.png" in found.places[0].detail
    assert "near-duplicate-across-parts" not in findings(tmp_path, decode=False)


@pytest.mark.parametrize(("sessions", "step"), [(1, "capture"), (2, "split")])
def test_one_session_cannot_be_kept_apart(tmp_path, sessions, step):
    scene = draw_scene(70, ("a", "b"), (96, 128), 0)[0]
    for number in range(6):
        noisy = scene.copy()
        noisy[0, number] ^= 1
        put(tmp_path / f"s{number % sessions}", f"cam_{number}.png", 0, "a", image=noisy)
    split(tmp_path, test=0.3, by="image")
    found = findings(tmp_path)["near-duplicate-across-parts"]
    assert found.problem.advice.arguments["step"] == step


def test_classes_in_one_part_only(tmp_path):
    for index in range(4):
        put(tmp_path / "train", f"p{index}.png", index, "a", "b")
    put(tmp_path / "test", "t.png", 9, "a", "c")
    found = findings(tmp_path)
    assert (found["class-not-in-test"].severity, found["class-not-in-test"].count) == ("warning", 1)
    assert found["class-not-in-test"].places[0].detail == 'no "b" (4 images in train)'
    assert (found["class-not-in-train"].severity, found["class-not-in-train"].count) == ("error", 1)
    assert found["class-not-in-train"].places[0].detail == '"c" in 1 images, none in train'


@pytest.mark.parametrize("test_photos", ["none", "unlabelled"])
def test_a_part_without_labelled_images(tmp_path, test_photos):
    put(tmp_path / "train", "p.png", 0, "a")
    if test_photos == "unlabelled":
        put(tmp_path / "test", "t.png", 1)
    found = findings(tmp_path)["part-empty"]
    assert (found.severity, found.count) == ("error", 1)
    assert found.places[0].path == tmp_path / "test"


@pytest.mark.parametrize("decode", [True, False])
def test_sessions_changed_after_the_split(images, decode):
    split(images, test=0.3)
    xml = images / "s0" / "p0.xml"
    example = read_voc(xml)
    example.boxes[0] += 0.05
    write_voc(xml, example)
    put(images / "s1", "new.png", 20, "a")
    put(images / "s1", "unlabelled.png", 21)
    (images / "s0" / "p2.png").unlink()
    found = findings(images, decode)
    assert set(found) == {"split-outdated", "split-lacks-photos", "split-keeps-photos"}
    assert [place.path for place in found["split-outdated"].places] == [xml]
    assert [p.path for p in found["split-lacks-photos"].places] == [images / "s1" / "new.png"]
    assert [place.path.name for place in found["split-keeps-photos"].places] == ["p2.png"]
    (images / "s0" / "p2.xml").unlink()
    split(images, test=0.3)
    assert findings(images, decode) == {}


def test_two_sessions_with_the_same_names(images):
    """Split gives the second one its session as prefix; both are up to date."""
    put(images / "s1", "p0.png", 30, "a", "b")
    split(images, test=0.3)
    assert findings(images) == {}
    assert findings(images, decode=False) == {}


@pytest.fixture
def by_hand(images):
    """train/ and test/ that hold copies of eight of the ten photos; p8 and p9 are left out."""
    for index in range(8):
        part = images / ("test" if index in (0, 1) else "train")
        part.mkdir(exist_ok=True)
        for suffix in (".png", ".xml"):
            shutil.copy(images / f"s{index % 2}" / f"p{index}{suffix}", part)
    return images


@pytest.mark.parametrize("decode", [True, False])
def test_photos_that_a_split_made_by_hand_leaves_out(by_hand, decode):
    put(by_hand / "s0", "unlabelled.png", 20)
    found = findings(by_hand, decode)
    assert set(found) == {"photo-in-no-part"}
    assert (found["photo-in-no-part"].severity, found["photo-in-no-part"].count) == ("warning", 2)
    assert [place.path.name for place in found["photo-in-no-part"].places] == ["p8.png", "p9.png"]
    for path in [*by_hand.glob("s?/p8.*"), *by_hand.glob("s?/p9.*")]:
        path.rename(by_hand / "train" / path.name)
    assert findings(by_hand, decode) == {}


def test_a_split_made_by_hand_can_be_dealt_out_again(by_hand):
    for part in ("train", "test"):
        (by_hand / part).rename(by_hand / f"old {part}")
    split(by_hand)
    assert findings(by_hand) == {}


def test_copies_of_another_name_and_size_are_in_a_part(by_hand):
    for name, session in {"p8": "s0", "p9": "s1"}.items():
        image = Image.open(by_hand / session / f"{name}.png").resize((80, 80))
        put(by_hand / "train", f"{name}_png.rf.1.jpg", 0, "a", "b", image=np.asarray(image))
    assert findings(by_hand) == {}


def test_frames_of_a_burst_are_no_copies_of_each_other(by_hand):
    pixels = np.asarray(Image.open(by_hand / "train/p2.png")).copy()
    pixels[0, 0] ^= 1  # looks the same, other bytes
    for session, name in (("s0", "p22.png"), ("s1", "p.png"), ("s2", "x.png")):
        put(by_hand / session, name, 0, "a", "b", image=pixels)
    assert findings(by_hand)["photo-in-no-part"].count == 5


def test_another_photo_of_the_same_name_is_in_no_part(by_hand):
    put(by_hand / "s2", "p0.png", 60, "a", "b")
    assert findings(by_hand)["photo-in-no-part"].count == 3


@pytest.mark.parametrize("name", ["valid", "validation", "Valid"])
def test_a_val_of_another_name_is_a_part(by_hand, name):
    for index in range(8, 10):
        for path in by_hand.glob(f"s?/p{index}.*"):
            (by_hand / name).mkdir(exist_ok=True)
            path.rename(by_hand / name / path.name)
    assert findings(by_hand) == {}


def test_one_part_looked_at_alone_lacks_no_other(tmp_path):
    put(tmp_path / "train", "p.png", 0, "a")
    assert findings(tmp_path / "train") == {}
