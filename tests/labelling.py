"""A user who labels: photos to label, and the real LabelImg with a pointer and keys."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from desktop import PATIENCE_S

from tfod.data.example import Example
from tfod.data.images import write_image
from tfod.data.voc import write_voc

RED, BLUE = (220, 20, 20), (20, 20, 220)
RED_PX, BLUE_PX = (40, 60, 140, 160), (200, 30, 280, 110)  # xmin ymin xmax ymax
CANVAS = (slice(24, 760), slice(140, 960))  # of the screen, without the icons around it
QUESTION = "Class of the box"
SESSION = Path("workspace/images/s 1")


def photo(path, height=240, width=320):
    """A grey photo with a red and a blue rectangle."""
    image = np.full((height, width, 3), 128, np.uint8)
    for (xmin, ymin, xmax, ymax), colour in ((RED_PX, RED), (BLUE_PX, BLUE)):
        image[ymin:ymax, xmin:xmax] = colour
    write_image(path.with_name("new.jpg"), image)
    os.replace(path.with_name("new.jpg"), path)


def suggestion(image, boxes_px=((40, 60, 140, 160),), scores=()):
    boxes = np.array([[y, x, y2, x2] for x, y, x2, y2 in boxes_px], np.float32)
    boxes = boxes.reshape(-1, 4) / [240, 320, 240, 320]
    names = ("ball",) * len(boxes)
    example = Example(image, 240, 320, boxes, names, scores=np.array(scores), suggested_by="tiny")
    write_voc(image.with_suffix(".xml"), example)


def command(*arguments):
    return [sys.executable, "-m", "tfod", "label", *map(str, arguments)]


@contextmanager
def labelling(desktop, *arguments):
    """A running `tfod label`."""
    with subprocess.Popen(
        command(*arguments),
        env=desktop.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)  # killed, it would leave LabelImg behind


def finished(process, code=0):
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code, err
    assert "Traceback" not in err and "problems" not in out
    return out, err


def until(condition):
    """Wait until a condition gives something, and give that."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
    return found


def on_screen(desktop, colour):
    """Where a colour is on the canvas: (xmin, ymin, xmax, ymax) in pixels of the screen."""
    image = desktop.screenshot()[CANVAS].astype(int)
    rows, columns = np.nonzero((np.abs(image - colour) < 40).all(axis=2))
    if len(rows) < 100:
        return None
    top, left = CANVAS[0].start, CANVAS[1].start
    box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return tuple(map(int, np.add(box, (left, top, left, top))))


def draw(desktop, window, box, *answer):
    """Draw a box with the pointer and answer the question for its class."""
    xmin, ymin, xmax, ymax = box
    desktop.press(window, "w")
    desktop.pointer("mousemove", xmin, ymin, "mousedown", 1)
    desktop.pointer("mousemove", xmin + 9, ymin + 9, "mousemove", xmax, ymax, "mouseup", 1)
    desktop.press(desktop.window(QUESTION), *answer)
    until(lambda: not desktop.shows(QUESTION))
