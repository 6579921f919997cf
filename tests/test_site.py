"""The web site of docs/: it builds, its links lead somewhere, and it asks no other server."""

import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from browser import ask
from PIL import Image

pytestmark = pytest.mark.slow
MOST_BYTES = 64_000  # of a picture: on a phone it is there at once


def build(folder):
    """Build the site of a folder; gives what was said and the exit code."""
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.stdout + done.stderr, done.returncode


@pytest.fixture(scope="module")
def project(tmp_path_factory, root):
    """A copy of what the site is made of, with the site."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(root / "docs", folder / "docs")
    shutil.copy(root / "zensical.toml", folder)
    said, code = build(folder)
    assert code == 0, said
    return folder


def test_every_page_is_in_the_menu_and_every_link_leads_somewhere(project):
    site = project / "site"
    first = (site / "index.html").read_text(encoding="utf-8")
    for page in (project / "docs").rglob("*.md"):
        path = page.relative_to(project / "docs").with_suffix(".html")
        assert (site / path).is_file(), path
        assert re.search(rf'href="(\./)?{re.escape(path.as_posix())}"', first), path
    for page in [path for path in site.rglob("*.html") if path.name != "404.html"]:
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r'(?:href|src)="([^"#]+)', text):
            if not re.match(r"\w+:", link):
                assert (page.parent / unquote(link)).exists(), f"{page.name}: {link}"


def test_every_step_shows_what_it_looks_like(project):
    for page in (project / "docs/steps").glob("*.md"):
        shown = re.findall(r'<img alt="([^"]+)" src="([^"]+)"', html_of(project, page))
        assert shown, f"{page.name} has no picture that says what is seen"
        for _, path in shown:
            picture = project / "site/steps" / path
            with Image.open(picture) as image:
                image.verify()
            assert picture.stat().st_size < MOST_BYTES, path


def html_of(project, page):
    path = project / "site" / page.relative_to(project / "docs")
    return path.with_suffix(".html").read_text(encoding="utf-8")


def test_nothing_is_loaded_from_elsewhere(project):
    for page in (project / "site").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|link|iframe)[^>]*(?:src|href)="(\w+:[^"]*)"', text)
        assert not [address for address in loaded if not address.startswith("data:")], page


def test_a_browser_shows_it(project, tmp_path):
    site = project / "site"
    show = partial(SimpleHTTPRequestHandler, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), show)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    questions = {
        "title": "document.querySelector('h1').textContent",
        "asked": "performance.getEntriesByType('resource').map(one => one.name)",
        "width": "document.documentElement.scrollWidth",
    }
    try:
        shown = ask(site / "index.html", questions, site, address)
    finally:
        server.shutdown()
        server.server_close()
    assert shown["title"].startswith("tfod") and shown["width"] <= 1200
    assert shown["asked"] and not [one for one in shown["asked"] if not one.startswith(address)]


def test_a_link_that_leads_nowhere_stops_the_build(project, tmp_path):
    shutil.copytree(project / "docs", tmp_path / "docs")
    shutil.copy(project / "zensical.toml", tmp_path)
    with open(tmp_path / "docs/index.md", "a", encoding="utf-8") as page:
        page.write("\n[nowhere](steps/no_such_page.md)\n")
    said, code = build(tmp_path)
    assert code != 0 and "page does not exist" in said
