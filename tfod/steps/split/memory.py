"""What split remembers: a manifest in each part says what was put there, from where, and how.

By it a photo that was placed is found again, also renamed or moved to another session, and what
people made in the folders is told from copies. Manifests of earlier versions, which hold only
names and fingerprints, are read too.
"""

import hashlib
import json
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from tfod.data.parts import MANIFEST, PARTS
from tfod.files import IMAGE_SUFFIXES
from tfod.steps.split.photos import Photo

KINDS = {"test": float, "val": float, "by": str, "seed": int}  # of the settings
# of (session, file name, SHA-256): by what a photo is known again, the surest first
_SAME = (itemgetter(0, 1, 2), itemgetter(2), itemgetter(0, 1))


@dataclass
class Memory:
    """What earlier runs did.

    Attributes:
        settings: "seed", "by", "test" and "val" of the last run; empty when there was none.
        by_file: (session, file name, SHA-256) -> part.
        by_content: SHA-256 -> part.
        by_name: (session, file name) -> part.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    by_file: dict[tuple[str, str, str], str] = field(default_factory=dict)
    by_content: dict[str, str] = field(default_factory=dict)
    by_name: dict[tuple[str, str], str] = field(default_factory=dict)

    def part_of(self, photo: Photo) -> str | None:
        """Say where a photo was placed: the same file, its content, or its name."""
        name = (photo.session, photo.image.name)
        part = self.by_file.get((*name, photo.sha256)) or self.by_content.get(photo.sha256)
        return part or self.by_name.get(name)

    def stayed_and_gone(self, photos: Sequence[Photo], parts: Collection[str]) -> tuple[int, int]:
        """Count what was placed in these parts and is there, and what is not there any more.

        Each photo is at most one of those placed: the same file, else one of its content, else one
        of its session and file name.
        """
        left, there = dict(self.by_file), []
        for same in _SAME:
            by_key: dict[Hashable, list[tuple[str, str, str]]] = {}
            for file in left:
                by_key.setdefault(same(file), []).append(file)
            others = []
            for photo in photos:
                files = by_key.get(same((photo.session, photo.image.name, photo.sha256)))
                if files:
                    there.append(left.pop(files.pop()))
                else:
                    others.append(photo)
            photos = others
        return sum(part in parts for part in there), len(left)


def remember(folders: Mapping[str, Path]) -> Memory:
    """Read what earlier runs put into the parts.

    Args:
        folders: part -> folder, there or not.
    """
    memory = Memory()
    for part, folder in folders.items():
        manifest = read_manifest(folder)
        memory.settings = manifest.get("settings") or memory.settings
        for photo in manifest.get("photos") or _old_photos(folder, manifest):
            name = (photo["session"], photo["file"])
            memory.by_file[(*name, photo["sha256"])] = part
            memory.by_content.setdefault(photo["sha256"], part)
            if photo["session"] is not None:
                memory.by_name[name] = part
    return memory


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a part: "files", "photos", "settings"; empty when there is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(manifest, dict):
        return {}
    if not isinstance(manifest.get("files"), dict):
        return {"files": manifest}
    return manifest if _is_sound(manifest) else {}


def _is_sound(manifest: Mapping[str, Any]) -> bool:
    """Whether the photos and settings of a manifest are as `write_manifest` writes them."""
    photos, settings = manifest.get("photos"), manifest.get("settings")
    keys = ("session", "file", "sha256")
    return (
        isinstance(photos, list)
        and all(
            isinstance(p, dict)
            and all(isinstance(p.get(k), str) for k in keys)
            and isinstance(p.get("copy", ""), str)  # earlier versions have none
            for p in photos
        )
        and isinstance(settings, dict)
        and all(isinstance(settings.get(name), KINDS[name]) for name in KINDS)
    )


def write_manifest(folder: Path, photos: Sequence[Photo], settings: Mapping[str, Any]) -> None:
    """Write the manifest of a part whose files have been copied."""
    files = sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    manifest = {
        "settings": dict(settings),
        "photos": [
            {
                "session": photo.session,
                "file": photo.image.name,
                "sha256": photo.sha256,
                "copy": photo.copy_name,
            }
            for photo in photos
        ],
        "files": {path.name: fingerprint(path) for path in files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=0), encoding="utf-8")


def part_folders(output_dir: Path, with_val: bool) -> dict[str, Path]:
    """Give the folder of each part; val/ only when it is wanted or split made it."""
    val = with_val or (output_dir / "val" / MANIFEST).is_file()
    return {part: output_dir / part for part in PARTS if part != "val" or val}


def _old_photos(folder: Path, manifest: Mapping[str, Any]) -> list[dict[str, str | None]]:
    """Find the photos of an old manifest by the content of their copies."""
    images = [
        name for name in manifest.get("files", {}) if Path(name).suffix.lower() in IMAGE_SUFFIXES
    ]
    there = [folder / name for name in images if (folder / name).is_file()]
    return [
        {"session": None, "file": path.name, "sha256": _sha256(path.read_bytes())} for path in there
    ]


def fingerprint(path: Path) -> str:
    """The hash of an XML, which people edit; the size of an image, which they replace."""
    if path.suffix.lower() == ".xml":
        return _sha256(path.read_bytes())
    return f"{path.stat().st_size} bytes"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
