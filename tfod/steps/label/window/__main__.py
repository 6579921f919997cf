"""Run LabelImg: `python -m tfod.steps.label.window`, with a task as JSON in stdin (`app.py`)."""

import os
import sys
import types


def make_importable() -> None:
    """Make LabelImg importable: on a Python without distutils, and in a folder with a "libs"."""
    sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]
    for gone in ("distutils", "distutils.spawn"):  # from Python 3.12; imported, never used
        sys.modules[gone] = types.ModuleType(gone)


if __name__ == "__main__":
    make_importable()
    from tfod.steps.label.window.app import main

    sys.exit(main())
