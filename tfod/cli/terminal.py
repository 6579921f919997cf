"""How a command speaks: errors as exit codes, results as lines or JSON, TensorFlow kept quiet.

Shared by `tfod` and the doors in `scripts/`. It knows nothing of the steps.
Exit codes: 0 done, 1 a bug (traceback), 2 a user error, 130 interrupted: Ctrl-C, `kill`, a closed
terminal.
"""

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tfod.cli.interrupt import every_end_like_ctrl_c
from tfod.cli.problems import message
from tfod.errors import UserError
from tfod.libraries import of_import
from tfod.plain import plain

DEBUG = "TFOD_DEBUG"
INTERRUPTED = "Interrupted. Complete files are kept; nothing is half-written."


class Stopped(SystemExit):
    """The end of a command that saved at Ctrl-C and said so itself."""

    def __init__(self) -> None:
        super().__init__(130)


def report_errors(function: Callable[[], Any], as_json: bool = False) -> int:
    """Run a command; turn what it raises into a message and an exit code.

    The message goes to stderr; with `as_json` the problems go to stdout as JSON instead.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may not know every character
            stream.reconfigure(errors="replace")
    try:
        with every_end_like_ctrl_c():
            function()
    except SystemExit as end:  # argparse and typer end like this, after their own message
        if end.code == 130 and not isinstance(end, Stopped):
            return _complain(INTERRUPTED, 130)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return _complain(INTERRUPTED, 130)
    except UserError as error:
        return _refuse(error, as_json)
    except BrokenPipeError:  # `tfod ... | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if isinstance(error, ImportError) and (problem := of_import(error)):
            return _refuse(UserError(problem), as_json)
        traceback.print_exc()
        return 1
    return 0


def _refuse(error: UserError, as_json: bool) -> int:
    if as_json:
        problems = [problem.as_dict() for problem in error.problems]
        print(json.dumps({"error": {"problems": problems}}, indent=2))
        return 2
    return _complain(f"error: {message(error)}", 2)


def _complain(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def load_tensorflow() -> None:
    """Import TensorFlow without the lines it writes at its start; TFOD_DEBUG=1 shows them."""
    if os.environ.get(DEBUG):
        return
    # what its native code calls an error is noise (no GPU driver, no AVX-512); real ones are raised
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with stderr_kept_back():
        import tensorflow as tf

        tf.config.list_physical_devices()  # a machine without GPU driver complains here
        tf.get_logger().setLevel("ERROR")


@contextmanager
def stderr_kept_back() -> Iterator[None]:
    """Hold back what native code writes to file descriptor 2; show it when a bug ends the block."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        before = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except (KeyboardInterrupt, UserError):  # not of its making, or said in a sentence
            raise
        except BaseException:
            os.dup2(before, 2)
            held.seek(0)
            os.write(2, held.read())
            raise
        finally:
            os.dup2(before, 2)
            os.close(before)


def finish(
    result: Any,
    *,
    as_json: bool,
    lines: Sequence[str] = (),
    wrote: Sequence[Path | str] = (),
    then: str = "",
) -> None:
    """End a command: what came out in words, what was written, and the next command, on stdout.

    With `as_json` the whole of stdout is `result`, with the keys `wrote` and `next`.
    """
    if as_json:
        figures = {**plain(result), "wrote": [str(path) for path in wrote], "next": then}
        print(json.dumps(figures, indent=2))
        return
    for line in lines:
        print(line)
    for path in wrote:
        print(f"wrote: {path}")
    if then:
        print(f"next:  {then}")
