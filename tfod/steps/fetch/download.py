"""One archive from a web server: resumed, retried, and checked against what the server said.

The server's mark of its version (ETag or Last-Modified) is kept with the part (`part.py`), so
that a later run goes on with the rest of the same version and never joins two. What goes wrong is
told in `trouble.py`; of the archive only the first bytes are looked at here.
"""

import http.client
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from tfod import __version__
from tfod.errors import UserError
from tfod.files import full_disk
from tfod.steps.fetch.part import Part, forget, megabytes, read_part, size_of, write_part
from tfod.steps.fetch.trouble import CutShort, Unreachable, clause, final_trouble, too_large
from tfod.steps.fetch.unpack import looks_like
from tfod.terminal import say

TRIES = 5  # in a row that get no further
PAUSE_S = 1.0  # before the second try; doubles with each
TIMEOUT_S = 30.0  # without a byte
CHUNK_BYTES = 1 << 16
Show = Callable[[int, int | None], None]  # how many bytes are there, of how many
ROOM = 3.5  # disk that the archive and what is in it take, as a multiple of the archive


class Changed(Exception):
    """What is there already does not fit what the server sends; the message says how."""


def download(url: str, part: Path, most_bytes: int, timeout_s: float = TIMEOUT_S) -> None:
    """Get a file, or the rest of it.

    Args:
        url: http or https.
        part: grows; its folder is there. Complete when this returns, and kept when it raises.
        most_bytes: a file of more is refused.
        timeout_s: how long the server may be silent before the connection counts as broken.

    Raises:
        Unreachable: the server has no such file, cannot be reached or sends something else.
        UserError: the disk is full or cannot be written.
    """
    console = Console(stderr=True)
    known = read_part(part, url)
    have = size_of(part)
    if have and known.total == have:
        return
    if have:
        say(console, f"going on after the {megabytes(have)} that are there")
    try:
        with _bar(part, console, known) as show:
            _keep_trying(known, part, most_bytes, timeout_s, console, show)
    except KeyboardInterrupt:
        of = f" of {megabytes(known.total)}" if known.total else ""
        say(console, f"{megabytes(size_of(part))}{of} are kept; the same command goes on.")
        raise


def _keep_trying(
    known: Part, part: Path, most_bytes: int, timeout_s: float, console: Console, show: Show
) -> None:
    """Ask until the file is whole, or tries no longer get further than those before."""
    got, furthest, failures = 0, size_of(part), 0
    while True:
        before = size_of(part)
        try:
            _receive(known, part, most_bytes, timeout_s, show)
            return
        except Changed as change:
            say(console, f"note: {change}; begins anew")
            forget(part)
            known.mark, known.total = "", None
        except (CutShort, OSError, http.client.HTTPException) as error:
            have = size_of(part)
            got += have - before
            failures = 1 if have > furthest else failures + 1
            furthest = max(furthest, have)
            trouble = final_trouble(known.url, error, failures >= TRIES, bool(got))
            if trouble:
                raise trouble from error
            pause_s = PAUSE_S * 2 ** (failures - 1)
            say(console, f"note: {clause(error)}; trying again in {pause_s:.0f} s")
            time.sleep(pause_s)


@contextmanager
def _bar(part: Path, console: Console, known: Part) -> Iterator[Show]:
    """Show a bar on a terminal; give what moves it."""
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    name = TextColumn("download")
    with Progress(name, *columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(part.name, total=known.total, completed=size_of(part))
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _receive(
    known: Part,
    part: Path,
    most_bytes: int,
    timeout_s: float,
    show: Show,
) -> None:
    """Ask once and append what comes; `known` learns what the server says.

    Raises:
        CutShort, OSError, HTTPException: it ended early.
        Changed: another version came, or the part cannot be completed.
    """
    have = size_of(part)
    if have and not known.mark:
        raise Changed("the server does not mark its versions, so the rest alone is of no use")
    headers = {"User-Agent": f"tfod/{__version__}", "Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": known.mark}
    request = urllib.request.Request(known.url, headers=headers)
    try:
        answer = urllib.request.build_opener().open(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:
            raise Changed("the file on the server is shorter now") from None
        raise
    with answer:
        if have:
            _check_rest(known, answer, have)
        else:
            _learn(known, answer)
        if (known.total or 0) > most_bytes:
            raise Unreachable(too_large(known.url, known.total, most_bytes))
        head = b"" if have else _read_head(known.url, answer)
        with _disk(part):
            if not have:
                _check_room(part, known.total)
                write_part(part, known)
            file = open(part, "ab")
        with file:
            _append(answer, file, head, known, most_bytes, show)
    known.total = size_of(part)
    write_part(part, known)


def _append(
    answer: Any,
    file: Any,
    head: bytes,
    known: Part,
    most_bytes: int,
    show: Show,
) -> None:
    total, chunk = known.total, head
    most = most_bytes if total is None else total
    have = file.tell()
    while True:
        with _disk(Path(file.name)):
            file.write(chunk)
            file.flush()  # so that an error of the disk is raised here
        have += len(chunk)
        show(have, total)
        # not more than it said: what came is whole or not, whatever else it sends
        chunk = answer.read1(min(CHUNK_BYTES, most - have)) if have < most else b""
        if not chunk:
            break
    if total is None and have >= most_bytes:
        raise Unreachable(too_large(known.url, have, most_bytes))
    if total is not None and have < total:
        raise CutShort(f"the connection ended after {have:,} of {total:,} bytes")


def _learn(known: Part, answer: Any) -> None:
    """Take size and mark from the head of an answer."""
    length = answer.headers.get("Content-Length", "")
    known.total = int(length) if length.isdigit() else None
    etag = answer.headers.get("ETag", "")
    # a weak mark says "about the same", which is not enough to join two halves
    weak = not etag or etag.startswith("W/")
    known.mark = answer.headers.get("Last-Modified", "") if weak else etag


def _check_rest(known: Part, answer: Any, have: int) -> None:
    """Make sure that an answer is the rest of the part that is there."""
    if answer.status != 206:
        raise Changed("the server sends the whole file, as it has another one now or knows no rest")
    span = answer.headers.get("Content-Range", "")
    total = span.rpartition("/")[2]
    if not span.startswith(f"bytes {have}-"):
        raise Changed("the server sends another rest than asked for")
    if total.isdigit() and known.total not in (None, int(total)):
        raise Changed("the file on the server has another size now")


def _read_head(url: str, answer: Any) -> bytes:
    """Read the first bytes; refuse a page or anything else that is no archive."""
    head = answer.read(512)
    kind = looks_like(head)
    if kind == "empty":
        raise CutShort("the server sent nothing")
    if kind == "page":
        raise Unreachable(
            f"{answer.url}: is a web page, not an archive. Perhaps the network wants you to log in "
            "first, or a filter is in the way: open the address in a browser and see."
        )
    if kind == "else":
        raise Unreachable(f"{url}: is no archive (expected a .tar.gz). Check the address.")
    return head


def _check_room(part: Path, total: int | None) -> None:
    needed, free = (total or 0) * ROOM, shutil.disk_usage(part.parent).free
    if needed > free:
        raise UserError(
            f"{part.parent}: {megabytes(free)} are free on this disk, about {megabytes(needed)} "
            "are needed. Free some space, or choose a folder on another disk with --output."
        )


@contextmanager
def _disk(part: Path) -> Iterator[None]:
    """Tell an error of the disk from one of the network."""
    try:
        yield
    except OSError as error:
        full = full_disk(error)
        problem = f"the disk is full ({full})" if full else f"cannot be written ({error.strerror})"
        raise UserError(
            f"{part}: {problem}. What came is kept; free some space or choose another folder with "
            "--output, and run the same command again."
        ) from error
