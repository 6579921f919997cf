"""What split remembers: a manifest in each part says what was put there, from where, and how.

By it a photo that was placed is found again, also renamed or moved to another session, and what
people made in the folders can be told apart from copies.
"""

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from tfod.data.photo_folder import MANIFEST, PARTS, is_copy
from tfod.steps.split.candidates import Candidate

KINDS = {"test": float, "val": float, "by": str, "seed": int}  # of the settings
KEYS = ("session", "file", "sha256", "copy")  # of a photo in a manifest
# of (session, file name, SHA-256): by what a photo is known again, the surest first
_SAME = (itemgetter(0, 1, 2), itemgetter(2), itemgetter(0, 1))


class Placed(NamedTuple):
    """A photo that an earlier run put into a part."""

    session: str
    file: str
    sha256: str
    part: str


@dataclass
class Memory:
    """What earlier runs did.

    Attributes:
        settings: "seed", "by", "test" and "val" of the last run; empty when there was none.
        placed: the photos in the parts.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    placed: list[Placed] = field(default_factory=list)

    def parts_of(self, candidates: Sequence[Candidate]) -> list[str | None]:
        """Say where each photo was placed: the same file, else its content, else its name.

        Each photo is at most one of those placed, so a new copy of a placed one is new.
        """
        parts: list[str | None] = [None] * len(candidates)
        left, waiting = set(self.placed), list(range(len(candidates)))
        for same in _SAME:
            by_key: dict[Hashable, list[Placed]] = {}
            for placed in sorted(left):
                by_key.setdefault(same(placed), []).append(placed)
            unknown = []
            for index in waiting:
                one = candidates[index]
                found = by_key.get(same((one.session, one.image.name, one.sha256)))
                if found:
                    placed = found.pop()
                    left.discard(placed)
                    parts[index] = placed.part
                else:
                    unknown.append(index)
            waiting = unknown
        return parts


def remember(folders: Mapping[str, Path]) -> Memory:
    """Read what earlier runs put into the folders of the parts, which may be missing."""
    memory = Memory()
    for part, folder in folders.items():
        manifest = read_manifest(folder)
        memory.settings = manifest.get("settings") or memory.settings
        for photo in manifest.get("photos", ()):
            place = Placed(photo["session"], photo["file"], photo["sha256"], part)
            memory.placed.append(place)
    return memory


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a part: "files", "photos", "settings"; empty when there is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) and _is_sound(manifest) else {}


def _is_sound(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest is as `write_manifest` writes it."""
    photos, settings = manifest.get("photos"), manifest.get("settings")
    return (
        isinstance(manifest.get("files"), dict)
        and isinstance(photos, list)
        and all(isinstance(photo, dict) for photo in photos)
        and all(isinstance(photo.get(key), str) for photo in photos for key in KEYS)
        and isinstance(settings, dict)
        and all(isinstance(settings.get(name), kind) for name, kind in KINDS.items())
    )


def write_manifest(
    folder: Path, candidates: Sequence[Candidate], settings: Mapping[str, Any]
) -> None:
    """Write the manifest of a part whose files have been copied."""
    files = sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    photos = [(one.session, one.image.name, one.sha256, one.copy_name) for one in candidates]
    manifest = {
        "settings": dict(settings),
        "photos": [dict(zip(KEYS, photo, strict=True)) for photo in photos],
        "files": {path.name: fingerprint(path) for path in files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=0), encoding="utf-8")


def part_folders(parts_dir: Path, with_val: bool) -> dict[str, Path]:
    """Give the folder of each part; val/ only when it is wanted or split made it."""
    val = with_val or is_copy(parts_dir / "val")
    return {part: parts_dir / part for part in PARTS if part != "val" or val}


def fingerprint(path: Path) -> str:
    """The hash of an XML, which people edit; the size of an image, which they replace."""
    if path.suffix.lower() == ".xml":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{path.stat().st_size} bytes"
