"""A real browser for tests of pages: what a page shows, asked of the page itself."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def ask(page: Path, questions: dict[str, str], folder: Path, address: str = "") -> dict:
    """Open a page in a headless Chromium; skips the test where there is none.

    Args:
        page: the HTML file.
        questions: name -> a JavaScript expression that is evaluated once all is loaded.
        folder: gets a copy of the page that asks them, and what the browser keeps.
        address: where a server shows this folder; "" to open the file.

    Returns:
        Name -> the answer.
    """
    asked = ", ".join(f"{json.dumps(name)}: {text}" for name, text in questions.items())
    script = f"<script>onload = () => document.title = JSON.stringify({{{asked}}})</script>"
    copy = folder / "asked.html"
    copy.write_text(page.read_text(encoding="utf-8") + script, encoding="utf-8")
    shown = _chromium(
        folder,
        "--dump-dom",
        "--virtual-time-budget=5000",
        f"{address}/{copy.name}" if address else copy.as_uri(),
    )
    title = re.search(r"<title>(.*?)</title>", shown, re.S)
    assert title, shown[:500]
    return json.loads(html.unescape(title[1]))


def shown(address: str, folder: Path) -> str:
    """What a page of a server has become after a few seconds of its scripts, as HTML."""
    return _chromium(folder, "--dump-dom", "--virtual-time-budget=10000", address)


def _chromium(folder: Path, *arguments: str) -> str:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("needs Chromium")
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,900"]
    command += [f"--user-data-dir={folder / 'browser'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
