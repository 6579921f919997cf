"""Claim: what `tfod live` shows is no older than one model time and one camera interval.

    python benchmarks/live.py [exported-models/NAME]

A camera of 30 frames a second (HTTP on this machine) is watched by a stand-in that takes 50 ms, or
by an exported model. Prints the age of the shown frame next to what it may be, and the memory of
this process after 100 and after 1,000 frames.
"""

import argparse
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np

from tfod.camera.camera import open_camera
from tfod.camera.scenes import moving_scene
from tfod.detections import Detections
from tfod.steps.live.live import live
from tfod.steps.live.options import LiveOptions
from tfod.workspace import Workspace

FPS = 30
FRAMES = 1000
STAND_IN_S = 0.05


class Camera(BaseHTTPRequestHandler):
    """An MJPEG camera that sends 60 drawn frames again and again."""

    jpegs = [
        cv2.imencode(".jpg", moving_scene(index)[0][:, :, ::-1])[1].tobytes() for index in range(60)
    ]

    def do_GET(self) -> None:
        """Send frames until nobody receives them."""
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        due_s, index = time.perf_counter(), 0
        while True:
            data = self.jpegs[index % len(self.jpegs)]
            head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + data + b"\r\n")
            except OSError:
                return
            index, due_s = index + 1, due_s + 1 / FPS
            time.sleep(max(0.0, due_s - time.perf_counter()))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def stand_in(image: np.ndarray) -> Detections:
    """Take as long as a model."""
    time.sleep(STAND_IN_S)
    none = np.zeros(0, np.float32)
    return Detections(np.zeros((0, 4), np.float32), none, np.zeros(0, np.int32), {})


def memory_mib() -> float:
    """Resident memory now (Linux), or its peak (elsewhere)."""
    import resource

    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", help="folder of an exported model")
    flags = parser.parse_args()
    detector = stand_in
    if flags.model:
        from tfod.runtimes.load import load_detector

        detector = load_detector(flags.model)

    seen = 0
    memory: dict[int, float] = {}

    def counted(image: np.ndarray) -> Detections:
        nonlocal seen
        seen += 1
        if seen in (100, FRAMES):
            memory[seen] = memory_mib()
        return detector(image)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open_camera(f"http://127.0.0.1:{server.server_port}/") as camera:
        result = live(Workspace(""), counted, camera, LiveOptions(headless=True, frames=FRAMES))
    server.shutdown()
    limit_ms = result.model_ms[0] + 1000 / FPS
    print(f"{result.frames} frames at {result.fps:.1f} a second of a camera with {FPS}")
    print(f"model {result.model_ms[0]:.0f} ms, 95 % below {result.model_ms[1]:.0f} ms")
    print(
        f"age when shown {result.age_ms[0]:.0f} ms, 95 % below {result.age_ms[1]:.0f} ms; "
        f"model time and camera interval {limit_ms:.0f} ms, ratio {result.age_ms[0] / limit_ms:.2f}"
    )
    print(f"memory {memory[100]:.0f} MiB at 100 frames, {memory[FRAMES]:.0f} MiB at {FRAMES}")


if __name__ == "__main__":
    sys.exit(main())
