"""`tfod label` as its user has it: the real LabelImg on a screen, a pointer and keys."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from desktop import without_display
from labelling import (
    BLUE,
    BLUE_PX,
    RED,
    RED_PX,
    SESSION,
    command,
    draw,
    finished,
    labelling,
    on_screen,
    photo,
    suggestion,
    until,
)
from PIL import Image
from refusals import raises_problem

from tfod.cli import main
from tfod.cli.problems import quoted
from tfod.data.example import Example, boxes_xyxy_px
from tfod.data.photo_folder import MANIFEST
from tfod.data.voc import read_voc, write_voc
from tfod.steps.label.classes import class_list
from tfod.steps.label.label import start_problem
from tfod.steps.label.sessions import count_labels, count_sessions, find_session
from tfod.workspace import Workspace

pytestmark = pytest.mark.skipif(
    not (find_spec("labelImg") and find_spec("PyQt5")), reason="needs the extra `label`"
)
HERE = Workspace(".")


def test_drawing_zooming_and_going_on(desktop, session):
    with labelling(desktop, "--classes", "ball", "X") as process:
        window = desktop.window(r"a  photo 1.JPG \[1 / 3\]")
        red = until(lambda: on_screen(desktop, RED))
        draw(desktop, window, red, "X", "Return")  # a class of one letter
        fitted = until(lambda: on_screen(desktop, BLUE))

        desktop.pointer(
            "mousemove", 500, 300, "keydown", "ctrl", *("click", 4) * 4, "keyup", "ctrl"
        )
        until(lambda: (on_screen(desktop, BLUE) or fitted) != fitted)
        desktop.pointer("click", 5, "click", 5, "click", 4, "keydown", "shift", "click", 5)
        desktop.pointer("keyup", "shift", "mousemove", 520, 700, "mousedown", 1)
        desktop.pointer("mousemove", 500, 690, "mousemove", 505, 640, "mouseup", 1)  # drag it
        desktop.press(window, "ctrl+minus", "ctrl+plus", "ctrl+minus")
        zoomed = until(lambda: _still(desktop, BLUE))
        assert zoomed[2] - zoomed[0] > 1.05 * (fitted[2] - fitted[0])
        draw(desktop, window, zoomed, "b", "a", "l", "l", "Return")

        desktop.press(window, "d")
        second = desktop.window(r"2.jpg \[2 / 3\]")
        assert second == window
        desktop.press(window, "n")  # no objects here
        desktop.window(r"x3.jpg \[3 / 3\]")
        desktop.close(window)
        out, err = finished(process)

    assert "n no objects" in err and "classes: ball, X" in err
    example = read_voc(session / "a  photo 1.xml")
    assert example.image_path.name == "a  photo 1.JPG" and example.names == ("X", "ball")
    drawn = np.array(boxes_xyxy_px(example))
    assert np.abs(drawn - [RED_PX, BLUE_PX]).max() <= 2, drawn
    text = (session / "a  photo 1.xml").read_text(encoding="utf-8")
    assert "<path>a  photo 1.JPG</path>" in text
    assert read_voc(session / "größe 2.xml").names == ()
    assert not (session / "x3.xml").exists()
    assert not Path(".labelImgSettings.pkl").exists(), "the user's own settings"
    assert out.splitlines() == [
        f"{SESSION}: 2 of 3 images labelled",
        "    1 box    X",
        "    1 box    ball",
        "    1 image without objects",
        "    1 image left: x3.jpg",
        f"next:  tfod label {quoted('s 1')}",
    ]


def _still(desktop, colour):
    """Where a colour is once the screen does not change any more."""
    first = on_screen(desktop, colour)
    return first if first == on_screen(desktop, colour) else None


def test_going_on_accepts_a_suggestion_and_closing_does_not(desktop, session):
    for name in ("größe 2.jpg", "x3.jpg"):
        suggestion(session / name, scores=[0.87])
    assert "<score>0.8700</score>" in (session / "x3.xml").read_text(encoding="utf-8")
    photo(session / "y4.jpg")
    suggestion(session / "y4.jpg", ())
    left = count_labels(session)
    assert left.suggested == ["größe 2.jpg", "x3.jpg", "y4.jpg"] and left.labelled == 0
    (session / "a  photo 1.xml").write_text("<annotation><object>", encoding="utf-8")  # broken
    with labelling(desktop, "--classes", "ball") as process:
        desktop.press(desktop.window("Not shown"), "Return")
        window = desktop.window(r"\[1 / 4\], 0 done")
        desktop.press(window, "d")
        desktop.window(r"\[2 / 4\], 0 done")
        desktop.press(window, "d")
        desktop.window(r"\[3 / 4\], 1 done")
        desktop.press(window, "a", "d", "d")  # back and forth
        desktop.window(r"\[4 / 4\]")
        desktop.close(window)
        out, _ = finished(process)
    seen = read_voc(session / "x3.xml")
    assert not seen.scores.any(), "a person has none"
    assert not seen.suggested_by and boxes_xyxy_px(seen) == [RED_PX] and seen.names == ("ball",)
    assert read_voc(session / "y4.xml").suggested_by == "tiny", "shown last, and closed"
    assert (session / "a  photo 1.xml").read_text() == "<annotation><object>"
    assert "1 suggestion not checked yet" in out and "cannot be read: " in out


def test_a_damaged_photo_is_passed_over(desktop, session):
    (session / "größe 2.jpg").write_bytes(b"no image")
    with labelling(desktop, "--classes", "ball") as process:
        window = desktop.window(r"\[1 / 3\]")
        desktop.press(window, "d")
        desktop.press(desktop.window("Error opening file"), "Return")
        desktop.window(r"x3.jpg \[2 / 2\]")
        desktop.press(window, "a")
        desktop.window(r"photo 1.JPG \[1 / 2\]")
        desktop.close(window)
        finished(process)


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_ctrl_c_saves_what_was_drawn(desktop, session):
    with labelling(desktop, "--classes", "ball") as process:
        window = desktop.window(r"\[1 / 3\]")
        red = until(lambda: on_screen(desktop, RED))
        draw(desktop, window, red, "b", "a", "l", "l", "Return")
        process.send_signal(signal.SIGINT)
        out, _ = finished(process, 130)
    assert out.splitlines()[:3] == [
        "interrupted; the counts include everything saved",
        f"{SESSION}: 1 of 3 images labelled",
        "    1 box    ball",
    ]
    assert read_voc(session / "a  photo 1.xml").names == ("ball",)


def test_boxes_on_unturned_pixels_are_shown_as_they_are_read(workspace):
    """LabelImg turns the photo; an old XML of the unturned one must be turned with it."""
    cases = []
    for orientation in range(1, 9):
        image = Image.new("RGB", (320, 240))
        exif = image.getexif()
        exif[0x0112] = orientation
        path = workspace / f"{orientation}.jpg"
        image.save(path, exif=exif)
        example = Example(path, 240, 320, np.array([[0.25, 0.125, 0.5, 0.75]]), ("a",))
        write_voc(path.with_suffix(".xml"), example)
        upright = (320, 240) if orientation >= 5 else (240, 320)
        read = read_voc(path.with_suffix(".xml"), upright, orientation)
        cases.append((str(path), upright, [list(box) for box in boxes_xyxy_px(read)]))
    code = """if True:
        import json, sys
        from pathlib import Path
        from tfod.data.annotation import read_annotation
        from tfod.steps.label.window.__main__ import make_importable
        make_importable()
        from tfod.steps.label.window.files import read_image, read_shapes
        for path, (height, width), boxes in json.load(sys.stdin):
            image = read_image(path)
            assert (image.height(), image.width()) == (height, width), path
            xml = Path(path).with_suffix(".xml")
            shapes = read_shapes(read_annotation(xml), height, width, path)
            assert [[*shape[1][0], *shape[1][2]] for shape in shapes] == boxes, (path, shapes)
        print("equal")
    """
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(cases), capture_output=True, text=True
    )
    assert done.stdout == "equal\n", done.stderr


def test_a_suggested_box_shows_its_score_until_its_class_is_changed(workspace):
    suggestion(workspace / "a.jpg", [RED_PX, BLUE_PX], scores=[0.874, 0])
    code = """if True:
        from pathlib import Path
        from tfod.steps.label.window.__main__ import make_importable
        make_importable()
        from PyQt5 import QtCore, QtGui
        from tfod.data.annotation import read_annotation
        from tfod.steps.label.window.marks import Shape, show_scores
        app = QtGui.QGuiApplication([])
        image = QtGui.QImage(320, 240, QtGui.QImage.Format_RGB888)
        class Painter(QtGui.QPainter):
            def drawText(self, x, y, text):
                assert self.pen().color().alpha() == 255, "easy to read"
                print(text)
        painter = Painter(image)
        shapes = [Shape(label="ball", paint_label=True) for _ in range(2)]
        for shape in shapes:
            shape.line_color = QtGui.QColor(0, 0, 255, 100)  # as LabelImg colours a class
        show_scores(shapes, read_annotation(Path("a.xml")))
        for shape in shapes:
            shape.add_point(QtCore.QPointF(9, 9))
            shape.paint(painter)
            assert shape.label == "ball", "this is what is saved"
        shapes[0].label = "box"
        shapes[0].paint(painter)
        painter.end()
    """
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.stdout.split("\n") == ["ball 87%", "ball", "box", ""], done.stderr


def without(*packages):
    """The environment of a process that has all installed packages but some."""
    site, some = Path(sysconfig.get_path("purelib")), Path("some-packages")
    some.mkdir()
    for path in site.iterdir():
        if not path.name.startswith(packages):
            (some / path.name).symlink_to(path)
    root = Path(__file__).resolve().parents[3]
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(some.resolve()), str(root)])}


def refusal(*arguments, env=None, python=()):
    """Run the command, which must be refused with one problem; give that as it is in JSON."""
    run = [sys.executable, *python, *command(*arguments, "--json")[1:]]
    done = subprocess.run(run, capture_output=True, text=True, env=env)
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    (problem,) = json.loads(done.stdout)["error"]["problems"]
    return problem


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_without_labelimg_it_says_how_to_install_it(session):
    problem = refusal(env=without("PyQt5", "labelImg"), python=["-S"])
    assert problem["code"] == "labelimg-not-installed"
    assert problem["remedy"] == {"action": "install", "package": "labelImg PyQt5"}


def test_without_a_screen(session):
    problem = refusal(env=without_display())
    assert problem["code"] == "no-screen"
    assert "neither DISPLAY nor WAYLAND_DISPLAY" in problem["what"]
    env = without_display() | {"DISPLAY": ":987"}
    problem = refusal("--classes", "a", env=env)
    assert problem["code"] == "no-screen" and '":987" does not answer' in problem["what"]
    env = os.environ | {"TFOD_HEADLESS": "1", "DISPLAY": ":987"}
    problem = refusal(env=env)
    assert (problem["code"], problem["path"]) == ("window-not-wanted", "TFOD_HEADLESS")


def test_a_crash_tells_where_its_traceback_is(session, tmp_path):
    (tmp_path / "broken/labelImg").mkdir(parents=True)
    (tmp_path / "broken/labelImg/__init__.py").write_text("")
    (tmp_path / "broken/labelImg/labelImg.py").write_text("raise RuntimeError('boom')")
    env = os.environ | {"PYTHONPATH": str(tmp_path / "broken"), "DISPLAY": ":987"}
    problem = refusal("--classes", "a", env=env)
    assert problem["code"] == "labelimg-crashed" and "all you saved is kept" in problem["what"]
    log = Path(problem["path"])
    assert "boom" in log.read_text()
    log.unlink()


@pytest.mark.parametrize(
    ("output", "library"),
    [
        (
            "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
            "libGL.so.1",
        ),
        (
            "OSError: libxcb-icccm.so.4: cannot open shared object file: No such file",
            "libxcb-icccm.so.4",
        ),
        (
            'qt.qpa.plugin: Could not load the Qt platform plugin "xcb" in "" even though it was '
            "found.\nThis application failed to start",
            "libxcb",
        ),
    ],
)
def test_a_missing_library_is_named(output, library):
    problem = start_problem(output)
    assert (problem.code, problem.where) == ("library-missing", library)
    assert "libgl1" in problem.advice.arguments["packages"]
    assert "libxcb-icccm4" in problem.advice.arguments["packages"]


def test_status_counts_and_names_what_is_wrong(session, capsys):
    write_voc(
        session / "a  photo 1.xml",
        Example(session / "a  photo 1.JPG", 240, 320, np.array([[0, 0, 1, 1]]), ("bal",)),
    )
    suggestion(session / "x3.jpg")
    (SESSION.parent / "older").mkdir()
    photo(SESSION.parent / "older" / "ball_1.jpg")
    os.utime(SESSION.parent / "older" / "ball_1.jpg", (1, 1))
    assert [len(count.left) for count in count_sessions(HERE).values()] == [2, 1]
    assert main(["label", "--status", "--classes", "ball", "box"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{SESSION}: 1 of 3 images labelled",
        "    1 box    bal",
        "    1 suggestion not checked yet",
        "    2 images left: größe 2.jpg, x3.jpg",
        'class "bal" is not in the class list (a  photo 1.JPG)',
        "    1 image left in workspace/images/older".replace("/", os.sep),
        f"next:  tfod label {quoted('s 1')} --classes ball box",
    ]
    assert main(["label", "older", "--status", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["left"] == ["ball_1.jpg"] and figures["labelled"] == 0
    assert figures["others"] == {str(SESSION): 2} and figures["next"] == "tfod label older"


def test_the_class_list_and_where_it_comes_from(session):
    elsewhere = shutil.copytree(session, Path("else where/s 1"))
    for folder in (session, elsewhere):
        with raises_problem("classes-unknown", where=folder, remedy="set"):
            class_list(HERE, folder)
    for name in ("Mask_1", "Mask_2", "No-mask_1", "IMG_4711"):
        photo(session / f"{name}.jpg")
    assert class_list(HERE, session) == ["Mask", "No-mask"]
    write_voc(session / "x3.xml", Example(session / "x3.jpg", 9, 9, [[0, 0, 1, 1]], ("Mask",)))
    assert class_list(HERE, session) == ["Mask", "No-mask"], "of both, though only one is labelled"
    other = session.with_name("other")
    other.mkdir()
    photo(other / "x.jpg")
    write_voc(other / "x.xml", Example(other / "x.jpg", 9, 9, [[0, 0, 1, 1]], ("cup",)))
    assert class_list(HERE, session) == ["Mask", "No-mask", "cup"]
    assert class_list(HERE, other) == ["cup", "Mask", "No-mask"]
    suggestion(other / "x.jpg")
    assert class_list(HERE, session) == ["Mask", "No-mask", "ball"]
    assert class_list(HERE, session, suggestions=False) == ["Mask", "No-mask"]
    phone = other.with_name("phone")
    phone.mkdir()
    photo(phone / "photo_1.jpg")
    assert class_list(HERE, session, suggestions=False) == ["Mask", "No-mask"], "photo is no class"
    film = other.with_name("my film")
    film.mkdir()
    photo(film / "Person_my film_000030.jpg")
    assert class_list(HERE, film)[0] == "Person"
    Path("annotations").mkdir()
    Path("annotations/label_map.pbtxt").write_text('item { id: 1 name: "ball" }')
    assert class_list(HERE, session) == ["ball"]
    assert class_list(HERE, session, ["b", "a", "b"]) == ["b", "a"]


def test_what_comes_next_names_the_classes_until_something_tells_them(session, capsys):
    def then(*arguments):
        assert main(["label", "s 1", "--status", *arguments]) == 0
        return capsys.readouterr().out.rpartition("next:  ")[2].strip()

    plain = f"tfod label {quoted('s 1')}"
    assert then() == f"{plain} --classes NAME NAME"
    assert then("--classes", "ball", "Red car") == f"{plain} --classes ball {quoted('Red car')}"
    suggestion(session / "x3.jpg")
    assert then("--classes", "ball") == plain and then() == plain
    suggestion(session / "x3.jpg", ())
    assert then("--classes", "ball") == f"{plain} --classes ball"


def test_which_session(session):
    other = SESSION.parent / "other"
    other.mkdir()
    photo(other / "1.jpg")
    os.utime(other / "1.jpg", (1, 1))
    assert find_session(HERE, None) == SESSION, "the newest"
    for image in SESSION.iterdir():
        write_voc(image.with_suffix(".xml"), Example(image, 9, 9))
    assert find_session(HERE, None) == other, "something is left there"
    assert find_session(HERE, "other") == find_session(HERE, str(other)) == other
    with raises_problem("no-such-session", where=SESSION.parent / "othr", remedy="did-you-mean"):
        find_session(HERE, "othr")
    with raises_problem("class-name-empty", setting="classes"):
        class_list(HERE, SESSION, [" "])
    (SESSION / "x3.xml").write_text("<annotation><object>", encoding="utf-8")
    write_voc(other / "1.xml", Example(other / "1.jpg", 9, 9))
    left = {folder: len(count.left) for folder, count in count_sessions(HERE).items()}
    assert left == {SESSION: 1, other: 0}, "an XML that cannot be read is left to do"
    assert find_session(HERE, None) == SESSION
    photo_of_split = SESSION.parent / "train" / "1.jpg"
    photo_of_split.parent.mkdir()
    photo(photo_of_split)
    (photo_of_split.parent / MANIFEST).write_text("{}")
    with raises_problem("folder-is-a-copy", where=SESSION.parent / "train") as problems:
        find_session(HERE, "train")
    assert problems[0].advice.arguments == {"value": ["other", "s 1"]}
    assert set(count_sessions(HERE)) == {SESSION, other}


def test_nothing_to_label(workspace):
    with raises_problem("no-such-folder", where=HERE.images, remedy="run"):
        find_session(HERE, None)
    (HERE.images / "empty").mkdir(parents=True)
    with raises_problem("no-images", where=HERE.images, remedy="run"):
        find_session(HERE, None)
    with raises_problem("no-images", where=HERE.images / "empty"):
        count_labels(find_session(HERE, "empty"))


def test_the_workspace_that_is_meant_is_used(session, tmp_path, monkeypatch, capsys):
    """From another folder; the session is named by its name."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["label", "--status", "--classes", "ball", "--workspace", ".."]) == 0
    said = capsys.readouterr().out
    assert f"{Path('..') / SESSION}: 0 of 3 images labelled" in said
    assert f"next:  tfod label --workspace .. {quoted('s 1')} --classes ball" in said


def test_flags_that_need_another_one(session, capsys):
    for flags, code in (
        (["--rename", "a=b"], "needs-a-model"),
        (["--min-score", "0.5"], "needs-a-model"),
        (["--suggest", "m", "--rename", "red"], "not-two-names"),
    ):
        assert main(["label", "s 1", "--status", "--json", *flags]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["problems"][0]["code"] == code


def test_images_that_would_share_an_xml_are_refused(desktop, session):
    photo(session / "x3.jpeg")
    problem = refusal("--classes", "a", env=desktop.environment)
    assert problem["code"] == "shared-xml" and problem["path"] == str(session / "x3.jpg")
    assert "x3.jpeg would use the same XML file" in problem["what"]
