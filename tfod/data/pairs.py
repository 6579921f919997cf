"""Which image belongs to which annotation.

Knows names of files and the <filename> in an XML, nothing of boxes.
"""

from collections.abc import Sequence
from pathlib import Path

from tfod.data.annotation_xml import child_text, parse_xml, read_bytes, without_folder
from tfod.errors import UserError

Pair = tuple[Path, Path | None]  # an image, its XML


def pair_up(images: Sequence[Path], annotations: Sequence[Path]) -> tuple[list[Pair], list[Path]]:
    """Give each image its XML or None; and the XML files that are of no image.

    The XML of an image has the same stem (users rename both files together, and LabelImg pairs
    them so), else it names the image in <filename>. Upper and lower case count as equal.

    Args:
        images: of one folder, sorted.
        annotations: XML files of the same folder, or of the one that belongs to it, sorted.
    """
    by_name = {image.name.lower(): image for image in images}
    by_stem: dict[str, list[Path]] = {}
    for image in images:
        by_stem.setdefault(image.stem.lower(), []).append(image)
    found: dict[Path, Path] = {}
    left = []
    for path in annotations:
        same_stem = by_stem.get(path.stem.lower(), [])
        if len(same_stem) > 1:  # a.jpg next to A.jpg, where the disk tells them apart
            same_stem = [image for image in same_stem if image.stem == path.stem]
        if len(same_stem) == 1 and same_stem[0] not in found:
            found[same_stem[0]] = path
        else:
            left.append(path)
    orphans = []
    for path in left:
        named = by_name.get(_stated_name(path).lower()) if images else None
        if named is None or named in found:
            free = [image for image in by_stem.get(path.stem.lower(), []) if image not in found]
            named = free[0] if free else None
        if named is None:
            orphans.append(path)
        else:
            found[named] = path
    return [(image, found.get(image)) for image in images], orphans


def _stated_name(xml_path: Path) -> str:
    try:
        root = parse_xml(read_bytes(xml_path), xml_path)
    except UserError:
        return ""  # reported when the file is read for its boxes, or as an orphan
    return without_folder(child_text(root, "filename")) or f"{xml_path.stem}.jpg"
