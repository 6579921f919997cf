"""From labels to records: import_data, check, split, records, convert."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfod.api.settings import PRINTED, Place, optional_path, place, several
from tfod.workspace import Workspace

if TYPE_CHECKING:
    from tfod.steps.check.check import CheckOptions
    from tfod.steps.check.report import Report
    from tfod.steps.convert.convert import ConvertResult
    from tfod.steps.import_data.import_data import ImportResult
    from tfod.steps.records.records import PartsResult
    from tfod.steps.split.split import SplitResult


def check(
    folder: str | Path | None = None,
    *,
    model: str | None = None,
    config: str | Path | None = None,
    label_map: str | Path | None = None,
    records: Iterable[str | Path] = (),
    quick: bool = False,
    html: str | Path | None = None,
    fix: bool = False,
    copy: str | Path | None = None,
    everything: bool = False,
    workspace: Place = ".",
) -> "Report":
    """Find what would crash the training, or quietly teach it garbage.

    Args:
        folder: of sessions, of train/ and test/, or of images; None: workspace/images.
        model: also check against the config of this model.
        config: also check against this pipeline.config.
        label_map: label map to check against; None: found in the usual places.
        records: compare these record files with the images.
        quick: read only XML files and image headers.
        html: also write a report with pictures to this file.
        fix: make a backup and repair what has only one possible fix, then check.
        copy: with `fix`, repair a copy in this new folder instead.
        everything: list also what needs nothing done about it.
        workspace: see `tfod.api`.

    Returns:
        The findings, which are printed too; nothing is raised for them.

    Raises:
        UserError: there is no such folder, or a file that was named cannot be read.
        ValueError: `copy` without `fix`.
    """
    if copy is not None and not fix:
        raise ValueError("check: copies are made only when repairing; set fix=True too")
    from tfod.runtimes.load import find_model
    from tfod.steps.check.check import CheckOptions
    from tfod.steps.check.check import check as run
    from tfod.steps.check.page import write_page
    from tfod.steps.check.table import lines

    here = place(workspace)
    chosen = find_model(here, model) / "pipeline.config" if model else optional_path(config)
    options = CheckOptions(
        optional_path(folder), quick, optional_path(label_map), chosen,
        tuple(map(Path, records)) or None, everything,
    )  # fmt: skip
    if fix:
        options = _repaired(here, options, optional_path(copy))
    report = run(here, options, PRINTED)
    PRINTED.note("\n".join(lines(report)))
    if html is not None:
        write_page(Path(html), report)
    return report


def _repaired(workspace: Workspace, options: "CheckOptions", copy: Path | None) -> "CheckOptions":
    """Repair, say what was done, and give the options of the check that follows."""
    from tfod.steps.check.fix.fix import fix
    from tfod.steps.check.settings import read_settings
    from tfod.steps.check.table import repairs

    folder = options.folder or workspace.images
    settings = read_settings(workspace, folder, options.label_map, options.config)
    done = fix(workspace, folder, copy=copy, label_map=settings.label_map, progress=PRINTED)
    PRINTED.note("\n".join(repairs(done)))
    return replace(options, folder=copy or options.folder, label_map=settings.label_map_path)


def split(
    *,
    test: float | None = None,
    val: float | None = None,
    by: str | None = None,
    images: str | Path | None = None,
    output: str | Path | None = None,
    seed: int | None = None,
    fresh: bool = False,
    workspace: Place = ".",
) -> "SplitResult":
    """Copy the labelled images of all sessions into train/ and test/.

    Args:
        test: share of the images for test; None: as last time, at first 0.1 from 100
            photos on, else 0.2.
        val: share of the images for val; None: as last time, at first 0.1 from 100
            photos on, else 0.
        by: what stays on one side: "burst" (photos that look alike), "session" or "image"; None:
            as last time, at first "burst".
        images: folder of the sessions; None: workspace/images.
        output: where to put train/ and test/; None: the folder of the sessions.
        seed: for shuffling; None: as last time, at first 0.1 from 100
            photos on, else 0.
        fresh: start over: place all photos again.
        workspace: see `tfod.api`.

    Raises:
        UserError: nothing is labelled, or a setting is out of range.
    """
    from tfod.steps.split.split import SplitOptions
    from tfod.steps.split.split import split as run

    options = SplitOptions(
        test=test,
        val=val,
        by=by,
        seed=seed,
        fresh=fresh,
        images_dir=optional_path(images),
        output_dir=optional_path(output),
    )
    return run(place(workspace), options, PRINTED)


def records(
    *,
    images: str | Path | None = None,
    output: str | Path | None = None,
    label_map: str | Path | None = None,
    shards: int = 1,
    csv: bool = False,
    workspace: Place = ".",
) -> "PartsResult":
    """Write train.record, test.record and, if there is a val/, val.record.

    Args:
        images: folder of train/, test/ and perhaps val/; None: workspace/images.
        output: folder of the records; None: annotations.
        label_map: its file; None: label_map.pbtxt in that folder, made if missing.
        shards: files per record.
        csv: also write the boxes as CSV.
        workspace: see `tfod.api`.

    Raises:
        UserError: the data cannot be used; names what, up to 20 at once.
    """
    from tfod.steps.records.records import RecordsOptions, write_parts

    options = RecordsOptions(
        shards=shards,
        images_dir=optional_path(images),
        output_dir=optional_path(output),
        label_map=optional_path(label_map),
        with_csv=csv,
    )
    return write_parts(place(workspace), options, PRINTED)


def import_data(
    source: str | Path,
    *,
    name: str = "",
    from_format: str = "",
    images: str | Path | None = None,
    classes: Sequence[str] = (),
    skip_bad_boxes: bool = False,
    workspace: Place = ".",
) -> "ImportResult":
    """Bring a data set you already have into the workspace; yours stays as it is.

    Args:
        source: folder, file of labels or ZIP, in any layout of docs/layouts.md.
        name: of the session; "": that of the source.
        from_format: "" to detect it.
        images: their folder, if they are not with the labels.
        classes: names in the order of their numbers.
        skip_bad_boxes: skip boxes outside their image.
        workspace: see `tfod.api`.

    Raises:
        UserError: the source cannot be read, or it may be read in more ways than one.
    """
    from tfod.steps.import_data.import_data import ImportOptions
    from tfod.steps.import_data.import_data import import_data as run

    photos = optional_path(images)
    options = ImportOptions(name, from_format, photos, tuple(several(classes)), skip_bad_boxes)
    return run(place(workspace), Path(source), options, PRINTED)


def convert(
    source: str | Path,
    target: str | Path,
    *,
    from_format: str = "",
    to_format: str = "",
    images: str | Path | None = None,
    classes: Sequence[str] = (),
    label_map: str | Path | None = None,
    take: str = "",
    overwrite: bool = False,
    keep_existing: bool = False,
    skip_bad_boxes: bool = False,
) -> "ConvertResult":
    """Convert labels between VOC XML, COCO JSON, YOLO text and CSV.

    Args:
        source: file or folder to read.
        target: file or folder to write.
        from_format: "" to detect it.
        to_format: "" to take it from the ending of the target.
        images: their folder, if they are not with the labels.
        classes: names in the order of their numbers.
        label_map: label map with the class ids; made if it does not exist.
        take: "copy", "link" or "leave" the images; "": copied for VOC and YOLO.
        overwrite: replace existing files.
        keep_existing: leave out images that have labels in the target.
        skip_bad_boxes: skip boxes outside their image.

    Raises:
        UserError: the source cannot be read or not be said in the target's format.
    """
    from tfod.steps.convert.convert import ConvertOptions
    from tfod.steps.convert.convert import convert as run

    options = ConvertOptions(
        from_format=from_format,
        to_format=to_format,
        images=optional_path(images),
        classes=tuple(several(classes)),
        label_map=optional_path(label_map),
        take=take,
        overwrite=overwrite,
        keep_existing=keep_existing,
        skip_bad_boxes=skip_bad_boxes,
    )
    return run(Path(source), Path(target), options, PRINTED)
