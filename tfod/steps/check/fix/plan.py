"""What `fix` would do: of each image and its XML, what is repaired; nothing is written here."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tfod.data.annotation_xml import read_bytes
from tfod.data.image_open import Header
from tfod.data.images import check_image
from tfod.errors import UserError
from tfod.steps.check.fix.annotation import ImageNow, Spelling, is_clear, repair_annotation
from tfod.steps.check.fix.change import Change
from tfod.steps.check.fix.image import ImagePlan, has_right_ending, plan_image

Pair = tuple[Path, Path | None]  # an image, its XML


@dataclass
class Plan:
    """What is to be done with an image and its annotation.

    Attributes:
        image: the image.
        xml: its annotation, or None.
        header: of the image.
        picture: what is to be done with the image.
        annotation: the new bytes of the annotation, or None when it stays.
        changes: what will be repaired.
        left: what will not, with the reason.
    """

    image: Path
    xml: Path | None
    header: Header
    picture: ImagePlan
    annotation: bytes | None = None
    changes: list[Change] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)

    def files(self) -> list[Path]:
        """The files that will be changed."""
        image_changes = self.picture.encode or self.picture.name != self.image.name
        files = [self.image] if image_changes else []
        return [*files, self.xml] if self.xml and self.annotation is not None else files


def key(image: Path) -> tuple[Path, str]:
    """What is the same for images of one folder and name, whatever their ending."""
    return image.parent, image.stem.lower()


def plan_pair(pair: Pair, spelling: Spelling, taken: Counter[tuple[Path, str]]) -> Plan | None:
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
        plan = Plan(image, xml, header, plan_image(image, header))
    except UserError:
        return None
    data = _xml_data(xml)
    _leave_image(plan, data, taken)
    _tell_picture(plan)
    if xml is not None:
        unclear = header.orientation > 1 and not plan.picture.encode
        now = ImageNow(plan.picture.name, header.size, header.orientation, unclear)
        plan.annotation, changes, left = repair_annotation(data, xml, now, spelling)
        plan.changes += changes
        plan.left += left
    return plan


def _leave_image(plan: Plan, data: bytes, taken: Counter[tuple[Path, str]]) -> None:
    """Leave an image alone when it is unclear what would be right."""
    picture, image, header = plan.picture, plan.image, plan.header
    if picture.left:
        plan.left.append(Change("image-format", image, None, picture.left))
    elif picture.name != image.name and taken[key(image)] > 1:
        what = f'it should be "{picture.name}", but another image already has this name'
        plan.left.append(Change("wrong-extension", image, None, what))
        plan.picture = ImagePlan(image.name)
    elif (
        plan.xml is not None
        and header.orientation > 1
        and not is_clear(data, plan.xml, header.size, header.orientation)
    ):
        what = "rotated by EXIF, and the XML does not say which way up it was labelled"
        plan.left.append(Change("exif-rotation-unclear", image, None, what))
        plan.picture = ImagePlan(image.name)


def _tell_picture(plan: Plan) -> None:
    picture, image, header = plan.picture, plan.image, plan.header
    renamed = picture.name != image.name
    if picture.encode:
        code = "exif-rotation" if header.orientation > 1 else "image-format"
        name = f' in "{picture.name}"' if renamed else ""
        what = f"{picture.why}, now upright 8-bit RGB{name}"
        plan.changes.append(Change(code, image, None, what))
    if renamed and not has_right_ending(image, header):
        what = f'renamed to "{picture.name}", as it is {header.format}'
        plan.changes.append(Change("wrong-extension", image, None, what))


def _xml_data(xml: Path | None) -> bytes:
    """The bytes of an annotation, b"" when it cannot be read: the checks report that."""
    try:
        return b"" if xml is None else read_bytes(xml)
    except UserError:
        return b""
