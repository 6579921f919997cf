"""Large data sets: what a command keeps of each photo is 4 to 5 kB, not its file or pixels.

Each command runs in a process of its own, once on a thousand photos and once on many more; the
photos are small, so that a test can wait for them, and there are so many that keeping their
pixels, or even their files (9.3 kB), would be seen.
"""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfod.camera.scenes import draw_scene

SMALL, LARGE = 1_000, 10_000
SIZE = (120, 160)
DRAWN = 300  # different pictures; files differ in a comment too
SESSIONS = 4
KEPT = 8_000  # bytes of a photo in memory, at most; its pixels are 57,600, in grey 19,200
ALONE = """
import json, sys, time
from tfod.cli import main
start = time.perf_counter()
code = main(sys.argv[1:])
wall = time.perf_counter() - start
with open("/proc/self/status") as file:  # ru_maxrss would count the process it was forked from
    peak = next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
print(json.dumps([code, peak, wall, time.process_time()]), file=sys.stderr)
"""


def make_photos(images: Path, number: int) -> None:
    """Write photos with XML; no two files have the same bytes."""
    chance = np.random.default_rng(0)
    pictures = []
    for index in range(DRAWN):
        buffer = BytesIO()
        Image.fromarray(draw_scene(index, ("a", "b"), SIZE, 0)[0]).save(buffer, "JPEG", quality=95)
        pictures.append(buffer.getvalue())
    sides = ("xmin", "ymin", "xmax", "ymax")
    for session in range(SESSIONS):
        (images / f"s{session}").mkdir(parents=True)
    for index in range(number):
        path = images / f"s{index % SESSIONS}" / f"photo_{index:05}.jpg"
        picture = pictures[index % DRAWN]
        comment = b"\xff\xfe\x00\x0a%08d" % index
        path.write_bytes(picture[:2] + comment + picture[2:])
        lines = [f"<annotation><filename>{path.name}</filename>"]
        for name in ("a", "b"):
            x, y = chance.uniform(0, (SIZE[1] - 42, SIZE[0] - 42)).round(3).tolist()
            box = "".join(
                f"<{side}>{value}</{side}>"
                for side, value in zip(sides, (x, y, x + 40, y + 37), strict=True)
            )
            lines.append(f"<object><name>{name}</name><bndbox>{box}</bndbox></object>")
        path.with_suffix(".xml").write_text("\n".join([*lines, "</annotation>\n"]))


def run(folder: Path, words: list[str]) -> tuple[dict, int, float, float]:
    """Run a command alone: what it says as JSON, peak memory in bytes, wall and CPU seconds."""
    command = [sys.executable, "-c", ALONE, *words, "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    code, peak, wall, cpu = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    return json.loads(done.stdout), peak, wall, cpu


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Number of photos -> a workspace of so many."""
    made = {}
    for number in (SMALL, LARGE):
        made[number] = tmp_path_factory.mktemp(f"of{number}")
        make_photos(made[number] / "workspace" / "images", number)
    yield made
    for folder in made.values():  # 44,000 files; later a disk has to be asked for each
        shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_memory_does_not_grow_with_pixels(folders):
    """Under 1 GiB, and ten times the photos add less than their files."""
    for words in (["check"], ["split"], ["records"]):
        with ThreadPoolExecutor(2) as pool:  # both at once, which does not change the memory
            done = dict(
                zip(folders, pool.map(partial(run, words=words), folders.values()), strict=True)
            )
        for number, (told, peak, wall, cpu) in done.items():
            seconds = f"{wall:6.1f} s, CPU {cpu:5.1f} s"
            print(f"{' '.join(words):14}{number:6} photos {peak >> 20:4} MiB{seconds}")
            assert images_of(told) == number
            assert peak < 1 << 30
        grown = done[LARGE][1] - done[SMALL][1]
        assert grown < KEPT * (LARGE - SMALL), words


def images_of(told: dict) -> int:
    """The number of images a command says it has seen; of records, those of all parts."""
    images = told.get("images")
    if isinstance(images, int):
        return images
    return sum(
        images.values()
        if images
        else (part["images"] for part in told.values() if isinstance(part, dict))
    )
