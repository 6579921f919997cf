"""Draw boxes on the photos of a session in LabelImg: `tfod label`.

LabelImg runs in a process of its own (`label_window/`): PyQt5 is under the GPL and is never
imported here. What is labelled is counted in `data/sessions.py`, without a window.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from tfod.data.photo_folder import read_folder
from tfod.errors import UserError

HEADLESS = "TFOD_HEADLESS"
PATIENCE_S = 10  # for the window to save and close after Ctrl-C
INSTALL = 'Run `make install` in the checkout of tfod (without make: `pip install -e ".[label]"`)'
OTHERWISE = (
    "or draw the boxes with any tool that writes PascalVOC XML beside the photos, then run "
    "`tfod check`"
)
APT = (
    "apt-get install libgl1 libegl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0 "
    "libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 "
    "libxcb-xinerama0 libxcb-xkb1"
)
_MISSING_LIBRARY = re.compile(r"(\S+\.so[.\d]*): cannot open shared object file")


def check_window() -> None:
    """Make sure that LabelImg can be started here.

    Raises:
        UserError: it is not installed, or there is no screen.
    """
    missing = [name for name in ("labelImg", "PyQt5") if find_spec(name) is None]
    if missing:
        raise UserError(f"{' and '.join(missing)} not installed. {INSTALL}, {OTHERWISE}.")
    if os.environ.get(HEADLESS, "0").lower() not in ("", "0", "false", "no"):
        raise UserError(f"{HEADLESS} is set, but labelling needs a window. Unset it, {OTHERWISE}.")
    screens = [os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")]
    if sys.platform.startswith("linux") and not any(screens):
        raise _no_screen("neither DISPLAY nor WAYLAND_DISPLAY is set")


def _no_screen(reason: str) -> UserError:
    return UserError(f"no screen: {reason}. Run this in a desktop session, {OTHERWISE}.")


def label(session: Path, classes: Sequence[str], left: Sequence[str] = ()) -> str:
    """Open a session in LabelImg and wait until its window is closed.

    Args:
        session: the folder.
        classes: the class list.
        left: names of the images to begin with.

    Returns:
        "", or what LabelImg had to complain about and where the whole of it is.

    Raises:
        UserError: it cannot be started, or it crashed; what was saved stays.
        KeyboardInterrupt: Ctrl-C, once the window has saved and closed.
    """
    check_window()
    _check_names(session)
    task = {"folder": str(session.resolve()), "classes": list(classes), "left": list(left)}
    handle, name = tempfile.mkstemp(prefix="tfod-label-", suffix=".log")
    log = Path(name)
    try:
        with open(handle, "wb") as output:
            code = _run(json.dumps(task).encode(), output)
        told = log.read_text(encoding="utf-8", errors="replace")
        if code:
            raise _problem(told) or _crash(code, log)
        if "Traceback" in told:
            kept = Path(shutil.copy(log, log.with_suffix(".problems.log")))
            return f"LabelImg had problems, but went on; their traceback is in {kept}"
        return ""
    finally:
        log.unlink(missing_ok=True)


def _crash(code: int, log: Path) -> UserError:
    kept = Path(shutil.copy(log, log.with_suffix(".crash.log")))
    return UserError(
        f"LabelImg ended with an error (exit code {code}). What was saved stays; its traceback is "
        f"in {kept}. Run the same command to go on."
    )


def _check_names(session: Path) -> None:
    """Refuse images that would share one XML, where the last one saved would win."""
    stems: dict[str, str] = {}
    for image, _ in read_folder(session).pairs:
        other = stems.setdefault(image.stem, image.name)
        if other != image.name:
            raise UserError(
                f"{session}: {other} and {image.name} would share one XML. Rename one of them."
            )


def _run(task: bytes, output) -> int:
    """Run the window, with all it prints in a file; Ctrl-C lets it save first."""
    command = [sys.executable, "-m", "tfod.steps.label.window"]
    streams = {"stdin": subprocess.PIPE, "stdout": output, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, env=window_environment(), **streams) as process:
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


def window_environment() -> dict[str, str]:
    """The environment of the window, without what OpenCV put there for a Qt of its own."""
    return {
        name: value
        for name, value in os.environ.items()
        if not (name.startswith("QT_QPA_") and "cv2" in Path(value).parts)
    }


def _problem(told: str) -> UserError | None:
    """What is wrong with the screen or the system when LabelImg could not be started."""
    library = _MISSING_LIBRARY.search(told)
    if library:
        return UserError(
            f"LabelImg cannot be started, a library of the system is missing ({library[1]}). On "
            f"Debian or Ubuntu: {APT}"
        )
    if "could not connect to display" in told:
        display = os.environ.get("DISPLAY", "")
        return _no_screen(f'the display "{display}" does not answer or lets nobody in')
    if "Could not load the Qt platform plugin" in told:
        return UserError(f"LabelImg cannot open a window (Qt). On Debian or Ubuntu: {APT}")
    if "ModuleNotFoundError" in told:
        missing = told.rsplit("ModuleNotFoundError: ", 1)[-1].splitlines()[0]
        return UserError(f"LabelImg is not complete ({missing}). {INSTALL}.")
    return None
