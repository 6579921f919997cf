"""What lies in a part: copies, which the next split replaces, and what would be lost with them.

Nothing is lost with a copy that says what its original in the session says, nor with files that a
system or a program leaves behind.
"""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tfod.data.annotation_xml import parse_xml
from tfod.data.folders import Folders
from tfod.errors import UserError, refusal
from tfod.files import refuse_file
from tfod.listing import is_junk
from tfod.remedies import Remedy
from tfod.steps.split.memory import fingerprint, read_manifest

WHERE_IT_LIES = ("folder", "filename", "path")  # differs between an XML and its copy


def check_replaceable(part: Path, folders: Folders) -> None:
    """Make sure that the folder of a part, there or not, holds only what split put there.

    Raises:
        UserError: names the first file that would be lost, and where to keep it.
    """
    refuse_file(part)
    if not part.exists():
        return
    manifest = read_manifest(part)
    known = manifest.get("files", {})
    files = sorted(path for path in part.iterdir() if not is_junk(path))
    for path in files:
        if path.name not in known or path.is_dir():
            what = "split would delete this file, which it did not put there"
            remedy = Remedy.MOVE_TO(folder=part.parent / "more")
            raise refusal("not-made-by-split", path, what, remedy=remedy)
    changed = [path for path in files if fingerprint(path) != known[path.name]]
    originals = _originals(manifest, folders) if changed else {}
    for path in changed:
        _check_kept(path, originals[path.stem])


def _originals(manifest: Mapping[str, Any], folders: Folders) -> dict[str, tuple[Path, Path]]:
    """Stem of a copy -> the photo it was made of, and its XML (where it would be)."""
    xml_of = {image: xml for folder in folders.found for image, xml in folder.pairs}
    originals = {}
    for photo in manifest["photos"]:
        image = folders.root / photo["session"] / photo["file"]
        xml = xml_of.get(image) or image.with_suffix(".xml")
        originals[Path(photo["copy"]).stem] = image, xml
    return originals


def _check_kept(copy: Path, original: tuple[Path, Path]) -> None:
    """Refuse a changed photo or XML that says something else than its original photo and XML."""
    image, xml = original
    what = "was changed after split copied it"
    if not image.is_file():
        remedy = Remedy.MOVE_TO(folder=copy.parent.parent / "more")
        got = f"{image} no longer exists"
        raise refusal("copy-changed", copy, what, got=got, remedy=remedy)
    path = xml if copy.suffix == ".xml" else image
    if not (path.is_file() and _say_the_same(copy, path)):
        remedy = Remedy.CHANGE_ORIGINAL(original=path)
        raise refusal("copy-changed", copy, what, remedy=remedy)


def _say_the_same(copy: Path, original: Path) -> bool:
    """Whether two files hold the same, but for where they lie in an XML."""
    data, other = copy.read_bytes(), original.read_bytes()
    if data == other or copy.suffix != ".xml":
        return data == other
    try:
        return _without_place(data, copy) == _without_place(other, original)
    except UserError:
        return False


def _without_place(data: bytes, xml_path: Path) -> str:
    parse_xml(data, xml_path)  # refuses what could do harm
    return ElementTree.canonicalize(
        from_file=BytesIO(data), with_comments=True, strip_text=True, exclude_tags=WHERE_IT_LIES
    )
