"""A terminal in which commands really run, and what it then shows, as a page."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

PATIENCE_S = 600
LOOK_EVERY_S = 0.2
ROWS = 50
PAGE_PX = 1200
LETTER = 0.602  # width of a letter of the font, as a share of its size
LINE = 1.4  # its height
PROMPT = "$"
READY = re.escape(PROMPT)  # the last line when a command has ended
PAGE = """<meta charset="utf-8"><style>
body { margin: 0; background: #16181d; color: #e6e6e6 }
pre { margin: 0; padding: 1em 2ch; font: %.2fpx/1.4 "DejaVu Sans Mono", monospace }
</style><pre>%s</pre>"""


class Shell:
    """A shell in a terminal of tmux, which has a server of its own.

    Attributes:
        columns: width of the terminal in letters.
    """

    def __init__(self, columns, **environment):
        self.columns = columns
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        settings = {"PS1": f"{PROMPT} ", "PATH": path} | environment
        words = [f"{name}={value}" for name, value in settings.items()]
        self._ask("-f", os.devnull, "new-session", "-d", "-x", columns, "-y", ROWS,
                  "env", *words, "bash", "--norc", "--noprofile")  # fmt: skip
        self.wait()

    def type(self, command, until=READY):
        """Type a command, and wait for its end, or until its last line is as it should be.

        Args:
            until: a regular expression that the whole line matches.
        """
        self._ask("send-keys", "-l", command)
        self._ask("send-keys", "Enter")
        time.sleep(1)  # until the prompt above is no longer the last line
        self.wait(until)

    def wait(self, until=READY):
        """Wait until the last line is as it should be; by default for the prompt."""
        end = time.monotonic() + PATIENCE_S
        while True:
            text = self._ask("capture-pane", "-p").rstrip()
            if re.fullmatch(until, text.rpartition("\n")[2]):
                return
            assert time.monotonic() < end, text
            time.sleep(LOOK_EVERY_S)

    def lines(self):
        """The lines on the screen with their colours, without the prompt that waits below."""
        text = self._ask("capture-pane", "-p", "-e").rstrip()
        return text.removesuffix(PROMPT).rstrip().split("\n")

    def page(self, lines):
        """A page in HTML that looks like a terminal with these lines, and its height in pixels."""
        font_px = PAGE_PX / (self.columns + 4) / LETTER
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            console = Console(record=True, width=self.columns, file=nowhere)
            console.print(Text("\n").join(map(Text.from_ansi, lines)))
            text = console.export_html(theme=MONOKAI, inline_styles=True, code_format="{code}")
        return PAGE % (font_px, text), round((len(lines) * LINE + 2.4) * font_px)

    def close(self):
        """End the shell and what runs in it."""
        self._ask("kill-server")

    def _ask(self, *words):
        command = ["tmux", "-L", f"shapes-{os.getpid()}", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@contextmanager
def shell(columns, **environment):
    """Open a terminal, and close it."""
    opened = Shell(columns, **environment)
    try:
        yield opened
    finally:
        opened.close()
