"""Every module imports on Windows: what only POSIX has is imported where it is used."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

POSIX_MODULES = ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog")
# of the standard library there; `signal.SIGINT`, `SIGTERM` and `os.kill` are on Windows too
CODE = f"""
import importlib, os, pkgutil, signal, sys

# what others import is there already, as they have their own ways on Windows
import cv2, keras, matplotlib, pandas, rich, tensorflow, typer, filelock

for name in {POSIX_MODULES}:
    sys.modules[name] = None
for name in ("SIGHUP", "SIGKILL", "SIGALRM", "SIGQUIT", "SIGUSR1", "SIGXFSZ", "SIGPIPE",
             "pthread_sigmask", "setitimer", "alarm", "pause"):
    delattr(signal, name)
for name in ("fork", "geteuid", "getegid", "getuid", "getgid", "killpg", "setsid", "getpgid",
             "chown", "mkfifo", "statvfs", "sched_getaffinity", "uname", "nice", "WNOHANG"):
    delattr(os, name)

import tfod

failures = []
modules = [m.name for m in pkgutil.walk_packages(tfod.__path__, "tfod.", failures.append)]
for name in modules:
    if name.endswith("__main__") or name in sys.argv[1:]:
        continue
    try:
        importlib.import_module(name)
    except Exception as error:
        failures.append(f"{{name}}: {{error!r}}")
assert len(modules) > 100, modules
print(*failures, sep="\\n")
"""
WINDOW = (
    "tfod.steps.label.window",
    "tfod.steps.label.window.files",
    "tfod.steps.label.window.window",
)


@pytest.mark.skipif(sys.platform == "win32", reason="takes away what Windows does not have")
def test_every_module_imports_without_what_only_posix_has():
    without_window = () if find_spec("PyQt5") and find_spec("labelImg") else WINDOW
    done = subprocess.run(
        [sys.executable, "-c", CODE, *without_window], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not done.stdout.strip(), done.stdout
