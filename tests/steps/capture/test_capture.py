"""Capturing photos: headless with the synthetic camera, and in a window with its user."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from desktop import Heard
from refusals import raises_problem
from video_server import mjpeg_server

from tfod.camera import camera
from tfod.camera.camera import open_camera
from tfod.camera.scenes import draw_scene
from tfod.cli import main
from tfod.cli.problems import in_terminal, quoted
from tfod.data.images import read_image
from tfod.data.voc import read_voc
from tfod.remedies import Remedy
from tfod.show.film import film_writer
from tfod.steps.capture import capture as step
from tfod.steps.capture.capture import capture, save
from tfod.steps.capture.names import file_names
from tfod.steps.capture.options import CaptureOptions
from tfod.workspace import Workspace

MASKS = ("Mask", "No-mask")
FOLDER = Path("workspace/images/s")


def take(classes=MASKS, number=2, source="synthetic", lost_after_s=None, **options):
    """Capture without waiting, without a window, into session s."""
    options = {"every_s": 0, "countdown_s": 0, "session": "s", "headless": True} | options
    with open_camera(source, classes=classes, lost_after_s=lost_after_s) as camera:
        return capture(Workspace(""), camera, classes, CaptureOptions(number, **options))


def names(folder, suffix=".jpg"):
    return sorted(path.name for path in Path(folder).glob(f"*{suffix}"))


def test_photos_go_on_where_the_session_stands_and_nothing_is_overwritten(workspace):
    result = take()
    assert result.folder == Path("workspace/images/s") and result.images == {
        "Mask": 2,
        "No-mask": 2,
    }
    assert names(result.folder) == ["Mask_1.jpg", "Mask_2.jpg", "No-mask_1.jpg", "No-mask_2.jpg"]
    before = {path: path.read_bytes() for path in result.folder.iterdir()}
    (result.folder / "mask_7.PNG").write_bytes(b"of the user")
    more = take(number=4)
    assert {path: path.read_bytes() for path in before} == before
    assert more.before == {"Mask": 3, "No-mask": 2} and more.images == {"Mask": 1, "No-mask": 2}
    assert names(result.folder)[2:] == ["Mask_8.jpg", *(f"No-mask_{n}.jpg" for n in (1, 2, 3, 4))]
    assert take(number=4).images == {"Mask": 0, "No-mask": 0}, "4 of each are there"


def test_the_synthetic_camera_writes_its_exact_boxes_too(workspace):
    result = take(number=3)
    assert result.labelled
    for shot, name in enumerate(["Mask_1", "Mask_2", "Mask_3", "No-mask_1"]):
        image, boxes, classes = draw_scene(shot, MASKS)
        example = read_voc(result.folder / f"{name}.xml", image.shape[:2])
        assert example.names == tuple(classes)
        np.testing.assert_allclose(example.boxes, boxes, atol=1e-4)
        photo = read_image(result.folder / f"{name}.jpg")
        assert np.abs(photo.astype(int) - image).mean() < 12, "JPEG of a noisy scene"


def test_a_class_of_the_label_map_may_have_any_name(workspace):
    Path("annotations").mkdir()
    Path("annotations/label_map.pbtxt").write_text('item { id: 1 name: "Stop/Go" }')
    label_map = Path("annotations/label_map.pbtxt")
    assert file_names(["Stop/Go"], label_map) == {"Stop/Go": "Stop_Go"}


@pytest.mark.parametrize("name", ["with space", "маска", "point."])
def test_odd_class_names_become_file_names_of_every_system(name, workspace):
    result = take([name], 1)
    (photo,) = names(result.folder)
    assert not set(photo) & set('<>:"/\\|?*') and photo.endswith("_1.jpg")
    example = read_voc(result.folder / Path(photo).with_suffix(".xml"))
    assert set(example.names) <= {name}, "the class keeps its name in the XML"


@pytest.mark.parametrize(
    ("options", "code", "fields"),
    [
        ({"classes": ["a", "A"]}, "class-names-clash", {"what": '"A"'}),
        ({"classes": ["a", "b", "a"]}, "class-given-twice", {"what": '"a" is given twice'}),
        ({"classes": ["Mask,No mask", "c"]}, "class-name-comma", {"setting": "classes"}),
        ({"classes": ["a", "A/B"]}, "class-name-character", {"what": '"A/B" contains "/"'}),
        ({"classes": ["a\\b"]}, "class-name-character", {"what": 'contains "\\"'}),
        ({"classes": ["a\tb"]}, "class-name-character", {"what": "the control character 9"}),
        ({"classes": ["..."]}, "class-name-empty", {"setting": "classes"}),
        ({"classes": []}, "no-classes", {"setting": "classes"}),
        ({"number": 0}, "number-out-of-range", {"setting": "number", "got": 0}),
        ({"every_s": -1}, "number-out-of-range", {"setting": "every", "got": -1}),
        (
            {"countdown_s": float("nan")},
            "number-out-of-range",
            {"setting": "countdown", "got": "nan"},
        ),
        ({"session": "a/b"}, "bad-session-name", {"setting": "session"}),
        ({"session": "train"}, "bad-session-name", {"setting": "session"}),
        ({"session": ".x"}, "bad-session-name", {"setting": "session"}),
    ],
)
def test_what_is_not_possible_is_refused_before_a_photo_is_taken(options, code, fields, workspace):
    with raises_problem(code, **fields):
        take(**options)
    assert not Path("workspace").exists()


def test_what_is_refused_names_what_would_do(workspace):
    with raises_problem("class-name-comma") as problems:
        take(["Mask,No mask", "c"])
    assert in_terminal(problems[0].advice) == f"Use --classes {quoted('Mask', 'No mask', 'c')}."
    with raises_problem("class-name-character") as problems:
        take(["A/B"])
    assert '"A_B"' in in_terminal(problems[0].advice)


def test_a_film_is_captured_by_its_own_time_and_may_end_early(workspace):
    with film_writer(Path("film.mp4"), 10) as write:
        for index in range(35):
            write(np.full((48, 64, 3), 7 * index, np.uint8), index / 10)
    result = take(["a", "b"], 2, "film.mp4", every_s=1, countdown_s=0.5)
    assert result.images == {"a": 2, "b": 2} or result.ended == "the video ended"
    grey = (
        read_image(result.folder / "a_1.jpg").mean(),
        read_image(result.folder / "a_2.jpg").mean(),
    )
    assert grey == pytest.approx((35, 105), abs=8), "frames 5 and 15"
    assert not result.labelled and not names(result.folder, ".xml")
    late = take(["c"], 9, "film.mp4", every_s=1, countdown_s=0)
    assert late.ended == "the video ended" and late.images == {"c": 4}


def test_a_film_for_a_camera_is_not_gone_on_with(workspace, capsys):
    with film_writer(Path("film.mp4"), 10) as write:
        for index in range(5):
            write(draw_scene(index, size=(48, 64))[0], index / 10)
    words = "--camera film.mp4 --classes a --every 0 --countdown 0 --session s --headless"
    assert main(["capture", *words.split(), "--number", "9"]) == 0
    said = capsys.readouterr().out
    assert "ended: the video ended" in said and "continues" not in said
    assert said.splitlines()[-1] == "next:  tfod label s"


def test_a_camera_that_is_gone_keeps_the_photos_and_says_how_to_go_on(workspace):
    with mjpeg_server(lambda index: draw_scene(index, size=(48, 64))[0], frames=12) as url:
        with raises_problem("camera-lost", where=url, what=f"kept in {FOLDER}") as problems:
            take(["a"], 1000, url, lost_after_s=0.3)
    assert problems[0].remedy == Remedy.RUN(step="capture", session="s")
    assert 1 <= len(names("workspace/images/s")) <= 12


def test_the_door_takes_the_flags_of_the_command(root, workspace):
    environment = os.environ | {"TFOD_CAMERA": "synthetic", "TFOD_HEADLESS": "1"}
    done = subprocess.run(
        [sys.executable, root / "capture_images.py", "--classes", "Mask", "No-mask",
         "--number", "2", "--every", "0.1", "--session", "s"],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "captured 4 photos (Mask 2, No-mask 2)" in done.stdout
    assert "next:  tfod train NAME" in done.stdout
    assert len(names("workspace/images/s")) == 4


@pytest.mark.parametrize("photos", [0, 2])
def test_ctrl_c_ends_with_130_and_in_json_with_one_command(photos, workspace, monkeypatch, capsys):
    def stop_at(path, frame):
        if path.stem == f"Mask_{photos + 1}":
            raise KeyboardInterrupt
        save(path, frame)

    monkeypatch.setattr(step, "save", stop_at)
    words = "--classes Mask --every 0 --countdown 0 --session s --headless --camera synthetic"
    assert main(["capture", *words.split(), "--json"]) == 130
    result = json.loads(capsys.readouterr().out)
    assert result["images"] == {"Mask": photos} and result["ended"] == "Ctrl-C"
    assert result["next"].startswith("tfod capture --classes Mask --every 0")
    assert result["next"].endswith(" --session s")
    assert result["wrote"] == ([str(FOLDER)] if photos else [])
    assert main(["capture", *words.split()]) == 130
    assert ("(continues); or: tfod" in capsys.readouterr().out) == bool(photos)


def test_when_all_is_there_what_follows_is_what_is_left_to_do(workspace, capsys):
    def next_of(number):
        words = f"--classes a --number {number} --every 0 --countdown 0 --session s --headless"
        assert main(["capture", *words.split(), "--camera", "synthetic"]) == 0
        return capsys.readouterr().out.splitlines()[-1]

    assert next_of(2) == "next:  tfod train NAME"
    assert next_of(2) == "next:  tfod check", "the camera wrote the XML"
    Path("workspace/images/s/a_1.xml").unlink()
    assert next_of(2) == "next:  tfod label s"


def test_in_the_window_space_takes_one_at_once_and_q_ends(desktop, workspace):
    command = [
        sys.executable, "-m", "tfod", "capture", "--classes", "Mask", "--number", "9",
        "--every", "600", "--countdown", "600", "--session", "s", "--camera", "synthetic",
    ]  # fmt: skip
    with subprocess.Popen(
        command, env=desktop.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            window = desktop.window("capture - tfod")
            out, err = Heard(process.stdout), Heard(process.stderr)
            desktop.press_until(window, "space", lambda: any("1 of 9" in line for line in err))
            desktop.press_until(window, "q", lambda: process.poll() is not None)
        finally:
            process.kill()
    out = out.whole()
    assert process.returncode == 0, err
    assert "captured 1 photo" in out and "ended: you pressed q" in out and "--session s" in out
    assert cv2.imread("workspace/images/s/Mask_1.jpg").shape == (360, 640, 3)


def test_what_is_wrong_is_said_before_a_webcam_is_opened(workspace, capsys):
    assert main(["capture", "--camera", "99"]) == 2
    assert "--classes: no classes given" in capsys.readouterr().err


def test_a_password_is_in_no_command_to_go_on_with(workspace, capsys, monkeypatch):
    monkeypatch.setattr(camera, "LOST_AFTER_S", 0.3)
    with mjpeg_server(lambda index: draw_scene(index, size=(48, 64))[0], frames=12) as url:
        address = url.replace("://", "://joe:secret@")
        main(["capture", "--camera", address, "--classes", "a", "--number", "99", "--headless"])
    said = capsys.readouterr()
    assert "--session" in said.err and "***@" in said.err
    assert "secret" not in said.out + said.err


def test_the_synthetic_camera_shows_new_scenes_in_every_session(workspace, capsys):
    def contents(session, number, source="synthetic"):
        words = ["--classes", *MASKS, "--number", str(number), "--every", "0", "--headless"]
        assert main(["capture", *words, "--session", session, "--camera", source]) == 0
        folder = Path("workspace/images", session)
        return {path.name: path.read_bytes() for path in folder.glob("*.jpg")}

    first = contents("s", 3)
    more = contents("s", 6)
    assert first.items() <= more.items() and len(set(more.values())) == 12
    other = contents("t", 3)
    assert len({*more.values(), *other.values()}) == 18
    chosen = contents("u", 3, "synthetic:seed=3;size=120x160")
    assert len(set(chosen.values())) == 6 and not {*chosen.values()} & {*other.values()}
    shutil.rmtree("workspace")
    assert contents("s", 3) == first, "from an empty folder the same"
