"""What lies in a part: copies, which the next split replaces, and what would be lost with them.

Nothing is lost with a copy that says what its original in the session says, nor with files that a
system or a program leaves behind.
"""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tfod.data import annotation_xml
from tfod.data.annotation_xml import AnnotationError
from tfod.data.pairs import find_examples
from tfod.errors import UserError
from tfod.files import refuse_file
from tfod.steps.split.memory import fingerprint, read_manifest

JUNK = ("thumbs.db", "ehthumbs.db", "desktop.ini", "classes.txt")  # the last one is LabelImg's
WHERE_IT_LIES = ("folder", "filename", "path")  # differs between an XML and its copy


def check_replaceable(folder: Path, images_dir: Path) -> None:
    """Make sure that a folder holds nothing but what split put there.

    Args:
        folder: of a part, there or not.
        images_dir: holds the sessions it was copied from.

    Raises:
        UserError: names the first file that would be lost, and where to keep it.
    """
    refuse_file(folder)
    if not folder.exists():
        return
    manifest = read_manifest(folder)
    known = manifest.get("files", {})
    found = sorted(path for path in folder.iterdir() if not _is_junk(path))
    for path in found:
        if path.name not in known or path.is_dir():
            raise UserError(
                f"{folder}: would be replaced, but {path.name} was not put there by split. Move "
                f"what you made there to a folder beside it, like {folder.parent / 'more'}, and "
                "run split again; or go on with `tfod records` if this is the split you want."
            )
    originals = _originals(manifest, images_dir)
    for path in found:
        if fingerprint(path) != known[path.name]:
            _check_kept(path, originals.get(path.stem))


def _is_junk(path: Path) -> bool:
    """Whether no step reads it and no person made it: of the system, LabelImg or an editor."""
    if path.name[0] == ".":
        return True
    return path.is_file() and (path.name.lower() in JUNK or path.name.endswith("~"))


def _originals(manifest: Mapping[str, Any], images_dir: Path) -> dict[str, Path]:
    """Stem of a copy -> the photo it was made of."""
    return {
        Path(name).stem: images_dir / photo["session"] / photo["file"]
        for photo in manifest.get("photos", ())
        for name in _names_of_copy(photo)
    }


def _names_of_copy(photo: Mapping[str, str]) -> list[str]:
    """The name of a copy; what it may be where an earlier version did not note it."""
    if "copy" in photo:
        return [photo["copy"]]
    return [photo["file"], f"{photo['session']}_{photo['file']}"]


def _check_kept(copy: Path, photo: Path | None) -> None:
    """Refuse a changed copy that says something else than its original.

    Args:
        copy: a photo or an XML.
        photo: that of the session, or None where that is not known.
    """
    changed = (
        f"{copy.parent}: would be replaced, but {copy.name} was changed after split copied it."
    )
    if photo is None:
        original = "the session it came from"
    elif not photo.is_file():
        raise UserError(
            f"{changed} {photo} is no longer there: take the change over where that photo is now "
            "and delete the copy, or move photo and XML to a folder beside it, like "
            f"{copy.parent.parent / 'more'}, and run split again."
        )
    else:
        path = photo
        if copy.suffix == ".xml":
            path = dict(find_examples(photo.parent)).get(photo) or photo.with_suffix(".xml")
        if path.is_file() and _say_the_same(copy, path):
            return
        original = str(path)
    raise UserError(
        f"{changed} Take the change over into {original} or delete the copy, then run split again."
    )


def _say_the_same(copy: Path, original: Path) -> bool:
    """Whether two files hold the same, but for where they lie in an XML."""
    one, other = copy.read_bytes(), original.read_bytes()
    if one == other or copy.suffix != ".xml":
        return one == other
    try:
        return _without_place(one, copy) == _without_place(other, original)
    except AnnotationError:
        return False


def _without_place(data: bytes, xml_path: Path) -> str:
    annotation_xml.parse_xml(data, xml_path)  # refuses what could do harm
    return ElementTree.canonicalize(
        from_file=BytesIO(data), with_comments=True, strip_text=True, exclude_tags=WHERE_IT_LIES
    )
