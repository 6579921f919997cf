"""How well looks tell copies of a photo from other photos, and how long grouping takes.

    python benchmarks/near_duplicates.py ../shared/datasets/coco_val128/images ...

For each folder (with train/ and test/ in it, or photos alone):
    pairs    bits between the nearest photos; look at them to see which are of one scene
    copies   photos changed in a way a person would not notice, and the share found again
    groups   number and largest size of the groups that other limits than NEAR_BITS would make
    split    bits from each test photo to the nearest in train, and how many classes a "detector"
             that only copies the class of that photo gets right (LabelImg's names, first box)
Then the time for grouping 20,000 looks, all different and all equal.
"""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np

from tfod.data.images import read_image, small_grey
from tfod.data.near_duplicates import NEAR_BITS, group, is_near, look_of, nearest
from tfod.data.photo_folder import read_folder
from tfod.data.voc import read_voc
from tfod.errors import UserError

SHOWN_PAIRS = 30
LIMITS = (2, 4, 6, 8, 10, 20, 32, NEAR_BITS, 48, 56, 64)


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """Encode and decode again."""
    flag = [cv2.IMWRITE_JPEG_QUALITY, quality]
    return cv2.imdecode(cv2.imencode(".jpg", image, flag)[1], cv2.IMREAD_COLOR)


def noise(image: np.ndarray) -> np.ndarray:
    """Add what a webcam adds in the evening."""
    added = np.random.default_rng(0).normal(0, 8, image.shape)
    return np.uint8(np.clip(image + added, 0, 255))


def without_border(image: np.ndarray, share: float) -> np.ndarray:
    """Cut a share of height and width off each side."""
    top, left = (max(1, round(side * share)) for side in image.shape[:2])
    return image[top:-top, left:-left]


COPIES = {
    "JPEG, quality 50": lambda image: jpeg(image, 50),
    "a third of the size": lambda image: cv2.resize(image, None, fx=0.33, fy=0.33),
    "10 % brighter": lambda image: np.uint8(np.minimum(image * 1.1, 255)),
    "10 % darker": lambda image: np.uint8(image * 0.9),
    "noise of 8/255": noise,
    "1 % cut off each side": lambda image: without_border(image, 0.01),
    "2 % cut off each side": lambda image: without_border(image, 0.02),
    "5 % cut off each side": lambda image: without_border(image, 0.05),
    "mirrored (another photo)": lambda image: image[:, ::-1],
}


def photos_in(folder: Path) -> list[tuple[Path, Path | None]]:
    """All photos of a folder, or of train/ and test/ in it, with their XML."""
    parts = [folder / part for part in ("train", "test") if (folder / part).is_dir()]
    return [pair for part in parts or [folder] for pair in read_folder(part).pairs]


def measure(folder: Path, most_copies: int) -> None:
    """Print the figures of one folder."""
    photos = photos_in(folder)
    begun_s = time.perf_counter()
    looks = np.array([look_of(small_grey(path.read_bytes(), path)[1]) for path, _ in photos])
    each_ms = (time.perf_counter() - begun_s) / len(photos) * 1e3
    print(f"\n{folder}: {len(photos)} photos, {each_ms:.1f} ms each")
    near = sorted(
        int(nearest(looks[i : i + 1], looks[i + 1 :])[1][0]) for i in range(len(looks) - 1)
    )
    print(f"  pairs: {near[:SHOWN_PAIRS]}")
    images = [read_image(path) for path, _ in photos[:most_copies]]
    for name, change in COPIES.items():
        changed = [look_of(change(image)) for image in images]
        bits = [nearest(a[None], b[None])[1][0] for a, b in zip(looks, changed, strict=False)]
        found = np.mean([is_near(a, b) for a, b in zip(looks, changed, strict=False)])
        print(
            f"  copies: {name:25} median {np.median(bits):3.0f}, most {max(bits):3} bits, "
            f"{found:4.0%} found"
        )
    sizes = {bits: np.bincount(group(looks, bits)) for bits in LIMITS}
    print("  groups/largest:", ", ".join(f"{b}: {len(s)}/{s.max()}" for b, s in sizes.items()))
    if (folder / "test").is_dir():
        published_split(photos, looks)


def published_split(photos: list[tuple[Path, Path | None]], looks: np.ndarray) -> None:
    """Say how far the test photos are from the training photos."""
    in_test = np.array([path.parent.name == "test" for path, _ in photos])
    where, bits = nearest(looks[in_test], looks[~in_test])
    names = np.array([read_voc(xml).names[0] if xml else "" for _, xml in photos])
    right = (names[~in_test][where] == names[in_test]).sum()
    print(f"  split: bits to the nearest in train {sorted(bits.tolist())}")
    print(f"  split: the class of the nearest is right for {right} of {in_test.sum()}")


def main() -> None:
    """Measure each folder, then the time of grouping."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--looks", type=int, default=20_000)
    parser.add_argument(
        "--copies", type=int, default=60, help="photos of a folder that are changed"
    )
    flags = parser.parse_args()
    for folder in flags.folders:
        try:
            measure(folder, flags.copies)
        except UserError as error:
            print(error)
    looks = np.random.default_rng(0).integers(0, 2**63, (flags.looks, 4), np.uint64)
    for name, some in {"different": looks, "equal": np.zeros_like(looks)}.items():
        begun_s = time.perf_counter()
        groups = len(set(group(some).tolist()))
        seconds = time.perf_counter() - begun_s
        print(f"{flags.looks} looks, all {name}: {groups} groups, {seconds:.1f} s")


if __name__ == "__main__":
    main()
