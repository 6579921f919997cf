"""A web server on this machine that serves one file, well or badly, for tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Server:
    """What is served, and how; a test changes it while the server runs.

    Attributes:
        data: the file, the same at each path.
        etag, modified: marks of the version; "" sends none.
        ranges: whether a part of it can be asked for.
        codes: answers of the next requests in place of the file, one each.
        cuts: bytes after which the next answers end, one each; the last one counts for all others
            when `cuts_go_on`.
        stall_at: bytes after which an answer stays silent until the server is closed.
        lie: what is added to the true Content-Length; None sends no length.
        redirects: how many times the next requests are sent elsewhere.
        content_type: of the answer.
        asked: (path, Range, If-Range) of each request.
        stalled: set when an answer has fallen silent.
    """

    data: bytes
    etag: str = '"one"'
    modified: str = ""
    ranges: bool = True
    codes: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    cuts_go_on: bool = False
    stall_at: int | None = None
    lie: int | None = 0
    redirects: int = 0
    content_type: str = "application/x-tar"
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def part(self, handler: BaseHTTPRequestHandler) -> tuple[int, int]:
        """Give status and first byte of an answer."""
        span, only_if = handler.headers.get("Range", ""), handler.headers.get("If-Range")
        if not (self.ranges and span.startswith("bytes=")):
            return 200, 0
        if only_if not in (None, self.etag, self.modified):
            return 200, 0
        first = int(span.removeprefix("bytes=").rstrip("-"))
        return (206, first) if first < len(self.data) else (416, 0)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        headers = handler.headers
        self.asked.append((handler.path, headers.get("Range", ""), headers.get("If-Range", "")))
        if self.redirects:
            self.redirects -= 1
            handler.send_response(302)
            handler.send_header("Location", f"/elsewhere{handler.path}")
            handler.end_headers()
            return
        if self.codes:
            handler.send_error(self.codes.pop(0))
            return
        status, first = self.part(handler)
        body = self.data[first:]
        handler.send_response(status)
        if status == 416:
            handler.end_headers()
            return
        if status == 206:
            last = len(self.data) - 1
            handler.send_header("Content-Range", f"bytes {first}-{last}/{len(self.data)}")
        if self.lie is not None:
            handler.send_header("Content-Length", str(len(body) + self.lie))
        for name, value in {"ETag": self.etag, "Last-Modified": self.modified}.items():
            if value:
                handler.send_header(name, value)
        handler.send_header("Content-Type", self.content_type)
        handler.end_headers()
        self.send(handler, body)

    def send(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Send the file, or what is sent of it."""
        if self.cuts:
            body = body[: self.cuts[0] if self.cuts_go_on else self.cuts.pop(0)]
        if self.stall_at is not None:
            handler.wfile.write(body[: self.stall_at])
            handler.wfile.flush()
            self.stalled.set()
            self.closing.wait()
            return
        handler.wfile.write(body)


@contextmanager
def serving(data: bytes, **how: object) -> Iterator[Server]:
    """Serve a file at 127.0.0.1; the arguments are attributes of `Server`."""
    served = Server(data, **how)  # type: ignore[arg-type]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                served.answer(self)
            except OSError:  # the one who asked is gone
                return

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield served
    finally:
        served.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
