"""Draw boxes on the photos of a session in LabelImg, in a window.

LabelImg runs in a process of its own (`window/`): PyQt5 is under the GPL and is never imported
here. What is labelled is counted in `sessions.py`, without a window.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from tfod.data.photo_folder import read_folder
from tfod.errors import Problem, UserError, refusal
from tfod.libraries import library_problem, missing_library
from tfod.remedies import Remedy

PATIENCE_S = 10  # for the window to save and close after Ctrl-C
NEEDED = ("labelImg", "PyQt5")
# what does without this window
OTHER_TOOLS = "any tool that writes PascalVOC XML next to the photos"


def check_window() -> None:
    """Make sure that LabelImg can be started here.

    Raises:
        UserError: it is not installed, or there is no screen.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise refusal(
            "labelimg-not-installed",
            what=f"not installed: {' and '.join(missing)}",
            expected=f"LabelImg, or {OTHER_TOOLS}",
            remedy=Remedy.INSTALL(package=" ".join(missing)),
        )
    screens = [os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")]
    if sys.platform.startswith("linux") and not any(screens):
        raise UserError(_no_screen("neither DISPLAY nor WAYLAND_DISPLAY is set"))


def label(session: Path, classes: Sequence[str], unlabelled: Sequence[str] = ()) -> str:
    """Open a session in LabelImg, at the images with these names, until its window is closed.

    Returns:
        "", or what LabelImg complained about and where the whole of it is.

    Raises:
        UserError: it cannot be started, or it crashed; what was saved stays.
        KeyboardInterrupt: Ctrl-C, once the window has saved and closed.
    """
    check_window()
    _check_names(session)
    folder = read_folder(session)
    task = {
        "folder": str(session.resolve()),
        "xml_folder": str(folder.xml_path.resolve()),
        "xml_paths": {image.name: str(xml.absolute()) for image, xml in folder.pairs if xml},
        "classes": [*classes],
        "unlabelled": [*unlabelled],
    }
    handle, name = tempfile.mkstemp(prefix="tfod-label-", suffix=".log")
    log = Path(name)
    try:
        with open(handle, "wb") as output:
            code = _run(json.dumps(task).encode(), output)
        text = log.read_text(encoding="utf-8", errors="replace")
        if code:
            raise UserError(start_problem(text) or _crash(code, log))
        if "Traceback" in text:
            kept = Path(shutil.copy(log, log.with_suffix(".problems.log")))
            return f"LabelImg had problems but kept running; see the traceback in {kept}"
        return ""
    finally:
        log.unlink(missing_ok=True)


def window_environment() -> dict[str, str]:
    """The environment of the window, without what OpenCV put there for a Qt of its own."""
    return {
        name: value
        for name, value in os.environ.items()
        if not (name.startswith("QT_QPA_") and "cv2" in Path(value).parts)
    }


def start_problem(output: str) -> Problem | None:
    """What is wrong with the screen or the system, by all that LabelImg's process printed."""
    if library := library_problem(output, "PyQt5"):
        return library
    if "could not connect to display" in output:
        display = os.environ.get("DISPLAY", "")
        return _no_screen(f'the display "{display}" does not answer or refuses the connection')
    if "Could not load the Qt platform plugin" in output:
        return missing_library("libxcb", "PyQt5")
    if "ModuleNotFoundError" in output:
        missing = output.rsplit("ModuleNotFoundError: ", 1)[-1].splitlines()[0]
        what = f"LabelImg is incomplete: {missing}"
        remedy = Remedy.INSTALL(package=" ".join(NEEDED))
        return Problem("labelimg-not-installed", what=what, remedy=remedy)
    return None


def _no_screen(reason: str) -> Problem:
    what = f"no screen to open a window on: {reason}"
    expected = f"a desktop session, or {OTHER_TOOLS}"
    return Problem("no-screen", what=what, expected=expected)


def _crash(code: int, log: Path) -> Problem:
    kept = Path(shutil.copy(log, log.with_suffix(".crash.log")))
    what = f"LabelImg crashed (exit code {code}); the traceback is here, and all you saved is kept"
    return Problem("labelimg-crashed", kept, what, remedy=Remedy.TRY_AGAIN)


def _check_names(session: Path) -> None:
    """Refuse images that would share one XML, where the last one saved would win."""
    stems: dict[str, Path] = {}
    for image, _ in read_folder(session).pairs:
        other = stems.setdefault(image.stem, image)
        if other != image:
            what = f"{other.name} would use the same XML file"
            raise refusal("shared-xml", image, what, remedy=Remedy.RENAME)


def _run(task: bytes, output: IO[bytes]) -> int:
    """Run the window, with all it prints in a file; Ctrl-C lets it save first."""
    with subprocess.Popen(
        [sys.executable, "-m", "tfod.steps.label.window"],
        env=window_environment(),
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            process.communicate(task)
            return process.returncode
        except KeyboardInterrupt:
            if os.name != "nt":  # where the terminal has told it, and this would kill it
                process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
