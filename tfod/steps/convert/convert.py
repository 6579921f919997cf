"""The step `convert`: labelled images from one format to another, and what that loses.

    convert(Path("instances.json"), Path("workspace/images/coco"))

Everything is read and checked first and all problems are told together; then labels and images are
written, all or none.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tfod.errors import UserError, plural, raise_together
from tfod.files import whole_file
from tfod.labels import LabelMap, read_label_map, write_label_map
from tfod.steps.convert import placing, writing
from tfod.steps.convert.box_csv import read_csv
from tfod.steps.convert.coco_json import read_coco
from tfod.steps.convert.guess import FORMATS, guess_source, guess_target
from tfod.steps.convert.labelled import Labelled, is_plain_text, with_bar
from tfod.steps.convert.losing import count_lost_ids, drop_what_does_not_fit
from tfod.steps.convert.target import from_before, refuse_split
from tfod.steps.convert.voc_folder import read_voc_folder
from tfod.steps.convert.yolo_txt import read_yolo


@dataclass(frozen=True)
class ConvertResult:
    """What was converted.

    Attributes:
        source_format: "voc", "coco", "yolo" or "csv".
        target_format: the same.
        guessed: which of the two were not given: "from", "to".
        images: part ("" when not split) -> number of images.
        boxes: number of boxes written.
        negatives: images without any object, as read.
        classes: class name -> number of boxes, in the order of the ids.
        lost: what the target does not hold -> how many.
        notes: sentences on what was changed or left out.
        images_taken: image files copied or linked.
        files: files and folders written.
    """

    source_format: str
    target_format: str
    guessed: list[str]
    images: dict[str, int]
    boxes: int
    negatives: int
    classes: dict[str, int]
    lost: dict[str, int]
    notes: list[str]
    images_taken: int
    files: list[Path]


def convert(
    source: Path,
    target: Path,
    from_format: str = "",
    to_format: str = "",
    images: Path | None = None,
    classes: Sequence[str] = (),
    label_map: Path | None = None,
    take: str = "",
    overwrite: bool = False,
    skip_bad: bool = False,
) -> ConvertResult:
    """Convert labelled images.

    Args:
        source: file or folder.
        target: file or folder; new, or one to which files are added.
        from_format: "voc", "coco", "yolo", "csv"; found out when "".
        to_format: the same.
        images: folder of the images, when they are not where the source has them.
        classes: names in the order of their numbers, for a source without class names or another
            order in the target.
        label_map: has the ids of the classes; written there when there is none.
        take: "copy" or "link" the images beside the labels, or "leave" them; when "", they are
            copied for VOC and YOLO.
        overwrite: replace files that are there.
        skip_bad: leave out boxes that are no part of their image instead of refusing them all; VOC
            has `tfod check --fix` for that.

    Raises:
        UserError: something in the source cannot be used (all of it is told), or nothing can be
            written.
    """
    formats, guessed = _formats(source, target, from_format, to_format)
    from_format, to_format = formats
    known = _known_ids(label_map, classes)
    labelled = _read(source, from_format, images, known, skip_bad)
    class_ids = _class_ids(labelled, known, label_map or "--classes")
    negatives = sum(not example.names for example in labelled.examples)
    labelled.lost += count_lost_ids(labelled, to_format, label_map)
    labelled.lost += drop_what_does_not_fit(labelled, to_format)
    plan = writing.plan(labelled, target, to_format, take or _usual(to_format))
    _check_images(plan)
    refuse_split(plan, source)
    if labelled.bad_boxes:
        left_out = plural(len(labelled.bad_boxes), "bad box")
        labelled.notes.append(f"{left_out} left out, first {labelled.bad_boxes[0]}")
    taken, made = _write(plan, class_ids, label_map, overwrite)
    plan.notes += from_before(plan, target) if overwrite else []
    counts = Counter(name for example in labelled.examples for name in example.names)
    return ConvertResult(
        source_format=from_format,
        target_format=to_format,
        guessed=guessed,
        images={part: len(examples) for part, examples in labelled.parts.items()},
        boxes=counts.total(),
        negatives=negatives,
        classes={name: counts[name] for name in class_ids},
        lost=dict(labelled.lost),
        notes=[*labelled.notes, *plan.notes],
        images_taken=taken,
        files=[*plan.wrote, *made],
    )


def _formats(
    source: Path, target: Path, from_format: str, to_format: str
) -> tuple[tuple[str, str], list[str]]:
    """The two formats, and which of them were guessed."""
    for name in filter(None, (from_format, to_format)):
        if name not in FORMATS:
            raise UserError(f'no format "{name}" (known: {", ".join(FORMATS)}).')
    guessed = [word for word, name in (("from", from_format), ("to", to_format)) if not name]
    from_format = from_format or guess_source(source)
    return (from_format, to_format or guess_target(target, from_format)), guessed


def _usual(to_format: str) -> str:
    return placing.COPY if to_format in ("voc", "yolo") else placing.LEAVE


def _known_ids(label_map: Path | None, classes: Sequence[str]) -> dict[str, int]:
    """Class name -> 1-based id as the user gives it; {} when he does not."""
    repeated = [name for name, count in Counter(classes).items() if count > 1]
    if repeated:
        raise UserError(f'--classes: "{repeated[0]}" is given twice. Name each class once.')
    if label_map and label_map.exists():
        if classes:
            raise UserError(f"{label_map}: has the classes already. Leave out --classes.")
        labels: LabelMap = read_label_map(label_map)
        return {name: id_ for id_, name in labels.names.items()}
    return {name: id_ for id_, name in enumerate(classes, 1)}


def _read(
    source: Path, name: str, images: Path | None, known: dict[str, int], skip_bad: bool
) -> Labelled:
    if not source.exists():
        raise UserError(f"{source}: no such file or folder. Check the path.")
    if images and not images.is_dir():
        raise UserError(f"{images}: no such folder. Check --images.")
    if name == "yolo":
        dense = sorted(known.values()) == list(range(1, len(known) + 1))
        names = sorted(known, key=known.__getitem__) if dense else ()
        return read_yolo(source, images, names, skip_bad)
    if name == "voc" and source.is_file():
        raise UserError(f"{source}: is a file. Name the folder of the XML files.")
    if name == "voc":
        labelled = read_voc_folder(source, images)
    else:
        labelled = (read_coco if name == "coco" else read_csv)(source, images, skip_bad)
    if not labelled.examples:
        raise UserError(f"{source}: no labelled images here. {' '.join(labelled.notes)}".strip())
    return labelled


def _class_ids(labelled: Labelled, known: dict[str, int], where: object) -> dict[str, int]:
    """Class name -> id, as the user, the source, or the alphabet has it, in the order of ids."""
    used = Counter(name for example in labelled.examples for name in example.names)
    ids = known or labelled.class_ids
    ids = ids or {name: number for number, name in enumerate(sorted(used), 1)}
    unknown = [
        f'{where} has no class "{name}" ({plural(count, "box")})'
        for name, count in used.items()
        if name not in ids
    ]
    odd = [f"class {name!r}: its name is no plain text" for name in ids if not is_plain_text(name)]
    raise_together(odd, "names that the formats cannot hold", "Rename the class.")
    raise_together(unknown, "unknown classes", f"Add them there; known: {', '.join(ids)}.")
    return dict(sorted(ids.items(), key=lambda item: item[1]))


def _check_images(plan: writing.Plan) -> None:
    """Make sure of names that the target can hold, and that images to be taken along are there."""
    names = [name for part in plan.names.values() for name in part]
    names = [name for name in names if not is_plain_text(name)]
    odd = [f"image {name!r}: its name is no plain text" for name in names]
    raise_together(odd, "names that the formats cannot hold", "Rename the image.")
    if plan.take == placing.LEAVE:
        return
    missing = [f"{image}: there is no such image" for image in plan.images if not image.is_file()]
    raise_together(
        missing,
        "images are missing, nothing was written",
        "Name the folder of the images with --images, or write the labels alone with --no-images.",
    )


def _take_images(plan: writing.Plan, temporary: Path, overwrite: bool) -> int:
    """Copy or link the images; those that lie in their place already stay."""
    if plan.take == placing.LEAVE:
        return 0
    pairs = [
        (image, name)
        for image, name in zip(plan.images, plan.image_files, strict=True)
        if not placing.same_file(image, plan.folder / name)
    ]
    # known before the long copying, not after it
    made = [path.relative_to(temporary) for path in temporary.rglob("*") if path.is_file()]
    new = [*made, *(Path(name) for _, name in pairs)]
    placing.refuse_existing(plan.folder, new, overwrite)
    for image, name in with_bar(pairs, "taking images"):
        placing.take_image(image, temporary / name, plan.take)
    return len(pairs)


def _write(
    plan: writing.Plan, class_ids: Mapping[str, int], label_map: Path | None, overwrite: bool
) -> tuple[int, list[Path]]:
    """Write everything or nothing; return the number of images taken and the label map made."""
    made = [label_map] if label_map and not label_map.exists() and class_ids else []
    with ExitStack() as stack:
        # the label map comes last into its place: of the two, only the labels can still fail
        ids = [stack.enter_context(whole_file(path)) for path in made]
        temporary = stack.enter_context(placing.added_files(plan.folder, overwrite))
        writing.write(plan, temporary, class_ids)
        taken = _take_images(plan, temporary, overwrite)
        for path in ids:
            _write_ids(path, class_ids, plan.notes)
    return taken, made


def _write_ids(path: Path, class_ids: Mapping[str, int], notes: list[str]) -> None:
    """Write a label map with the ids of the source; those from 0 are raised by one."""
    raised = int(min(class_ids.values()) == 0)
    if raised:
        notes.append("the label map begins with 1, so its ids are the class numbers plus 1")
    write_label_map(path, {id_ + raised: name for name, id_ in class_ids.items()})
