"""What `tfod check --fix` would do: which folders, and of each image and its XML what is repaired.

Copies made by split are no sessions; nothing is written here.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tfod.data.annotation_xml import read_bytes
from tfod.data.folders import find_folders
from tfod.data.image_open import Header, read_header
from tfod.data.images import check_image
from tfod.data.photo_folder import is_copy, no_images
from tfod.errors import UserError
from tfod.steps.check.fix.change import Change
from tfod.steps.check.fix.image import ImagePlan, has_right_ending, plan_image
from tfod.steps.check.fix.xml import ImageNow, Spelling, is_clear, repair_xml


@dataclass
class Plan:
    """What is to be done with an image and its annotation.

    Attributes:
        image: the image.
        xml: its annotation, or None.
        header: of the image.
        picture: what is to be done with the image.
        xml_changes: whether the annotation is to be changed.
        changes: what will be repaired.
        left: what will not, with the reason.
    """

    image: Path
    xml: Path | None
    header: Header
    picture: ImagePlan
    xml_changes: bool = False
    changes: list[Change] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)

    def files(self) -> list[Path]:
        """The files that will be changed."""
        image_changes = self.picture.encode or self.picture.name != self.image.name
        files = [(self.xml, self.xml_changes), (self.image, image_changes)]
        return [path for path, changes in files if path is not None and changes]

    @property
    def image_now(self) -> ImageNow:
        """What the annotation has to fit."""
        header, picture = self.header, self.picture
        size = (header.height_px, header.width_px)
        unclear = header.orientation > 1 and not picture.encode
        return ImageNow(picture.name, size, header.orientation, unclear)


def find_pairs(images_dir: Path) -> list[tuple[Path, Path | None]]:
    """Find the images that are repaired, each with its XML: all but copies made by split.

    Raises:
        UserError: there is none, or the folder itself is such a copy.
    """
    if is_copy(images_dir):
        raise UserError(
            f"{images_dir}: is a copy made by split, which the next split replaces. Repair the "
            "sessions: `tfod check --fix`, then `tfod split`."
        )
    folders = find_folders(images_dir)
    if not folders.has_images:
        raise no_images(images_dir, folders.found)
    read = [*folders.sessions, *folders.parts.values()]
    return [pair for folder in read if not folder.copied for pair in folder.pairs]


def is_left_out(path: Path) -> bool:
    """Hidden, or a copy made by split."""
    return path.name[:1] == "." or is_copy(path)


def is_decoded(pair: tuple[Path, Path | None]) -> bool:
    """Whether planning decodes the image."""
    try:
        return not read_header(pair[0]).plain
    except UserError:
        return False


def key(image: Path) -> tuple[Path, str]:
    """What is the same for images of one folder and name, whatever their ending."""
    return image.parent, image.stem.lower()


def plan_pair(pair: tuple[Path, Path | None], spelling: Spelling, taken: Counter) -> Plan | None:
    """Look at an image and its XML, and plan their repair.

    Args:
        pair: the image, and its XML or None.
        spelling: of the class names.
        taken: `key` of the images -> how many have it.

    Returns:
        The plan, or None when the image cannot be read.
    """
    image, xml = pair
    try:
        header = check_image(image)  # a damaged one is found before anything is written
        picture = plan_image(image, header)
    except UserError:
        return None
    plan = Plan(image, xml, header, picture)
    data = b"" if xml is None else xml_data(xml)
    if picture.left:
        plan.left.append(Change("image-format", image, None, picture.left))
    elif picture.name != image.name and taken[key(image)] > 1:
        why = f'it should be "{picture.name}", but another image has this name already'
        _leave(plan, "wrong-extension", why)
    elif (
        xml is not None
        and header.orientation > 1
        and not is_clear(data, xml, (header.height_px, header.width_px), header.orientation)
    ):
        _leave(
            plan,
            "exif-rotation-unclear",
            "turned by EXIF, and its XML does not tell on which side up it was labelled",
        )
    _tell_picture(plan)
    if xml is not None:
        new, changes, left = repair_xml(data, xml, plan.image_now, spelling)
        plan.xml_changes = new != data
        plan.changes += changes
        plan.left += left
    return plan


def _leave(plan: Plan, check: str, why: str) -> None:
    plan.left.append(Change(check, plan.image, None, why))
    plan.picture = ImagePlan(plan.image.name)


def _tell_picture(plan: Plan) -> None:
    picture, image, header = plan.picture, plan.image, plan.header
    renamed = picture.name != image.name
    if picture.encode:
        check = "image-encoding" if header.format in ("JPEG", "MPO", "PNG") else "image-format"
        check = "exif-rotation" if header.orientation > 1 else check
        name = f' in "{picture.name}"' if renamed else ""
        what = f"{picture.why}, now upright 8-bit RGB{name}"
        plan.changes.append(Change(check, image, None, what))
    if renamed and not has_right_ending(image, header):
        what = f'renamed to "{picture.name}", as it is {header.format}'
        plan.changes.append(Change("wrong-extension", image, None, what))


def xml_data(xml: Path) -> bytes:
    """The bytes of an annotation, b"" when it cannot be read: other checks tell of it."""
    try:
        return read_bytes(xml)
    except UserError:
        return b""
