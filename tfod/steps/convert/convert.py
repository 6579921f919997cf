"""The step `convert`: labelled images from one format to another, and what that loses.

    convert(Path("instances.json"), Path("workspace/images/coco"))

A format is read into rows, the rows are checked and all problems reported together; then labels and
images are written, all or none.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tfod.errors import Problem, UserError, refusal
from tfod.files import whole_file
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.convert.check_rows import check_rows
from tfod.steps.convert.class_ids import class_ids, count_lost_ids, known_ids, write_ids
from tfod.steps.convert.find_images import IMAGES_ELSEWHERE
from tfod.steps.convert.guess import guess_source, guess_target
from tfod.steps.convert.output import COPY, LINK, added_files, take_images
from tfod.steps.convert.places import (
    LEAVE,
    Target,
    find_target,
    from_before,
    keep_existing,
    place_rows,
    refuse_split,
)
from tfod.steps.convert.rows import FORMATS, TITLES, DataSet, is_plain_text
from tfod.steps.convert.source import read_source, refuse_drawn_on
from tfod.steps.convert.unpack import inner, is_zip, named_after, unpack
from tfod.steps.convert.write import leave_out_what_does_not_fit, write_labels

Choose = Callable[[DataSet], Path]


@dataclass(frozen=True)
class ConvertOptions:
    """How to convert.

    Attributes:
        from_format: one of TITLES, "voc" or "label-studio" say; found out when "".
        to_format: "voc", "coco", "yolo" or "csv"; found out when "".
        images: folder of the images, when they are not where the source has them.
        classes: names in the order of their numbers, for a source without class names or another
            order in the target.
        label_map: has the ids of the classes; written there when there is none.
        take: "copy" or "link" the images with the labels, or "leave" them; when "", they are
            copied for VOC and YOLO.
        overwrite: replace files that exist.
        keep_existing: leave out images that have labels in the target (VOC and YOLO).
        skip_bad_boxes: leave out boxes that are not in their image instead of refusing them all.
    """

    from_format: str = ""
    to_format: str = ""
    images: Path | None = None
    classes: tuple[str, ...] = ()
    label_map: Path | None = None
    take: str = ""
    overwrite: bool = False
    keep_existing: bool = False
    skip_bad_boxes: bool = False


@dataclass(frozen=True)
class ConvertResult:
    """What was converted.

    Attributes:
        source_format: as in `ConvertOptions.from_format`; `target_format` likewise.
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
    target_path: Path,
    options: ConvertOptions | None = None,
    progress: Progress = SILENT,
    choose: Choose | None = None,
) -> ConvertResult:
    """Convert labelled images.

    Args:
        source: file or folder, or a ZIP.
        target_path: file or folder; new, or one to which files are added.
        options: all else.
        progress: reports each image.
        choose: gives the target in place of `target_path` when it is known what is in the source.

    Raises:
        UserError: something in the source cannot be used (all of it is reported), or nothing can
            be written.
    """
    options = options or ConvertOptions()
    with TemporaryDirectory(prefix="tfod-") as scratch, named_after(source, Path(scratch)):
        if is_zip(source):
            source = unpack(source, Path(scratch), progress)
        return _convert(source, target_path, options, Path(scratch), progress, choose)


def _convert(
    source: Path,
    target_path: Path,
    options: ConvertOptions,
    scratch: Path,
    progress: Progress,
    choose: Choose | None,
) -> ConvertResult:
    from_format, left, target = _formats(source, target_path, options)
    if from_format == "yolo" and source.is_dir():
        source = inner(source)
    known = known_ids(options.classes, options.label_map)
    is_dense = sorted(known.values()) == list(range(1, len(known) + 1))
    classes = sorted(known, key=known.__getitem__) if is_dense else []
    data = read_source(source, from_format, scratch, options.images, classes, progress)
    data.notes = left + data.notes
    if choose:
        target = find_target(choose(data), target.format)
    if target.format == "voc":
        _stay(data, target)
    check_rows(data, options.skip_bad_boxes, progress)
    negatives = sum(not example.names for example in data.examples)
    count_lost_ids(data, target.format, options.label_map)
    data.class_ids = class_ids(data, known, options.label_map)
    leave_out_what_does_not_fit(data, target.format)
    is_new = scratch in data.rows[0].image.parents if data.rows else False
    take = options.take or (COPY if is_new or target.format in ("voc", "yolo") else LEAVE)
    take = COPY if is_new and take == LINK else take
    place_rows(data, target, take)
    if options.keep_existing:
        keep_existing(data, target)
    _check_names(data, take)
    refuse_split(data, target, take, source)
    taken, files = _write(data, target, take, options, progress)
    counts = Counter(name for example in data.examples for name in example.names)
    guesses = {"from": options.from_format, "to": options.to_format}
    return ConvertResult(
        source_format=from_format,
        target_format=target.format,
        guessed=[word for word, given in guesses.items() if not given],
        images={part: len(rows) for part, rows in data.parts.items()},
        boxes=counts.total(),
        negatives=negatives,
        classes={name: counts[name] for name in data.class_ids},
        lost=dict(+data.lost),
        notes=data.notes,
        images_taken=taken,
        files=files,
    )


def _stay(data: DataSet, target: Target) -> None:
    """Let images that lie in the target folder itself get their XML there, whatever their part."""
    here = target.folder.resolve()
    if data.rows and all(row.image.parent.resolve() == here for row in data.rows):
        for row in data.rows:
            row.part = ""


def _formats(source: Path, target: Path, options: ConvertOptions) -> tuple[str, list[str], Target]:
    """The format of the source, what else is there, and the target with its format."""
    for setting, known in (("from_format", [*TITLES]), ("to_format", [*FORMATS])):
        name = getattr(options, setting)
        if name and name not in known:
            what, remedy = "unknown format", Remedy.USE(value=known)
            raise refusal("unknown-format", None, what, setting=setting, got=name, remedy=remedy)
    for path in (source, options.images):
        if path and not path.exists():
            what = "file or folder not found"
            raise refusal("not-found", path, what, remedy=Remedy.CHECK_PATH)
    refuse_drawn_on(source, options.images)
    from_format, left = options.from_format, list[str]()
    if not from_format:
        from_format, left = guess_source(source)
    to_format = options.to_format or guess_target(target, from_format)
    return from_format, left, find_target(target, to_format)


def _check_names(data: DataSet, take: str) -> None:
    """Make sure of names that the target can hold, and that images to be taken exist."""
    problems = [
        Problem(
            "image-name-not-text",
            None,
            f"the name of image {row.name!r} contains characters that cannot be written",
        )
        for row in data.rows
        if not is_plain_text(row.name)
    ]
    if take != LEAVE:
        problems += [
            Problem("image-missing", row.image, "image not found", remedy=IMAGES_ELSEWHERE)
            for row in data.rows
            if row.size is None
        ]
    if problems:
        raise UserError(*problems, heading="problems with the images, nothing was written")


def _write(
    data: DataSet, target: Target, take: str, options: ConvertOptions, progress: Progress
) -> tuple[int, list[Path]]:
    """Write everything or nothing; give the number of images taken and the files to report."""
    label_map = options.label_map
    new_map = [label_map] if label_map and not label_map.exists() and data.class_ids else []
    taken = [row for row in data.rows if take != LEAVE and not row.is_in_place]
    names = [*dict.fromkeys(row.labels for row in data.rows), *(row.place for row in taken)]
    with ExitStack() as stack:
        # the label map comes last into its place: of the two, only the labels can still fail
        maps = [stack.enter_context(whole_file(path)) for path in new_map]
        folder = stack.enter_context(added_files(target.folder, names, options.overwrite))
        files = write_labels(data, target, folder, progress)
        take_images(taken, take, folder, progress)
        for path in maps:
            write_ids(path, data)
    data.notes += from_before(data, target) if options.overwrite else []
    return len(taken), [*(target.folder / name for name in files), *new_map]
