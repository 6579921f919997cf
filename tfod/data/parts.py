"""Which folders beside the sessions are parts: train/, test/ and, with them, val/."""

from collections.abc import Collection, Iterator
from pathlib import Path

from tfod.files import IMAGE_SUFFIXES

PARTS = ("train", "test", "val")  # val only where it was asked for
MANIFEST = ".split.json"  # in each part: what split put there


def part_names(images_dir: Path) -> tuple[str, ...]:
    """Give the names that folders in it have as parts, there or not; any other is a session.

    train/ and test/ always; val/ when split made it, or when it holds labelled photos beside those
    of a train/ and a test/ of another making: tools and people make such a split too. But beside
    parts that split made it is a session, as split sees it.
    """
    return PARTS if _is_val_part(images_dir) else ("train", "test")


def _is_val_part(images_dir: Path) -> bool:
    val, others = images_dir / "val", (images_dir / "train", images_dir / "test")
    if (val / MANIFEST).is_file():
        return True
    if not all(map(has_images, (val, *others))) or not any(_files(val, (".xml",))):
        return False
    return not any((folder / MANIFEST).is_file() for folder in others)


def has_images(folder: Path) -> bool:
    """Whether there is such a folder with an image in it."""
    return folder.is_dir() and any(_files(folder, IMAGE_SUFFIXES))


def _files(folder: Path, suffixes: Collection[str]) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.suffix.lower() in suffixes and path.name[0] != ".":
            yield path
