"""HTTP cameras and films on this machine, for tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import cv2
import numpy as np

FPS = 30.0


@contextmanager
def mjpeg_server(
    draw: Callable[[int], np.ndarray], frames: int | None = None, then: str = "close"
) -> Iterator[str]:
    """Serve a camera of 30 frames a second; give its address.

    Args:
        draw: number of a frame -> uint8 [H, W, 3], RGB.
        frames: how many are sent; None: endless.
        then: "close" the connection and refuse others, or "stall": keep it and send nothing more.
    """
    over, gone = threading.Event(), threading.Event()

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if gone.is_set() else 200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
            self.end_headers()
            if gone.is_set():
                return
            for index in count() if frames is None else range(frames):
                data = cv2.imencode(".jpg", draw(index)[:, :, ::-1])[1].tobytes()
                head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + data + b"\r\n")
                except OSError:  # the one who looked is gone
                    return
                if over.wait(1 / FPS):
                    return
            gone.set()
            if then == "stall":
                over.wait()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with _serving(Camera) as url:
        try:
            yield f"{url}/video"
        finally:
            over.set()


@contextmanager
def http_server(answer: Callable[[BaseHTTPRequestHandler, int], None]) -> Iterator[str]:
    """Serve whatever a function writes; it gets the request and its number, from 0."""
    numbers = count()

    class Anything(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer(self, next(numbers))
            except OSError:  # the one who looked is gone
                pass

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with _serving(Anything) as url:
        yield url


def head(request: BaseHTTPRequestHandler, kind: str, status: int = 200, **headers: object) -> None:
    """Begin an answer; `Content_Length=3` is the header Content-Length."""
    request.send_response(status)
    request.send_header("Content-Type", kind)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), str(value))
    request.end_headers()


@contextmanager
def file_server(path: Path, share: float = 1.0) -> Iterator[str]:
    """Serve a file of which only a share arrives before the connection breaks."""
    data = path.read_bytes()

    class File(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: int(share * len(data))])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with _serving(File) as url:
        yield f"{url}/{path.name}"


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
