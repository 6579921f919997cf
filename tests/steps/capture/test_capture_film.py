"""Photos from a film: every tenth frame, none twice, and on behind the last one."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from refusals import raises_problem

from tfod.camera.camera import open_camera
from tfod.camera.scenes import moving_scene
from tfod.cli import main
from tfod.cli.problems import quoted
from tfod.data.images import read_image, write_image
from tfod.show.film import film_writer
from tfod.steps.capture.film import capture_film, session_of
from tfod.steps.capture.options import FilmOptions
from tfod.steps.capture.quality import ALIKE, BLURRED
from tfod.workspace import Workspace

FOLDER = Path("workspace/images/street")


def frame(index):
    """Sixty frames that move, thirty that stand still, thirty that move and are blurred."""
    still = min(index, 60) if index < 90 else index
    image = moving_scene(3 * still, size=(180, 240))[0]
    return cv2.blur(image, (13, 13)) if index >= 90 else image


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "street.mp4"
    with film_writer(path, 30.0) as write:
        for index in range(120):
            write(frame(index), index / 30)
    return path


@pytest.fixture
def film(made, workspace):
    (workspace / "street.mp4").write_bytes(made.read_bytes())
    return "street.mp4"


def take(film, **options):
    with open_camera(film) as camera:
        return capture_film(Workspace(""), camera, film, FilmOptions(**options))


def numbers(folder=FOLDER):
    return sorted(int(path.stem.rpartition("_")[2]) for path in folder.glob("*.jpg"))


def test_repeats_and_blurred_frames_are_skipped(film):
    result = take(film, every=10)
    assert result.folder == FOLDER
    assert numbers() == [0, 10, 20, 30, 40, 50, 60]
    assert result.skipped == {ALIKE: 2, BLURRED: 3}
    assert "2 like the last photo (changed < 0.5%)" in result.skipped_line()
    assert "3 blurred (sharpness < 80%)" in result.skipped_line()
    kept = read_image(FOLDER / "street_000020.jpg").astype(int)
    assert np.abs(kept - frame(20)).mean() < 12


def test_a_second_run_adds_nothing(film):
    take(film, every=10)
    before = {path: path.stat().st_mtime_ns for path in FOLDER.iterdir()}
    again = take(film, every=10)
    assert again.images == {"": 0} and again.before == {"": 7}
    assert {path: path.stat().st_mtime_ns for path in FOLDER.iterdir()} == before


def test_in_two_parts_it_is_as_in_one(film):
    first = take(film, every=5, number=4)
    assert first.images == {"": 4}
    take(film, every=5)
    parts = numbers()
    whole = take(film, every=5, session="whole").folder
    assert parts == numbers(whole)


def test_zero_takes_every_frame_that_is_due(film):
    result = take(film, every=30, min_sharpness=0, min_change=0, class_name="a b")
    assert numbers() == [0, 30, 60, 90] and result.images == {"a b": 4}
    assert all(path.name.startswith("a b_street_") for path in FOLDER.iterdir())


@pytest.mark.parametrize(
    "options, code, setting",
    [
        ({"every": 0}, "number-out-of-range", "every"),
        ({"number": 0}, "number-out-of-range", "number"),
        ({"min_change": 101}, "number-out-of-range", "min_change"),
        ({"min_sharpness": -1}, "number-out-of-range", "min_sharpness"),
        ({"session": "a/b"}, "bad-session-name", "session"),
    ],
)
def test_what_is_not_possible_is_refused(film, options, code, setting):
    with raises_problem(code, setting=setting):
        take(film, **options)
    assert not FOLDER.exists()


def test_a_film_without_end_needs_a_number(workspace):
    with raises_problem("endless-video", remedy="set"):
        take("synthetic")
    assert take("synthetic", number=3, every=2, session="s").images == {"": 3}


@pytest.mark.parametrize(
    "name, session",
    [
        ("a/My Film.mp4", "My Film"),
        (r"C:\\films\\x.avi", "x"),
        ("http://host/clip.mp4?key=1", "clip"),
        ("photos/", "photos"),
        ("train.mp4", "film_train"),
    ],
)
def test_a_session_is_called_after_its_film(name, session):
    assert session_of(name) == session


def test_a_folder_of_pictures_is_a_film_too(workspace):
    for index in range(6):
        write_image(Path(f"shots/s{index}.png"), frame(10 * (index // 2)))
    assert take("shots", every=1).images == {"": 3}


def test_a_video_that_is_cut_is_reported(workspace, capsys):
    writer = cv2.VideoWriter("whole.avi", cv2.VideoWriter.fourcc(*"MJPG"), 10, (240, 180))
    for index in range(60):
        writer.write(frame(index))
    writer.release()
    data = Path("whole.avi").read_bytes()
    Path("cut.avi").write_bytes(data[: len(data) // 2])
    assert main(["capture", "--from", "whole.avi", "--min-change", "0"]) == 0
    assert "damaged" not in capsys.readouterr().out
    assert main(["capture", "--from", "cut.avi", "--min-change", "0"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"note: cut\.avi .*: ended at frame [23]\d, but should have 60", said)


def test_a_film_that_has_too_few_photos_says_that_it_ended(film, capsys):
    assert take(film, every=30, number=2).ended == ""
    assert take(film, every=30, number=2).ended == "", "both are there"
    assert main(["capture", "--from", film, "--every", "30", "--number", "9"]) == 0
    said = capsys.readouterr().out
    assert "ended: the video ended" in said and "continues" not in said


@pytest.mark.parametrize("damaged", ["b.jpg", "d.jpg e.jpg f.jpg g.jpg"])
def test_damaged_images_of_a_folder_are_passed_over_and_named(damaged, workspace, capsys):
    for index, name in enumerate(["a.jpg", "c.jpg"]):
        write_image(Path("shots", name), frame(10 * index))
    for name in damaged.split():
        Path("shots", name).write_bytes(b"no image")
    assert main(["capture", "--from", "shots", "--every", "1"]) == 0
    said = capsys.readouterr().out
    assert "captured 2 photos" in said and "next:  tfod label shots" in said
    assert said.count("note: skipped: ") == 1 and "should have" not in said
    assert all(f"{name}: this image cannot be read" in said for name in damaged.split())


def test_an_image_that_comes_into_a_folder_later_is_taken_and_no_other_twice(workspace):
    def shot(name, index):
        write_image(Path("shots", name), frame(index))

    for index, name in enumerate(["b_1.jpg", "b_2.jpg", "b_2.png", "inner/b_1.jpg"]):
        shot(name, 10 * index)
    folder = take("shots", every=1).folder
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(before) == 4
    shot("aaa.jpg", 50)
    more = take("shots", every=1)
    assert more.before == {"": 4} and more.images == {"": 1}
    new = {path.name for path in folder.iterdir()} - {path.name for path in before}
    assert new == {"shots_aaa_jpg.jpg"}
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert take("shots", every=1).images == {"": 0}


def test_images_of_a_folder_get_names_of_their_own_whatever_they_are_called(workspace):
    names = ["a/b.jpg", "a__b.jpg", f"{'x' * 245}.jpg"] + (["a:b.jpg"] if os.name != "nt" else [])
    for index, name in enumerate(names):
        write_image(workspace / "src" / name, frame(10 * index))
    assert take("src", every=1, min_change=0, min_sharpness=0).images == {"": len(names)}
    assert len(list(Path("workspace/images/src").glob("*.jpg"))) == len(names)
    assert take("src", every=1, min_change=0, min_sharpness=0).images == {"": 0}


def test_the_command_and_its_json(film, capsys):
    assert main(["capture", "--from", film, "--every", "10", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["images"] == {"": 7} and result["skipped"] == {ALIKE: 2, BLURRED: 3}
    assert result["next"] == "tfod label street --classes NAME NAME"


def test_the_next_command_names_the_classes_that_nothing_else_tells(film, capsys):
    def next_of(*words):
        assert main(["capture", "--from", film, "--every", "30", *words]) == 0
        return capsys.readouterr().out.splitlines()[-1].removeprefix("next:  ")

    assert next_of("--session", "s") == "tfod label s --classes NAME NAME"
    given = next_of("--session", "t", "--classes", "my cup")
    assert given.startswith("tfod label t --classes ") and "my cup" in given
    other = Path("workspace/images/other/Mask_1.jpg")
    other.parent.mkdir()
    other.write_bytes(next(Path("workspace/images/t").glob("*.jpg")).read_bytes())
    expected = f"tfod label u --classes {quoted('Mask', 'my cup')}"
    assert next_of("--session", "u", "--classes", "my cup") == expected
    Path("annotations").mkdir()
    Path("annotations/label_map.pbtxt").write_text('item { id: 1 name: "cup" }')
    assert next_of("--session", "s") == "tfod label s"


@pytest.mark.parametrize(
    "words, message",
    [
        ("--every 2.5", "counts frames"),
        ("--classes a b", "one class or none"),
        ("--classes a,b", "one class or none"),
        ("--classes a?b", '"a?b" contains "?"'),
        ("--mirror", "--mirror: does not apply to a video"),
        ("--from gone.mp4", "gone.mp4"),
    ],
)
def test_the_command_refuses(film, capsys, words, message):
    assert main(["capture", "--from", film, *words.split()]) == 2
    error = capsys.readouterr().err
    assert message in error and len(error.strip().splitlines()) == 1
    assert not FOLDER.exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_keeps_what_was_taken_and_says_how_to_go_on(film):
    frames = [frame(index) for index in range(60)]
    with film_writer(Path(film), 30.0) as write:  # long enough to be stopped before its end
        for index in range(1500):
            write(frames[index % 60], index / 30)
    command = [sys.executable, "-m", "tfod", "capture", "--from", film, "--every", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        while not (FOLDER.is_dir() and len(list(FOLDER.glob("*.jpg"))) > 2) and run.poll() is None:
            pass
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    assert "Traceback" not in err
    assert run.returncode == 130 and "--session street" in out, out + err
    assert "captured " in out and "Interrupted" not in err, out + err
    assert all(read_image(path).shape == (180, 240, 3) for path in FOLDER.glob("*.jpg"))


def test_a_session_is_no_film_of_itself(workspace, capsys):
    Path("workspace/images/s1").mkdir(parents=True)
    cv2.imwrite("workspace/images/s1/a.jpg", np.zeros((48, 64, 3), np.uint8))
    assert main(["capture", "--from", "workspace/images/s1"]) == 2
    assert "a session cannot take photos from itself" in capsys.readouterr().err
    assert [path.name for path in Path("workspace/images/s1").iterdir()] == ["a.jpg"]
