"""What `fix` would do: of each image and its XML, what is repaired; nothing is written here."""

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

from tfod.data.annotation_xml import read_bytes
from tfod.data.image_open import Header
from tfod.data.images import check_image
from tfod.errors import UserError
from tfod.steps.check.finding import Change
from tfod.steps.check.fix.annotation import ImageNow, Spelling, is_clear, repair_annotation
from tfod.steps.check.fix.image import ImagePlan, has_ending, plan_image

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

    @property
    def renamed(self) -> bool:
        """Whether the image gets another name."""
        return self.picture.name != self.image.name

    def files(self) -> list[Path]:
        """The files that will be changed."""
        files = [self.image] if self.picture.why or self.renamed else []
        return [*files, self.xml] if self.xml and self.annotation is not None else files


def key(image: Path) -> tuple[Path, str]:
    """What is the same for images of one folder and name, whatever their ending."""
    return image.parent, image.stem.lower()


def plan_pair(
    pair: Pair, spelling: Spelling, taken: Counter[tuple[Path, str]], resized: Container[Path]
) -> Plan | None:
    """Look at an image and its XML, if it has one, and plan their repair.

    Args:
        pair: both.
        spelling: of the class names.
        taken: `key` of the images -> how many have it.
        resized: XML files whose images may have been resized since they were labelled.

    Returns:
        The plan, or None when the image cannot be read.
    """
    image, xml = pair
    try:
        header = check_image(image)  # a damaged one is found before anything is written
        plan = Plan(image, xml, header, plan_image(image, header))
    except UserError:
        return None
    try:
        data = read_bytes(xml) if xml else b""
    except UserError:
        data = b""  # the checks report that
    if left := _reason_to_leave(plan, data, taken):
        plan.left.append(left)
        plan.picture = ImagePlan(image.name)
    plan.changes += _image_changes(plan)
    if xml is not None:
        unclear = header.orientation > 1 and not plan.picture.why
        size, orientation = header.size, header.orientation
        now = ImageNow(plan.picture.name, size, orientation, unclear, xml in resized)
        plan.annotation, changes, left_in_xml = repair_annotation(data, xml, now, spelling)
        plan.changes += changes
        plan.left += left_in_xml
    return plan


def _reason_to_leave(plan: Plan, data: bytes, taken: Counter[tuple[Path, str]]) -> Change | None:
    """Why nobody can say what would be right for an image, if so."""
    picture, image, header = plan.picture, plan.image, plan.header
    if picture.left:
        return Change("image-format", image, None, picture.left)
    if plan.renamed and taken[key(image)] > 1:
        what = f'it should be "{picture.name}", but another image already has this name'
        return Change("wrong-extension", image, None, what)
    if plan.renamed and image.with_name(picture.name).is_dir():
        what = f'it should be "{picture.name}", but a folder has this name'
        return Change("wrong-extension", image, None, what)
    turned = plan.xml is not None and header.orientation > 1
    if turned and not is_clear(data, image, header.size, header.orientation):
        what = "rotated by EXIF, and the XML does not say which way up it was labelled"
        return Change("exif-rotation-unclear", image, None, what)
    return None


def _image_changes(plan: Plan) -> list[Change]:
    picture, image, header = plan.picture, plan.image, plan.header
    changes = []
    if picture.why:
        code = "exif-rotation" if header.orientation > 1 else "image-format"
        name = f' in "{picture.name}"' if plan.renamed else ""
        what = f"{picture.why}, now upright 8-bit RGB{name}"
        changes.append(Change(code, image, None, what))
    if plan.renamed and not has_ending(image, header.format):
        what = f'renamed to "{picture.name}", as it is {header.format}'
        changes.append(Change("wrong-extension", image, None, what))
    return changes
