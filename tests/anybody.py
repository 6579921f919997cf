"""Commands of ours, run without the right to write anywhere that root has."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NO_MORE_THAN_OTHERS = "--bounding-set=-dac_override,-dac_read_search,-fowner"


def as_anybody(command: str, folder: Path) -> subprocess.CompletedProcess:
    """Run `tfod COMMAND` in a folder; skips the test where root cannot be made like others."""
    words = [sys.executable, "-m", "tfod", *command.split()]
    if hasattr(os, "getuid") and os.getuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere, and setpriv is not there to forbid it")
        words = ["setpriv", NO_MORE_THAN_OTHERS, *words]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=100)
