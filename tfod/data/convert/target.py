"""What is in the target of a conversion already, and does not go together with what comes."""

from pathlib import Path

from tfod.data.convert import placing
from tfod.data.convert.labelled import PART_ORDER
from tfod.data.convert.writing import Plan, image_folder
from tfod.data.split.stratify import MANIFEST
from tfod.errors import UserError


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
        if (folder / MANIFEST).is_file():
            raise UserError(
                f"{folder}: `tfod split` made this folder, and other images would get among its "
                f"copies. Name a new folder, such as {_new_folder(made, source)}."
            )


def _new_folder(made: Plan, source: Path) -> Path:
    """A folder beside the target, called like the set."""
    name = (source if source.is_dir() else source.parent).resolve().name
    folder = made.folder.parent / name
    return made.folder.parent / f"{name}_{made.format}" if folder.exists() else folder
