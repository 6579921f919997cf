"""The pictures of docs/steps/ and of the notebooks, made by the steps themselves on drawn scenes.

    python tests/make_pictures.py                docs/images/<step>.jpg or .png
    python tests/make_pictures.py notebooks      the outputs of the notebooks that are pictures

It needs Xvfb, xdotool, tmux, Chromium and the extras `label` and `tune`, and trains for some
minutes. What a step shows in a window or writes is a JPEG, what it says on the terminal a PNG.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

import nbformat
import pandas as pd
from browser import PROGRAMS
from desktop import running_desktop
from nbclient import NotebookClient
from PIL import Image
from shell import shell

import tfod
from tfod.steps.demo import SETTINGS

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images"
CLASSES = ["circle", "square", "triangle"]
SCENES = "synthetic:scene=moving"
NOTEBOOKS = TARGET.parents[1] / "notebooks"
SMALL_PX = 480  # side of a picture in a notebook
WIDTH_PX = 900  # of a picture, at most
BOLD = (
    "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"
    ".learning_rate_base=0.16"
)
MOST_BYTES = 60_000
COLOURS = 32  # of a picture of a terminal
QUIET_S = 4.0  # until a window shows what it is about


def main():
    """Make a workspace, and a picture of each step in it."""
    with tempfile.TemporaryDirectory() as home, running_desktop() as desktop:
        terminal = partial(picture_of_terminal, HOME=home, DISPLAY=desktop.display)
        Path(home, "shapes").mkdir()
        os.chdir(Path(home, "shapes"))
        photos(desktop, terminal)
        data(terminal)
        model(desktop, terminal)
        terminal("info", "tfod info", columns=76, begin="device")


def photos(desktop, terminal):
    """Capture and label; check what somebody spoilt."""
    shooting = ["--camera", SCENES, "--number", "20", "--every", "1", "--classes", *CLASSES]
    with window(desktop, "capture - tfod", "capture", *shooting) as shot:
        save(shot, "capture")
    for name, seed in (("monday", 1), ("friday", 2)):
        camera = f"synthetic:seed={seed}"
        tfod.capture(CLASSES, number=60, every=0, countdown=0, camera=camera, headless=True,
                     session=name)  # fmt: skip
    with window(desktop, r"\[1 / 180\]", "label", "monday", "--classes", *CLASSES) as shot:
        save(shot, "label")
    with spoilt(Path("workspace/images/friday")):
        tfod.check(html="report.html")
        save(page(Path("report.html").absolute().as_uri(), 1100), "check")


def data(terminal):
    """Bring a data set in, write labels in another format, and make files for training."""
    tfod.convert("workspace/images/friday", "old", to_format="yolo")
    shutil.make_archive("shapes", "zip", "old")
    terminal("import", "tfod import shapes.zip --name tuesday", columns=60)
    shutil.rmtree("workspace/images/tuesday")
    terminal("convert", "tfod convert workspace/images/friday shapes.json", columns=60)
    terminal("split", "tfod split")
    terminal("records", "tfod records")


def model(desktop, terminal):
    """Train a model and use it."""
    terminal("fetch", "tfod fetch --list", columns=80)
    config = "workspace/models/large/pipeline.config"
    terminal("config", "tfod config large --steps 5000", f"grep -o '\\w.*#.*' {config}",
             columns=86, begin="$ grep")  # fmt: skip
    shutil.rmtree("workspace/models/large")
    tfod.new_config("shapes", size=160, batch_size=16, steps=600, overrides=SETTINGS)
    terminal("train", "tfod train shapes", columns=70, until=".* 4[0-9]{2}/600 .*")
    measured = tfod.evaluate("shapes")
    save(Image.open(measured.pictures[0]), "evaluate")
    save(page(measured.page.absolute().as_uri(), 870), "report")
    tfod.new_config("bolder", size=160, batch_size=16, steps=600, overrides=[*SETTINGS, BOLD])
    tfod.train("bolder")
    save(page(tfod.runs(["shapes", "bolder"]).page.absolute().as_uri(), 800), "runs")
    with tfod.tensorboard("shapes") as board:
        save(page(f"{board.address}#scalars", 760), "tensorboard")
    terminal("tune", "tfod tune shapes --trials 4 --steps 100", columns=86)
    terminal("export", "tfod export shapes", columns=90)
    found = tfod.detect("shapes", "workspace/images/test", output="found")
    save(Image.open(found.output_dir / pd.read_csv(found.table).filename.mode()[0]), "detect")
    with window(desktop, "live - tfod", "live", "shapes", "--camera", SCENES) as shot:
        save(shot, "live")


def picture_of_terminal(name, *commands, columns=72, until=None, begin="", **environment):
    """Run commands in a terminal, and save a picture of it.

    Args:
        until: how the last line looks when the picture is taken; None: when all is done.
        begin: of the first line that the picture shows; "" for all.
    """
    with shell(columns, **environment) as opened:
        for command in commands:
            opened.type(command, *([until] if until else []))
        lines = opened.lines()
        opened.wait()
    first = next(row for row, line in enumerate(lines) if line.startswith(begin))
    text, height_px = opened.page(lines[first:])
    path = Path(f"{name}.html")
    path.write_text(text, encoding="utf-8")
    image = fitting(page(path.absolute().as_uri(), height_px)).quantize(
        COLOURS, method=Image.Quantize.FASTOCTREE
    )
    image.save(TARGET / f"{name}.png", optimize=True)


@contextmanager
def window(desktop, title, *command):
    """Run a command that opens a window; give a picture of it, and end the command."""
    arguments = [sys.executable, "-m", "tfod", *command]
    process = subprocess.Popen(arguments, env=desktop.environment)
    try:
        number = desktop.window(title)
        time.sleep(QUIET_S)
        place = subprocess.run(
            ["xdotool", "getwindowgeometry", "--shell", number],
            env=desktop.environment, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        at = dict(line.split("=") for line in place.split())
        left, top, width, height = (int(at[key]) for key in ("X", "Y", "WIDTH", "HEIGHT"))
        whole = Image.fromarray(desktop.screenshot())
        yield whole.crop((left, top, left + width, top + height))
    finally:
        process.terminate()
        process.wait(30)


def fill(path):
    """Run a notebook, and keep of what it shows the pictures."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.execution_count = None
            shown = [
                one.data["image/png"] for one in cell.outputs if "image/png" in one.get("data", {})
            ]
            cell.outputs = [
                nbformat.v4.new_output("display_data", {"image/png": small(data)}) for data in shown
            ]
    notebook.metadata.pop("language_info", None)
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)


def small(data):
    """A picture in base64 as a small one."""
    image = Image.open(BytesIO(b64decode(data))).convert("RGB")
    image.thumbnail((SMALL_PX, SMALL_PX))
    png = BytesIO()
    image.quantize(64).save(png, "PNG", optimize=True)
    return b64encode(png.getvalue()).decode()


def page(address, height):
    """A picture of the top of a page, 1200 pixels wide, once its scripts have run."""
    program = next(name for name in PROGRAMS if os.system(f"command -v {name} >/dev/null") == 0)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--virtual-time-budget=30000", f"--window-size=1200,{height}",
             f"--user-data-dir={folder}", f"--screenshot={folder}/page.png", address],
            check=True, capture_output=True,
        )  # fmt: skip
        return Image.open(f"{folder}/page.png").convert("RGB")


@contextmanager
def spoilt(folder):
    """Misspell a class and turn boxes around for a while, so that there is something to find."""
    texts = {xml: xml.read_text() for xml in sorted(folder.glob("*.xml"))}
    circles = [xml for xml, text in texts.items() if "<name>circle" in text]
    for xml in circles[:3]:
        xml.write_text(texts[xml].replace("<name>circle", "<name>Circle"))
    turned = {"<xmin>": "<xmax>", "<xmax>": "<xmin>", "</xmin>": "</xmax>", "</xmax>": "</xmin>"}
    for xml in circles[3:5]:
        xml.write_text(re.sub("</?xm..>", lambda tag: turned[tag[0]], texts[xml]))
    yield
    for xml, text in texts.items():
        xml.write_text(text)


def save(image, name):
    """Write a picture as a JPEG that loads quickly."""
    image, path = fitting(image), TARGET / f"{name}.jpg"
    for quality in range(85, 45, -10):
        image.save(path, quality=quality)
        if path.stat().st_size < MOST_BYTES:
            return


def fitting(image):
    """A picture that is no wider than a page shows it."""
    image = image.convert("RGB")
    image.thumbnail((WIDTH_PX, 10 * WIDTH_PX))
    return image


if __name__ == "__main__":
    if sys.argv[1:] == ["notebooks"]:
        for name in ("know_your_data", "webcam_to_detector"):
            fill(NOTEBOOKS / f"{name}.ipynb")
    else:
        main()
