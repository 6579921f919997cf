"""Live: videos, a camera that does not wait, a window, and an exported model."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from desktop import Heard
from refusals import raises_problem
from video_server import mjpeg_server

import tfod
from tfod.camera.camera import open_camera
from tfod.cli import main
from tfod.config import apply_overrides
from tfod.config.templates import new_config, set_data
from tfod.data.images import read_image
from tfod.data.voc import read_voc
from tfod.detections import Detections
from tfod.runtimes.chosen import of_classes
from tfod.show.draw import draw_detections
from tfod.steps.label.sessions import count_labels
from tfod.steps.live.live import _moved, live
from tfod.steps.live.options import LiveOptions
from tfod.words import plural
from tfod.workspace import Workspace

TWENTY = "synthetic:scene=moving;frames=20;size=96x128"


def finder(image):
    """Find one object in the middle, and one that is hardly there."""
    return Detections(
        boxes=np.array([[0.25, 0.25, 0.75, 0.75], [0, 0, 1, 1]], np.float32),
        scores=np.array([0.9, 0.2], np.float32),
        class_ids=np.array([0, 1], np.int32),
        class_names={0: "ball", 1: "ghost"},
    )


def watch(source, detector=finder, lost_after_s=None, **options):
    with open_camera(source, lost_after_s=lost_after_s) as camera:
        return live(Workspace(""), detector, camera, LiveOptions(headless=True, **options))


class Shown:
    """A window that keeps what it is shown and presses the keys it was given, one at a time."""

    def __init__(self, *keys):
        self.keys = iter(keys)
        self.images, self.texts = [], []

    def __call__(self, title):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def fit(self, image):
        return np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)

    def show(self, image, wait_ms=1, above=(), below=()):
        self.images.append(image)
        self.texts.append((*above, *below))
        return next(self.keys, "")


class Named:
    """A detector that comes from a file."""

    path = Path("exported-models/tiny")
    class_names = {0: "ball", 1: "ghost"}

    def __call__(self, image):
        return finder(image)


def in_window(monkeypatch, *keys, source=TWENTY, detector=finder, **options):
    """Watch in a hand-made window; the first key comes while the model starts."""
    window = Shown("", *keys)
    monkeypatch.setattr("tfod.steps.live.live.Window", window)
    with open_camera(source) as camera:
        return live(Workspace(""), detector, camera, LiveOptions(**options)), window


def test_the_window_says_the_keys_and_both_rates(workspace, monkeypatch):
    result, window = in_window(monkeypatch, "", "", "", None)
    assert result.ended == "you closed the window" and result.frames == 4
    assert "starting" in window.texts[0][0] and "| space pause" in window.texts[0][1]
    status, keys = window.texts[-1]
    assert "shown" in status and "camera 30 fps | " in status and "threshold 50%" in status
    assert keys == window.texts[0][1]


def test_labels_are_drawn_in_the_size_of_the_window(workspace, monkeypatch):
    """An image of 160x120 is enlarged first: letters drawn before would hide what they name."""
    _, window = in_window(monkeypatch, "", "q", "q")
    doubled = window.images[-1]
    assert doubled.shape == (2 * 96, 2 * 128, 3)
    assert (doubled[::2, ::2] != doubled[1::2, ::2]).any()


def test_plus_and_minus_change_the_threshold(workspace, monkeypatch):
    minus = ["-"] * 6 + ["q"]
    result, window = in_window(monkeypatch, *minus)
    assert result.detections == {"ball": 7, "ghost": 1}, "the ghost has 0.2"
    assert "threshold 20%" in window.texts[-1][0]
    result, window = in_window(monkeypatch, *["+"] * 12)
    assert "threshold 100%" in window.texts[-1][0] and result.detections["ball"] == 9
    result, window = in_window(monkeypatch, "=", "q")
    assert "threshold 55%" in window.texts[-1][0]


def test_space_pauses_on_one_frame_where_the_keys_work(workspace, monkeypatch):
    record = Path("film.mp4")
    keys = [" ", "", "-", "s", "", " ", "q"]
    result, window = in_window(monkeypatch, *keys, detector=Named(), record=record)
    assert result.frames == 2 and film_of(record)[0] == 2 and len(result.saved) == 1
    assert [text[0].startswith("paused") for text in window.texts] == [False] * 2 + [True] * 5 + [
        False
    ]
    assert np.array_equal(window.images[1], window.images[6])
    result, _ = in_window(monkeypatch, " ", "", "q")
    assert (result.frames, result.ended) == (1, "q")
    result, _ = in_window(monkeypatch, " ", None)
    assert (result.frames, result.ended) == (1, "you closed the window")


def test_s_saves_the_clean_photo_and_its_boxes_as_a_suggestion(workspace, monkeypatch):
    result, _ = in_window(monkeypatch, "s", "s", "q", detector=Named())
    assert len(set(result.saved)) == 2
    photo = result.saved[0]
    assert photo.parent == Path("workspace/images/from_live")
    with open_camera(TWENTY) as camera:
        clean = next(iter(camera)).image
    assert np.abs(read_image(photo).astype(int) - clean).mean() < 5, "nothing is drawn on it"
    example = read_voc(photo.with_suffix(".xml"))
    assert (example.suggested_by, example.names) == ("tiny", ("ball",))
    np.testing.assert_allclose(example.boxes, [[0.25, 0.25, 0.75, 0.75]])
    count = count_labels(photo.parent, ["ball"])
    assert len(count.suggested) == 2 and count.labelled == 0, "nobody has checked them yet"


def test_s_without_detections_leaves_the_photo_unlabelled(workspace, monkeypatch):
    result, _ = in_window(monkeypatch, "s", "q", detector=Named(), min_score=1)
    assert [path.name for path in result.saved[0].parent.iterdir()] == [result.saved[0].name]


def test_the_recording_has_the_figures_only_when_asked(workspace):
    corners = []
    for name, record_status in (("clean.mp4", False), ("status.mp4", True)):
        watch(TWENTY, frames=2, record=Path(name), record_status=record_status)
        corners.append(cv2.VideoCapture(name).read()[1][:10, :60].mean())
    assert corners[0] > 90 > corners[1], corners


def test_the_keys_move_the_threshold_of_each_class():
    assert _moved(0.5, 0.05) == 0.55 and _moved(0.98, 0.05) == 1
    assert _moved({0: 0.3, 1: 0.02}, -0.05) == {0: 0.25, 1: 0}


def test_of_chosen_classes_only(workspace):
    ghosts = of_classes(Named(), ["ghost"])
    assert watch(TWENTY, ghosts, frames=2, min_score=0).detections == {"ghost": 2}
    assert ghosts.path == Named.path and of_classes(Named(), []).path == Named.path
    with raises_problem("unknown-class", setting="classes", remedy="did-you-mean"):
        of_classes(Named(), ["gost"])
    with raises_problem("unknown-class", expected="ball, ghost"):
        of_classes(Named(), ["ball", "tree"])


def test_labels_can_be_left_out(workspace):
    image = np.full((200, 300, 3), 128, np.uint8)
    changed = [
        (draw_detections(image, finder(image), with_labels=with_labels) != image).any(axis=2)
        for with_labels in (False, True)
    ]
    assert changed[0].any() and changed[1].sum() > changed[0].sum() + 300


def film_of(path):
    film = cv2.VideoCapture(str(path))
    return [int(film.get(which)) for which in (
        cv2.CAP_PROP_FRAME_COUNT, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_WIDTH,
        cv2.CAP_PROP_FPS,
    )]  # fmt: skip


def test_every_frame_of_a_video_is_shown_and_recorded(workspace):
    result = watch(TWENTY, record=Path("film.mp4"))
    assert (result.frames, result.ended) == (20, "the video ended")
    assert result.detections == {"ball": 20}, "those below min_score are left out"
    assert film_of("film.mp4") == [20, 96, 128, 30]
    plain = next(iter(open_camera(TWENTY))).image
    drawn = cv2.VideoCapture("film.mp4").read()[1][:, :, ::-1]
    edge = (slice(23, 26), slice(40, 90))  # the upper side of the box
    assert np.abs(drawn[edge].astype(int) - plain[edge]).mean() > 30
    assert result.model_ms[0] >= 0 and result.age_ms[1] >= result.age_ms[0] >= 0


def test_frames_ends_after_so_many(workspace):
    assert watch("synthetic", frames=3).frames == 3


def test_a_slow_model_gets_the_newest_frame_and_no_queue():
    """How old it is when it is shown: benchmarks/live.py."""
    sent = threading.Condition()
    newest = 0

    def draw(index):
        nonlocal newest
        with sent:
            newest = index
            sent.notify_all()
        return np.full((48, 64, 3), 2 * (index % 100), np.uint8)

    seen = []

    def slow(image):
        seen.append(round(image.mean() / 2))
        with sent:
            begun = newest
            sent.wait_for(lambda: newest >= begun + 6)  # a model that takes six frames
        return finder(image)

    with mjpeg_server(draw) as url:
        assert watch(url, slow, frames=8).frames == 8
    assert seen[-1] - seen[0] > 3 * len(seen), f"a queue would give one after the other: {seen}"


def test_a_camera_that_is_gone_keeps_the_recording(workspace):
    with mjpeg_server(lambda index: np.zeros((48, 64, 3), np.uint8), frames=9) as url:
        with raises_problem("camera-lost", what="the recording is kept in film.mp4"):
            watch(url, record=Path("film.mp4"), lost_after_s=0.3)
    assert film_of("film.mp4")[0] >= 1


def test_an_error_of_the_detector_leaves_no_film(workspace):
    def broken(image):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        watch(TWENTY, broken, record=Path("film.mp4"))
    assert not list(workspace.iterdir())


def test_a_real_film(shared, workspace):
    result = watch(str(shared / "videos/masks_indoors.mp4"), frames=30, record=Path("film.mp4"))
    assert result.frames == 30 and film_of("film.mp4") == [30, 506, 960, 25]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A workspace with a small exported model of random weights, called tiny."""
    from tfod.labels import write_label_map
    from tfod.model.checkpoints.save import save_checkpoint
    from tfod.model.ssd import SSD
    from tfod.steps.export.export import export

    folder = tmp_path_factory.mktemp("live")
    write_label_map(folder / "label_map.pbtxt", ["circle", "square"])
    config = new_config(Workspace("."), 2, size=64)
    set_data(config, folder / "label_map.pbtxt", [], [])
    apply_overrides(config, ["model.ssd.feature_extractor.depth_multiplier=0.35"])
    save_checkpoint(folder / "model", SSD(config.model.ssd, 0), 1)
    export(Workspace(folder), config, folder / "model", folder / "exported-models/tiny")
    return folder


@pytest.mark.slow
def test_the_command_with_an_exported_model(exported, monkeypatch, capsys):
    monkeypatch.chdir(exported)
    command = ["live", "tiny", "--camera", TWENTY, "--headless", "--min-score", "0", "--json"]
    assert main([*command, "--record", "film.mp4"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["frames"] == 20 and result["wrote"] == ["film.mp4"]
    assert set(result["detections"]) <= {"circle", "square"} and result["detections"]
    assert main([*command, "--classes", "square", "--no-labels"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)["detections"]
    assert found == {"square": result["detections"]["square"]}
    assert said.err.startswith("loading tiny; keys: Ctrl-C quits\n")
    assert main(["detect", "tiny", "--classes", "squares", TWENTY]) == 2
    assert 'no class "squares"' in capsys.readouterr().err
    for count in (1, 2):
        assert main(["detect", "tiny", TWENTY.replace("20", str(count))]) == 0
        assert capsys.readouterr().out.startswith(f"{plural(count, 'frame')}: ")


def test_a_name_that_no_model_has_is_refused_before_anything_else(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tfod.show.window.check_display", lambda: None)
    assert main(["live", "NOPE"]) == 2
    assert "loading" not in capsys.readouterr().err
    with raises_problem("no-such-model"):
        tfod.live("NOPE")
    assert not capsys.readouterr().out


@pytest.mark.slow
def test_in_the_window_s_saves_a_photo_and_q_ends(exported, desktop):
    with subprocess.Popen(
        [sys.executable, "-m", "tfod", "live", "tiny", "--camera", "synthetic:scene=moving"],
        env=desktop.environment, cwd=exported, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            window = desktop.window("live - tfod")
            out, err = Heard(process.stdout), Heard(process.stderr)
            taken = "saved: "
            desktop.press_until(window, "s", lambda: any(line.startswith(taken) for line in err))
            desktop.press_until(window, "q", lambda: process.poll() is not None)
        finally:
            process.kill()
    line = next(line for line in err if line.startswith(taken))
    out = out.whole()
    assert process.returncode == 0, err
    photo = exported / line.removeprefix(taken).strip()
    assert cv2.imread(str(photo)).shape == (360, 640, 3)
    assert "frames at" in out and str(photo.name) in out and "tfod label from_live" in out
    assert err[0].startswith("loading tiny; keys: q quit | ")
