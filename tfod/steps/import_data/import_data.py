"""The step `import`: a data set of any layout becomes photos with XML in the workspace.

    import_data(workspace, Path("export.zip"))

A set that comes with a split keeps it when there are no photos in the workspace yet; else, and
when it has none, it becomes a session. The source stays as it is.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tfod.data.folders import find_folders
from tfod.data.photo_folder import PART_WORDS, PARTS, without_year
from tfod.errors import Problem, UserError, refusal
from tfod.listing import IMAGE_SUFFIXES, files_below
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.convert.class_ids import CLASS_NUMBERS
from tfod.steps.convert.convert import ConvertOptions, convert
from tfod.steps.convert.find_images import is_inside
from tfod.steps.convert.output import COPY, added_files, take_images
from tfod.steps.convert.places import Target, place_rows
from tfod.steps.convert.rows import DataSet, Row
from tfod.steps.convert.unpack import is_zip, named_after, unpack
from tfod.words import plural, some
from tfod.workspace import Workspace

_NO_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class ImportOptions:
    """How to import.

    Attributes:
        name: of the session; that of the source when "".
        from_format: see `ConvertOptions`, as for the others.
        images: folder of the images, when they are not with the labels.
        classes: names in the order of their numbers, for YOLO without class names.
        skip_bad_boxes: leave out boxes that are not in their image.
    """

    name: str = ""
    from_format: str = ""
    images: Path | None = None
    classes: tuple[str, ...] = ()
    skip_bad_boxes: bool = False


@dataclass
class ImportResult:
    """What came in.

    Attributes:
        format: of the source; "" for photos without labels.
        images: folder -> number of images.
        boxes: how many.
        classes: class name -> number of boxes.
        notes: what was decided, changed or left out.
        lost: what XML does not hold -> how many.
        suggested: images whose boxes a model found, which no person has gone through.
        labelled: whether there are labels of a person.
    """

    format: str = ""
    images: dict[Path, int] = field(default_factory=dict)
    boxes: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    lost: dict[str, int] = field(default_factory=dict)
    suggested: int = 0

    @property
    def labelled(self) -> bool:
        """Whether there are labels of a person."""
        return bool(self.format) and self.suggested < sum(self.images.values())


def import_data(
    workspace: Workspace,
    source: Path,
    options: ImportOptions = ImportOptions(),
    progress: Progress = SILENT,
) -> ImportResult:
    """Bring a data set into the workspace.

    Args:
        source: folder, file of labels, or ZIP.
        options: all else.
        progress: reports each image.

    Raises:
        UserError: it is there already, or cannot be read; then nothing is written.
    """
    _check_source(workspace, source)
    name = _session_name(source, options.name)
    with TemporaryDirectory(prefix="tfod-") as scratch, named_after(source, Path(scratch)):
        if is_zip(source):
            source = unpack(source, Path(scratch), progress)
        try:
            return _labelled(workspace, source, name, options, progress)
        except UserError as error:
            if error.codes != ["no-labels"] or options.from_format or not source.is_dir():
                raise
            photos = files_below(source, IMAGE_SUFFIXES)
            if not photos:
                raise
        result = _photos(workspace, photos, name, progress)
        result.notes += _left(source, photos)
        return result


def _check_source(workspace: Workspace, source: Path) -> None:
    if not source.exists():
        what = "file or folder not found"
        raise refusal("not-found", source, what, remedy=Remedy.CHECK_PATH)
    if is_inside(source, workspace.images):
        here = (source if source.is_dir() else source.parent).as_posix()
        remedy = Remedy.RUN(step="convert", source=here, target=here, keep_existing=True)
        raise refusal("already-imported", source, "in the workspace already", remedy=remedy)


def _session_name(source: Path, given: str) -> str:
    """The name of the session: that which was given, else that of the source.

    Raises:
        UserError: it cannot be the name of a session.
    """
    if given:
        is_name = not _NO_NAME.search(given) and given.strip(".")
        if not is_name or without_year(given) in PART_WORDS:
            got, expected = given, f"letters, digits, - and _, and not {', '.join(PARTS)}"
            what = "cannot be the name of a session"
            raise refusal("session-name", None, what, setting="name", expected=expected, got=got)
        return given
    path = source.resolve()
    name = _NO_NAME.sub("_", path.stem if path.is_file() else path.name).strip("._") or "imported"
    return f"{name}_set" if without_year(name) in PART_WORDS else name


def _labelled(
    workspace: Workspace, source: Path, name: str, options: ImportOptions, progress: Progress
) -> ImportResult:
    decided: list[str] = []
    suggested: list[Row] = []

    def choose(data: DataSet) -> Path:
        parts = [part for part in data.parts if part]
        suggested.extend(row for row in data.rows if row.by_model)
        is_split = "train" in parts and len(parts) > 1 and "" not in data.parts
        if is_split and not options.name and not _has_photos(workspace):
            decided.append(f"the split of the data set is kept: {', '.join(parts)}")
            return workspace.images
        if parts:
            why = "a name was given" if options.name else "there are photos here already"
            why = why if is_split else "it is not a whole one"
            decided.append(f"the split of the data set ({', '.join(parts)}) is not kept: {why}")
            for row in data.rows:
                row.part = ""
        if workspace.images.is_dir() and find_folders(workspace.images).split_by_hand:
            decided.append(
                "a split made by hand is used as it is, and a session is no part of it: "
                "move its photos into the parts to train on them"
            )
        return _new_session(workspace, name)

    wanted = ConvertOptions(
        from_format=options.from_format,
        to_format="voc",
        images=options.images,
        classes=options.classes,
        take=COPY,
        skip_bad_boxes=options.skip_bad_boxes,
    )
    result = convert(source, workspace.images, wanted, progress, choose)
    (folder,) = result.files
    return ImportResult(
        result.source_format,
        {folder / part: count for part, count in result.images.items()},
        result.boxes,
        result.classes,
        [*decided, *result.notes],
        {what: count for what, count in result.lost.items() if what != CLASS_NUMBERS},
        len(suggested),
    )


def _has_photos(workspace: Workspace) -> bool:
    return workspace.images.is_dir() and find_folders(workspace.images).has_images


def _new_session(workspace: Workspace, name: str) -> Path:
    folder = workspace.images / name
    if folder.exists() and any(folder.iterdir()):
        what, remedy = (
            "already exists; nothing was written",
            Remedy.SET(setting="name", value="NAME"),
        )
        raise refusal("already-exists", folder, what, remedy=remedy)
    return folder


def _left(source: Path, photos: list[Path]) -> list[str]:
    """Name what lies beside photos that have no labels: these may be labels of a kind unread."""
    others = [file for file in files_below(source) if file not in set(photos)]
    if not others:
        return []
    names = some([file.relative_to(source).as_posix() for file in others])
    return [f"left out: {names}; docs/layouts.md lists the formats of labels that are read"]


def _photos(
    workspace: Workspace, photos: list[Path], name: str, progress: Progress
) -> ImportResult:
    """Copy photos that have no labels into a session."""
    folder = _new_session(workspace, name)
    data = DataSet([Row(path, "", path) for path in photos])
    problems: list[Problem] = []
    for row in progress.track(data.rows, "checking"):
        try:
            row.measure()
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(*problems, heading="problems with the images, nothing was written")
    place_rows(data, Target("voc", folder, ""), COPY)
    with added_files(folder, [row.place for row in data.rows], overwrite=False) as temporary:
        take_images(data.rows, COPY, temporary, progress)
    notes = [f"{plural(len(photos), 'photo')} without labels", *data.notes]
    return ImportResult(images={folder: len(photos)}, notes=notes)
