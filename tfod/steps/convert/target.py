"""What is in the target of a conversion already, and does not go together with what comes."""

from pathlib import Path

from tfod.data.photo_folder import is_copy
from tfod.errors import UserError, plural
from tfod.files import IMAGE_SUFFIXES
from tfod.steps.convert import placing
from tfod.steps.convert.box_csv import find_csv
from tfod.steps.convert.coco_json import find_coco
from tfod.steps.convert.labelled import PART_ORDER
from tfod.steps.convert.writing import Plan, image_folder, label_files
from tfod.steps.convert.yolo_layout import CLASSES

_MOST_NAMES = 3


def refuse_split(made: Plan, source: Path) -> None:
    """Keep the images of others out of the folders that `tfod split` made.

    Args:
        made: what goes where.
        source: gives the new folder its name.

    Raises:
        UserError: one of the parts in the target is of `tfod split`, and images would come to it.
    """
    places = (made.folder / name for name in made.image_files)
    there = map(placing.same_file, made.images, places)
    if all(there) or (made.take == placing.LEAVE and made.format != "voc"):
        return
    for part in PART_ORDER if any(made.parts) else ("",):
        folder = made.folder / image_folder(made.format, part)
        if is_copy(folder):
            raise UserError(
                f"{folder}: `tfod split` made this folder, and other images would get among its "
                f"copies. Name a new folder, such as {_new_folder(made, source)}."
            )


def _new_folder(made: Plan, source: Path) -> Path:
    """A folder beside the target, called like the set."""
    name = (source if source.is_dir() else source.parent).resolve().name
    folder = made.folder.parent / name
    return made.folder.parent / f"{name}_{made.format}" if folder.exists() else folder


def from_before(made: Plan, target: Path) -> list[str]:
    """Say which files a conversion left that readers of its folder take together with its own.

    Args:
        made: what was written.
        target: as the user named it.
    """
    written = {made.folder / name for name in (*made.image_files, *label_files(made))}
    old = [path for path in _read_there(made, target) if path not in written]
    if not old:
        return []
    first = ", ".join(path.relative_to(made.folder).as_posix() for path in old[:_MOST_NAMES])
    return [
        f"{plural(len(old), 'file')} from before still in {made.folder}, read with the new "
        f"ones ({first}{' ...' if len(old) > _MOST_NAMES else ''}); move away what is not wanted"
    ]


def _read_there(made: Plan, target: Path) -> list[Path]:
    """The files in the target of a format that readers of the folder take, sorted."""
    if made.format in ("coco", "csv"):
        find = find_coco if made.format == "coco" else find_csv
        return find(target) if target.is_dir() else []  # a file is read alone
    suffixes = {".xml"} if made.format == "voc" else {".txt", *IMAGE_SUFFIXES}
    roots = [""] if made.format == "voc" else ["images", "labels"]
    folders = [made.folder / root / part for root in roots for part in PART_ORDER]
    folders = [place for place in folders if place.is_dir() and not is_copy(place)]
    found = [path for place in folders for path in place.iterdir()]
    found = [path for path in found if path.suffix.lower() in suffixes]
    return sorted(path for path in found if path.name.lower() not in CLASSES)
