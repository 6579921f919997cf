"""Look at labelled images before anything is written, and tell all their problems together."""

import difflib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from os import cpu_count
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tfod.data.images import Header, check_image, read_header
from tfod.data.pairs import pair_up
from tfod.data.parts import MANIFEST, PARTS
from tfod.data.voc import Example, scan_voc
from tfod.errors import UserError, plural, raise_together
from tfod.labels import LabelMap

FRACTIONS = "boxes are fractions of the image, not pixels"
SMALL_PX = 8  # in an image of such a side a box of a pixel may be meant


@dataclass
class Scan:
    """One image looked at: its example and header, or its problems."""

    image_path: Path
    xml_path: Path
    example: Example | None = None
    header: Header | None = None
    problems: list[str] = field(default_factory=list)


@dataclass
class Looked:
    """A folder of labelled images looked at.

    Attributes:
        images_dir: the folder.
        scans: its labelled images, sorted by file name.
        problems: what is wrong with them, and XML files without an image.
        unlabelled: number of images without an XML.
        suggested: number of images whose XML a model wrote and nobody has looked at, left out.
    """

    images_dir: Path
    scans: list[Scan]
    problems: list[str]
    unlabelled: int
    suggested: int = 0

    @property
    def examples(self) -> list[Example]:
        """The examples that could be read."""
        return [scan.example for scan in self.scans if scan.example is not None]


def look(images_dir: Path, xml_dir: Path | None = None) -> Looked:
    """Look at every labelled image of a folder; boxes that are only suggested are left out.

    Raises:
        UserError: there is no folder, or nothing labelled in it.
    """
    pairs, orphans = pair_up(images_dir, xml_dir)
    labelled = [(image, xml) for image, xml in pairs if xml is not None]
    if not labelled:
        raise UserError(
            f"{images_dir}: {plural(len(pairs), 'image')} and no XML file for any. Label them with "
            "LabelImg (Pascal VOC format) first: `tfod label`."
        )
    looked = list(in_order(scan_pair, labelled, "checking", heavy=_is_decoded))
    scans = [scan for scan in looked if not (scan.example and scan.example.suggested_by)]
    suggested = len(looked) - len(scans)
    if not scans:
        raise UserError(
            f"{images_dir}: {plural(suggested, 'image')}, all with boxes that a model suggested "
            "and nobody has looked at yet. Correct and save them in LabelImg: `tfod label`."
        )
    problems = [problem for scan in scans for problem in scan.problems]
    problems += [f"{xml}: there is no image for it" for xml in orphans]
    return Looked(images_dir, scans, problems, len(pairs) - len(labelled), suggested)


def scan_pair(pair: tuple[Path, Path]) -> Scan:
    """Look at one image and its XML without decoding more than needed.

    Args:
        pair: path of the image, path of its XML.
    """
    scan = Scan(*pair)
    try:
        scan.header = check_image(scan.image_path)
    except UserError as error:
        scan.problems.append(str(error).removesuffix(" Replace or delete it.").rstrip("."))
        return scan
    size = (scan.header.height_px, scan.header.width_px)
    scan.example, scan.problems = scan_voc(scan.xml_path, size, scan.header.orientation)
    if scan.example:
        scan.example.image_path = scan.image_path
        if are_fractions(scan.example):
            image = f"all lie in the first of {size[1]}x{size[0]} pixels"
            scan.example, scan.problems = None, [f"{scan.xml_path}: {FRACTIONS} ({image})"]
    return scan


def are_fractions(example: Example) -> bool:
    """Whether the boxes were written as 0..1 where pixels belong: all lie in the first pixel."""
    size = (example.height_px, example.width_px)
    if not example.names or min(size) <= SMALL_PX:
        return False
    return bool((example.boxes * (size * 2)).max() <= 1.001)  # float32 rounds


def unknown_classes(
    scans: Sequence[Scan], class_ids: dict[str, int], label_map: LabelMap | Path
) -> list[str]:
    """Tell each class name that the label map lacks, once, with the nearest one it has."""
    where = "the label map" if isinstance(label_map, LabelMap) else str(label_map)
    files: dict[str, list[Path]] = {}
    for scan in scans:
        for name in dict.fromkeys(scan.example.names if scan.example else ()):
            if name not in class_ids:
                files.setdefault(name, []).append(scan.xml_path)
    problems = []
    for name, paths in files.items():
        near = difflib.get_close_matches(name, class_ids, 1, 0.6)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        count = f"{plural(len(paths), 'file')}, first {paths[0].name}"
        known = ", ".join(class_ids)
        problems.append(f'{where} has no class "{name}" (known: {known}), used in {count}{hint}')
    return problems


def raise_problems(problems: list[str], unknown: list[str], images_dir: Path) -> None:
    """Report what is wrong with the data, all of it together.

    Args:
        problems: what is wrong with images and annotations.
        unknown: as `unknown_classes` gives it.
        images_dir: where the images are.

    Raises:
        UserError: there is a problem.
    """
    remedies = []
    if problems:
        remedies.append("Correct it in LabelImg, or replace or delete the file")
    if unknown:
        remedies.append("Correct the name in LabelImg or add the class to the label map")
    then = "run the same command again"
    if any((images_dir / part / MANIFEST).is_file() for part in ("", *PARTS)):
        remedies.append("Do so in the folder of the session, of which this is a copy")
        then = "run `tfod split` and `tfod records` again"
    remedy = f"{'. '.join(remedies)}; then {then}."
    heading = f"problems in {images_dir}, nothing was written"
    raise_together([*problems, *unknown], heading, remedy)


def _is_decoded(pair: tuple[Path, Path]) -> bool:
    try:
        return not read_header(pair[0]).plain
    except UserError:
        return False


def in_order(
    function: Callable, items: Sequence, word: str, heavy: Callable[..., bool] | None = None
) -> Iterator:
    """Call the function on every item; yield the results in order, with a bar.

    Items that are `heavy` (work in C, as encoding an image) are done in a few threads ahead of
    their turn; threads would only slow down the others, which are work in Python. Only a few
    results wait at any time, so the memory does not grow with the data.
    """
    threads = min(8, cpu_count() or 1)
    console = Console(stderr=True)
    bar = Progress(console=console, transient=True, disable=not console.is_terminal)
    waiting: deque[Callable] = deque()
    with bar, ThreadPoolExecutor(threads) as pool:
        for item in bar.track(items, description=word):
            if heavy is not None and heavy(item):
                waiting.append(pool.submit(function, item).result)
            else:
                waiting.append(partial(function, item))
            if len(waiting) >= 4 * threads:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()
