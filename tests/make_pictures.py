"""The pictures of docs/steps/ and of the notebooks, made by the steps themselves on drawn scenes.

    python tests/make_pictures.py

It needs Xvfb, xdotool, Chromium and the extra `label`, trains for some minutes, and writes
docs/images/<step>.jpg and the outputs of the notebooks that are pictures.
"""

import os
import subprocess
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import nbformat
from browser import PROGRAMS
from desktop import running_desktop
from nbclient import NotebookClient
from PIL import Image

import tfod
from tfod.steps.demo import SETTINGS

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images"
CLASSES = ["circle", "square", "triangle"]
SCENES = "synthetic:scene=moving"
NOTEBOOKS = TARGET.parents[1] / "notebooks"
SMALL_PX = 480  # side of a picture in a notebook
WIDTH_PX = 900  # of a picture, at most
QUIET_S = 4.0  # until a window shows what it is about


def main():
    """Make a workspace, and a picture of each step in it."""
    with tempfile.TemporaryDirectory(prefix="shapes-") as folder, running_desktop() as desktop:
        os.chdir(folder)
        shooting = ["--camera", SCENES, "--number", "20", "--every", "1", "--classes", *CLASSES]
        with window(desktop, "capture - tfod", "capture", *shooting) as shot:
            save(shot, "capture")
        for name, seed in (("monday", 1), ("friday", 2)):
            camera = f"synthetic:seed={seed}"
            tfod.capture(CLASSES, number=60, every=0, countdown=0, camera=camera, headless=True,
                         session=name)  # fmt: skip
        with window(desktop, r"\[1 / 180\]", "label", "monday", "--classes", *CLASSES) as shot:
            save(shot, "label")
        spoil(min(Path("workspace/images/friday").glob("*.xml")))
        tfod.check(html="report.html")
        save(page(Path("report.html")), "check")
        tfod.check(fix=True)
        tfod.split()
        tfod.records()
        tfod.new_config("shapes", size=160, batch_size=16, steps=600, overrides=SETTINGS)
        tfod.train("shapes", seed=0)
        save(Image.open(tfod.evaluate("shapes").pictures[0]), "train")
        with window(desktop, "live - tfod", "live", "shapes", "--camera", SCENES) as shot:
            save(shot, "live")
        for name in ("know_your_data", "webcam_to_detector"):
            fill(NOTEBOOKS / f"{name}.ipynb")


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


def page(path):
    """A picture of the top of a page."""
    program = next(name for name in PROGRAMS if os.system(f"command -v {name} >/dev/null") == 0)
    subprocess.run(
        [program, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,1300",
         f"--user-data-dir={path.absolute().parent / 'browser'}",
         f"--screenshot={path.absolute().with_suffix('.png')}", path.absolute().as_uri()],
        check=True, capture_output=True,
    )  # fmt: skip
    return Image.open(path.with_suffix(".png"))


def spoil(xml):
    """Misspell a class and turn a box around, so that there is something to find."""
    text = xml.read_text(encoding="utf-8")
    xml.write_text(text.replace("<name>circle", "<name>Circle"), encoding="utf-8")


def save(image, name):
    """Write a picture, no wider than a page shows it."""
    image = image.convert("RGB")
    image.thumbnail((WIDTH_PX, 10 * WIDTH_PX))
    image.save(TARGET / f"{name}.jpg", quality=85)


if __name__ == "__main__":
    main()
