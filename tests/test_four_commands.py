"""From a webcam to a live detector in four commands: capture, label, train, live."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from file_server import serving
from labelling import CANVAS, draw, finished, labelling, until
from zoo_archive import pack

from tfod.boxes import iou
from tfod.cli import main
from tfod.data.voc import read_voc
from tfod.steps.prepare.detector import COCO_CHECKPOINT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (find_spec("labelImg") and find_spec("PyQt5")), reason="needs the extra `label`"
    ),
]


def test_four_commands(desktop, shared, workspace, monkeypatch, capsys):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("HOME", str(workspace))
    monkeypatch.setenv("TFOD_CAMERA", "synthetic")
    classes = ["Mask", "No-mask"]

    assert main(["capture", "--classes", *classes, "--number", "6", "--headless"]) == 0
    (session,) = Path("workspace/images").iterdir()
    photos = sorted(session.glob("*.jpg"))
    assert len(photos) == 12

    drawn_by_camera = {
        path: read_voc(path) for path in sorted(session.glob("*.xml")) if read_voc(path).names
    }
    wanted = dict(list(drawn_by_camera.items())[:2])
    for path in wanted:
        path.unlink()
    with labelling(desktop, "--classes", *classes) as process:
        for path, example in wanted.items():
            window = desktop.window(rf"{path.stem}.jpg \[[0-9]+ / 12\]")
            where = until(lambda: photo_on_screen(desktop))
            for box, name in zip(example.boxes, example.names, strict=True):
                draw(desktop, window, on_photo(where, box), *typed(name), "Return")
            desktop.press(window, "d")
            until(path.exists)
        desktop.close(window)
        out, _ = finished(process)
    assert f"{session}: 12 of 12 images labelled" in out
    for path, example in wanted.items():
        labelled = read_voc(path)
        assert labelled.names == example.names
        assert iou(labelled.boxes, example.boxes).diagonal().min() > 0.85

    capsys.readouterr()
    with serving(pack(shared / "pre-trained" / COCO_CHECKPOINT)) as server:
        monkeypatch.setenv("TFOD_ZOO_URL", server.url)
        quick = ["--checkpoint", "320", "--steps", "6"]
        assert main(["train", "masks", *quick, "--json"]) == 0, capsys.readouterr().err
    said = capsys.readouterr()
    for made in ("split: ", "records: 12 images, ", "fetch: ", "config: 2 classes"):
        assert made in said.err
    assert json.loads(said.out)["last_step"] == 6, said.out

    assert main(["live", "masks", "--frames", "5", "--headless", "--min-score", "0", "--json"]) == 0
    said = capsys.readouterr()
    assert "export: " in said.err
    live = json.loads(said.out)
    assert live["frames"] == 5 and set(live["detections"]) == set(classes)


def photo_on_screen(desktop):
    """Where the photo is: (height, width, top, left) in pixels; None while there is none."""
    canvas = desktop.screenshot()[CANVAS].astype(int)
    rows, columns = np.nonzero((np.abs(canvas - canvas[0, 0]) > 8).any(axis=2))
    if len(rows) < 100_000:
        return None
    top, left = rows.min() + CANVAS[0].start, columns.min() + CANVAS[1].start
    return np.ptp(rows) + 1, np.ptp(columns) + 1, top, left


def on_photo(where, box):
    """Give a box of a photo on the screen as (xmin, ymin, xmax, ymax) in pixels."""
    height, width, top, left = where
    ymin, xmin, ymax, xmax = box * [height, width, height, width] + [top, left, top, left]
    return tuple(round(float(value)) for value in (xmin, ymin, xmax, ymax))


def typed(text):
    """The keys that type a name, as xdotool calls them."""
    return ["minus" if letter == "-" else letter for letter in text]
