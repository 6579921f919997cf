"""One archive from a web server: resumed, retried, and checked against what the server said.

The server's mark of its version (ETag or Last-Modified) is kept with the part (`part.py`), so
that a later run continues with the rest of the same version and never joins two. What goes wrong
is named in `trouble.py`; of the archive only the first bytes are looked at here.
"""

import http.client
import shutil
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

from tfod import __version__
from tfod.errors import UserError, refusal
from tfod.files import disk_problems
from tfod.progress import SILENT, Progress, Task
from tfod.remedies import Remedy
from tfod.steps.fetch.part import Part, megabytes, read_part
from tfod.steps.fetch.trouble import CutShort, clause, final_problem
from tfod.steps.fetch.unpack import looks_like

TRIES = 5  # in a row that get no further
PAUSE_S = 1.0  # before the second try; doubles with each
TIMEOUT_S = 30.0  # without a byte
CHUNK_BYTES = 1 << 16
ROOM = 3.5  # disk that the archive and what is in it take, as a multiple of the archive


class Changed(Exception):
    """What is there already does not fit what the server sends; the message says how."""


def download(
    url: str, path: Path, most_bytes: int, timeout_s: float = TIMEOUT_S, progress: Progress = SILENT
) -> None:
    """Download a file, or the rest of it.

    Args:
        url: http or https.
        path: grows; its folder is there. Complete when this returns, and kept when it raises.
        most_bytes: a larger file is refused.
        timeout_s: how long the server may be silent before the connection counts as broken.
        progress: counts kB.

    Raises:
        UserError: the server has no such file, cannot be reached or sends something else; the
            disk is full or cannot be written.
    """
    part = read_part(path, url)
    if part.size and part.total == part.size:
        return
    if part.size:
        progress.note(f"continuing after the first {megabytes(part.size)}")
    try:
        with progress.task("downloading (kB)", _kb(part.total), part.size // 1000) as task:
            _keep_trying(_Transfer(part, most_bytes, timeout_s, task), progress)
    except KeyboardInterrupt:
        total = f" of {megabytes(part.total)}" if part.total else ""
        progress.note(f"{megabytes(part.size)}{total} are kept and will not be downloaded again")
        raise


def _keep_trying(transfer: "_Transfer", progress: Progress) -> None:
    """Ask until the file is whole, or tries no longer get further than those before."""
    part = transfer.part
    received, furthest, failures = 0, part.size, 0
    while True:
        before = part.size
        try:
            transfer.receive()
            return
        except Changed as change:
            progress.note(f"note: {change}; starting again from the beginning")
            part.remove()
        except (CutShort, OSError, http.client.HTTPException) as error:
            received += part.size - before
            failures = 1 if part.size > furthest else failures + 1
            furthest = max(furthest, part.size)
            problem = final_problem(part.url, error, failures >= TRIES, bool(received))
            if problem:
                raise UserError(problem) from error
            pause_s = PAUSE_S * 2 ** (failures - 1)
            progress.note(f"note: {clause(error)}; trying again in {pause_s:.0f} s")
            time.sleep(pause_s)


@dataclass
class _Transfer:
    """One file on its way: the part that is there learns what the server says."""

    part: Part
    most_bytes: int
    timeout_s: float
    task: Task

    def receive(self) -> None:
        """Ask once and append what comes; raises `Changed`, or whatever ended it early."""
        part, start = self.part, self.part.size
        with self._ask(start) as answer:
            if start:
                _check_rest(part, answer, start)
            else:
                _learn(part, answer)
            if (part.total or 0) > self.most_bytes:
                raise _too_large(part.url, part.total or 0, self.most_bytes)
            head = b"" if start else _read_head(answer)
            with disk_problems(part.path):
                if not start:
                    _check_room(part)
                    part.write_note()
            self._append(answer, head)
        part.total = part.size
        part.write_note()

    def _ask(self, start: int) -> HTTPResponse:
        headers = {"User-Agent": f"tfod/{__version__}", "Accept-Encoding": "identity"}
        if start and not self.part.mark:
            raise Changed("the server cannot resume this download safely")
        if start:
            headers |= {"Range": f"bytes={start}-", "If-Range": self.part.mark}
        request = urllib.request.Request(self.part.url, headers=headers)
        try:
            opener = urllib.request.build_opener()  # with the proxies that are set now
            answer: HTTPResponse = opener.open(request, timeout=self.timeout_s)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416 and start:
                raise Changed("the file on the server is now shorter") from None
            raise
        return answer

    def _append(self, answer: HTTPResponse, chunk: bytes) -> None:
        """Append a first chunk and all that follows."""
        part, total = self.part, self.part.total
        # not more than it said: what came is whole or not, whatever else it sends
        most = self.most_bytes if total is None else total
        size = part.size
        self.task.total = _kb(total)
        with disk_problems(part.path):
            file = open(part.path, "ab")
        with file:
            while True:
                with disk_problems(part.path):
                    file.write(chunk)
                    file.flush()  # so that an error of the disk is raised here
                size += len(chunk)
                self.task.reach(size // 1000)
                chunk = answer.read1(min(CHUNK_BYTES, most - size)) if size < most else b""
                if not chunk:
                    break
        if total is None and size >= self.most_bytes:
            raise _too_large(part.url, size, self.most_bytes)
        if total is not None and size < total:
            raise CutShort(f"the connection ended after {size:,} of {total:,} bytes")


def _learn(part: Part, answer: HTTPResponse) -> None:
    """Take size and mark from the head of an answer."""
    length = answer.headers.get("Content-Length", "")
    part.total = int(length) if length.isdigit() else None
    etag = answer.headers.get("ETag", "")
    # a weak mark says "about the same", which is not enough to join two halves
    is_weak = not etag or etag.startswith("W/")
    part.mark = answer.headers.get("Last-Modified", "") if is_weak else etag


def _check_rest(part: Part, answer: HTTPResponse, start: int) -> None:
    """Make sure that an answer is the rest of the part that is there."""
    if answer.status != 206:
        raise Changed("the file on the server has changed, or the server cannot resume")
    span = answer.headers.get("Content-Range", "")
    total = span.rpartition("/")[2]
    if not span.startswith(f"bytes {start}-"):
        raise Changed("the server sent a different part than requested")
    if total.isdigit() and part.total not in (None, int(total)):
        raise Changed("the file on the server has a different size now")


def _read_head(answer: HTTPResponse) -> bytes:
    """Read the first bytes; refuse a page or anything else that is not an archive."""
    head = answer.read(512)
    kind = looks_like(head)
    if kind == "empty":
        raise CutShort("the server sent nothing")
    if kind == "page":
        what = "a web page, not an archive; does your network want you to log in first?"
        raise refusal("web-page-instead", answer.url, what)
    if kind == "else":
        what = "not an archive"
        raise refusal("not-an-archive", answer.url, what, expected="a .tar.gz archive")
    return head


def _too_large(url: str, size: int, most_bytes: int) -> UserError:
    return refusal(
        "download-too-large",
        url,
        "too large to be this checkpoint",
        expected=f"at most {megabytes(most_bytes)}",
        got=f"{megabytes(size)} or more",
    )


def _check_room(part: Part) -> None:
    folder = part.path.parent
    needed, free = (part.total or 0) * ROOM, shutil.disk_usage(folder).free
    if needed > free:
        raise refusal(
            "disk-too-small",
            folder,
            "not enough free space on this disk",
            expected=f"about {megabytes(needed)}",
            got=megabytes(free),
            remedy=Remedy.FREE_SPACE,
        )


def _kb(count: int | None) -> int | None:
    return None if count is None else count // 1000
