"""The window as its user has it: each test runs a process of its own, as Qt may end it."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from desktop import PATIENCE_S, Heard, without_display

from tfod.show.window import fitted

TITLE = "tfod test"
SHOW = f"""
import numpy as np
from tfod.show.window import Window

image = np.zeros((1080, 1920, 3), np.uint8)
image[:, :960] = 200, 30, 30  # red on the left
with Window("{TITLE}") as window:
    while (key := window.show(image, 20)) is not None:
        if key:
            print(repr(key), flush=True)
print("closed", flush=True)
"""
OPEN = "from tfod.show.window import Window; Window('a')"


@pytest.fixture
def showing(desktop):
    """A process that shows a window and prints the keys, and the number of the window."""
    with subprocess.Popen(
        [sys.executable, "-c", SHOW],
        env=desktop.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            window = desktop.window(TITLE)
            said = Heard(process.stdout)
            desktop.press_until(window, "z", lambda: bool(said))
            yield process, window, said
        finally:
            process.kill()


def test_keys(desktop, showing):
    _, window, said = showing
    for key, name in (("q", "q"), ("space", " "), ("s", "s"), ("Q", "q"), ("Escape", "esc")):
        desktop.press_until(window, key, lambda name=name: said[-1].strip() == repr(name))
        said.append("")
    # cut to a byte these would be q, s, another letter, a control character
    desktop.press(window, "Left", "Right", "F5", "Shift_L", "eacute")
    desktop.press_until(window, "x", lambda: said[-1] != "")
    assert said[-1].strip() == repr("x")


def test_a_large_image_is_whole_on_the_screen(desktop, showing):
    _, window, _ = showing
    assert desktop.size(window) == (600, 1067), "0.75 of the height of 1280x800"
    for _ in range(100):  # until a busy machine has painted it
        bottom_left, bottom_right = desktop.screenshot()[590, [20, 1050]]
        if bottom_left.any():
            break
        time.sleep(0.1)
    assert bottom_left.tolist() == [200, 30, 30] and not bottom_right.any()


@pytest.mark.parametrize(
    ("image_px", "screen_px", "shown_px"),
    [
        ((1080, 1920), (768, 1366), (576, 1024)),
        ((1920, 1080), (768, 1366), (576, 324)),
        ((800, 1200), (1050, 1000), (567, 850)),
        ((480, 640), (768, 1366), (480, 640)),
        ((120, 160), (768, 1366), (480, 640)),
        ((2000, 20), (768, 1366), (576, 6)),
        ((1, 9999), (768, 1366), (1, 1161)),
    ],
)
def test_images_are_scaled_to_the_screen(image_px, screen_px, shown_px):
    image = np.full((*image_px, 3), 7, np.uint8)
    shown = fitted(image, screen_px)
    assert shown.shape == (*shown_px, 3)
    assert fitted(shown, screen_px) is shown, "what is drawn on it keeps its size"


def test_closing_the_window_is_noticed(desktop, showing):
    process, window, said = showing
    desktop.close(window)
    assert process.wait(PATIENCE_S) == 0, process.stderr.read()
    assert said.whole().endswith("closed\n")


@pytest.mark.parametrize(
    ("display", "words"),
    [(None, "neither DISPLAY nor WAYLAND_DISPLAY is set"), (":987", "the display :987 does not")],
)
def test_no_display_is_a_message_not_the_end_of_the_process(display, words):
    environment = without_display() | ({"DISPLAY": display} if display else {})
    code = f"try:\n    {OPEN}\nexcept Exception as error:\n    print(*error.problems, error.codes)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.stdout.endswith("['no-screen']\n"), done.stderr
    assert words in done.stdout


@pytest.mark.parametrize("command", [["capture", "--classes", "a", "b"], ["live", "tiny"]])
def test_commands_without_a_display_name_the_way_out(command, workspace):
    Path("exported-models/tiny/saved_model").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "tfod", *command, "--camera", "synthetic"],
        capture_output=True,
        text=True,
        env=without_display(),
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: no screen") and "--headless" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not Path("workspace").exists()
