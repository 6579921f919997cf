"""Looking for what is wrong with the data: `tfod check`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tfod import workspace as paths
from tfod.cli.app import Json, app, model_folder, workspace
from tfod.cli.next import after_records
from tfod.errors import UserError
from tfod.terminal import finish, plain, quoted

# what another `tfod split` puts right
BEHIND = ("part-empty", "split-outdated", "split-lacks-photos", "split-keeps-photos")
# what drawing boxes puts right
UNLABELLED = ("xml-missing", "suggestion-unchecked")


@app.command()
def check(
    folder: Annotated[
        Path, typer.Argument(help="Of sessions, of train/ and test/, or of images.")
    ] = paths.IMAGES,
    model: Annotated[
        str | None, typer.Option(help="Also check what fits this model: in workspace/models.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="The same, for a pipeline.config anywhere.")
    ] = None,
    label_map: Annotated[
        Path | None, typer.Option(help="The classes there should be; found by itself if usual.")
    ] = None,
    records: Annotated[
        list[Path] | None,
        typer.Option(help="Compare this record file with the images; repeatable."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Read XML and headers of images only.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit code 3 for warnings too, not only for errors.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Also write a report with pictures, one HTML file.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what has one answer, with a backup; then check.")
    ] = False,
    copy: Annotated[
        Path | None, typer.Option(help="With --fix: repair a copy, made in this new folder.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look for what would crash the training, or let it learn garbage in silence."""
    from rich.console import Console

    from tfod.steps.check.check import check as run
    from tfod.steps.check.check import find_label_map
    from tfod.steps.check.table import lines, summary, table

    if model is not None and config is not None:
        raise UserError("--model and --config: both name a config. Give one of them.")
    if copy is not None and not fix:
        raise UserError("--copy: is for --fix. Give both, or neither.")
    if html is not None and html.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--html {html}: is no page. Give a name that ends in .html.")
    if model is not None:
        config = model_folder(model) / "pipeline.config"
    wrote: list[Path] = []
    if fix:
        label_map = label_map or find_label_map(folder, config)
        fixed = _fix(folder, copy, label_map, as_json)
        wrote += [path for path in (fixed.backup, fixed.copy) if path]
        folder = copy or folder
    report, dataset = run(
        folder, quick=quick, label_map=label_map, config=config, records=records or None
    )
    if html is not None:
        _write_page(html, report, dataset)
        wrote.append(html)
    console = Console()
    told = lines(report)
    if console.is_terminal and not as_json and report.findings:
        console.print(table(report))
        told = [summary(report)]
    figures = plain(report)
    if fix:
        figures["fixed"] = plain(fixed)
    failed = bool(report.count("error") or (strict and report.count("warning")))
    then = _next(report, dataset.records, fixed=fix, failed=failed)
    finish(figures, as_json=as_json, lines=told, wrote=wrote, then=then)
    if failed:
        raise typer.Exit(3)


def _fix(folder: Path, copy: Path | None, label_map: Path | None, as_json: bool) -> Any:
    """Repair the data, and say what was done and what was not."""
    from tfod.labels import read_label_map
    from tfod.steps.check.check import read_usable
    from tfod.steps.check.fix.fix import fix, fix_into

    labels = read_usable(read_label_map, label_map)
    result = fix(folder, labels) if copy is None else fix_into(folder, copy, labels)
    if not as_json:
        for change in result.changes:
            print(f"fixed: {change}")
        for change in result.left:
            print(f"left:  {change}")
        if not result.changes:
            print("fixed: nothing, there was nothing to repair by itself")
    return result


def _write_page(path: Path, report: Any, dataset: Any) -> None:
    from tfod.steps.check.page import write_page
    from tfod.steps.check.training import image_size

    photos = [photo for photo in dataset.own if photo.example]
    examples = [(photo.part, photo.example) for photo in photos]
    size = image_size(dataset)
    network_px = min(size) if size else None
    write_page(path, report.folder, examples, report.findings, report.images, network_px)


def _next(report: Any, records: list[Path], *, fixed: bool, failed: bool) -> str:
    """The command that follows: repair, label, check again, or go on."""
    folder = report.folder
    where = [] if folder == paths.IMAGES else [folder.as_posix()]
    elsewhere = ["--images", *where] if where and folder.parent != paths.IMAGES else []
    names = {finding.check for finding in report.findings}
    bad = {finding.check: finding for finding in report.findings if finding.severity == "error"}
    if not fixed and any("--fix" in finding.remedy for finding in bad.values()):
        return quoted("tfod", "check", *where, "--fix")
    if "nothing-labelled" in bad:
        session = bad["nothing-labelled"].places[0].path.parent.as_posix()
        return quoted("tfod", "label", *([session] if where else []))
    if any(check not in BEHIND and not check.startswith("record-") for check in bad):
        return quoted("tfod", "check", *where)
    if failed and not bad and not where and names & set(UNLABELLED):
        return "tfod label"
    is_split = elsewhere or not where  # a session is not, its folder may be
    if names & set(BEHIND) or not (is_split and set(report.parts) >= {"train", "test"}):
        return quoted("tfod", "split", *elsewhere)
    if _are_current(records, report, names):
        return after_records(workspace())
    return quoted("tfod", "records", *elsewhere)


def _are_current(records: list[Path], report: Any, names: set[str]) -> bool:
    """Whether the records hold what the images and XML do."""
    from tfod.data.parts import PARTS

    recorded = {path.name.partition(".")[0] for path in records}
    told = any(name.startswith("record-") for name in names)
    return recorded >= set(PARTS) & report.parts.keys() and not told
