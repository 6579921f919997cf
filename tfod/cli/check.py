"""Looking for what is wrong with the data: `tfod check`."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import Json, app, model_folder, workspace
from tfod.cli.next import after_check
from tfod.cli.terminal import finish
from tfod.errors import refusal
from tfod.plain import plain
from tfod.remedies import Remedy

if TYPE_CHECKING:
    from rich.table import Table

    from tfod.steps.check.check import CheckOptions
    from tfod.steps.check.finding import Finding
    from tfod.steps.check.fix.fix import FixResult
    from tfod.steps.check.report import Report

LISTED_BY = ": `--all` lists them"
COLOURS = {"error": "bold red", "warning": "yellow", "info": "cyan"}


@app.command(epilog="Example: tfod check --html report.html")
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of sessions, of train/ and test/, or of images.",
            show_default="workspace/images",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="Also check against the config of this model in workspace/models."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Also check against this pipeline.config.")
    ] = None,
    label_map: Annotated[
        Path | None,
        typer.Option(help="Label map to check against. Default: found in the usual places."),
    ] = None,
    records: Annotated[
        list[Path] | None,
        typer.Option(help="Compare this record file with the images; repeatable."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Read only XML files and image headers.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with code 3 for warnings too.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Also write a report with pictures to this HTML file.")
    ] = None,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix", help="Make a backup, repair what has only one possible fix, then check."
        ),
    ] = False,
    copy: Annotated[
        Path | None, typer.Option(help="With --fix: repair a copy in this new folder instead.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="List also what needs nothing done about it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find what would crash the training, or quietly teach it garbage."""
    from tfod.cli.bars import TerminalProgress
    from tfod.steps.check.check import CheckOptions
    from tfod.steps.check.check import check as run
    from tfod.steps.check.page import write_page

    if html is not None and html.suffix.lower() not in (".html", ".htm"):
        what, remedy = "not an HTML file name", Remedy.USE(value=f"{html.stem}.html")
        raise refusal("not-html", html, what, setting="html", remedy=remedy)
    if copy is not None and not fix:
        what = "copies are made only when repairing"
        remedy = Remedy.SET(setting="fix", value=True)
        raise refusal("copy-without-fix", setting="copy", what=what, remedy=remedy)
    config = _config(model, config)
    chosen = tuple(records) if records else None
    options = CheckOptions(folder, quick, label_map, config, chosen, everything)
    fixed = None
    if fix:
        fixed, found = _fix(options, copy, as_json)
        options = replace(options, folder=copy or folder, label_map=found)
    report = run(workspace(), options, TerminalProgress())
    wrote = [path for path in (fixed.backup, fixed.copy, fixed.listed) if path] if fixed else []
    if html is not None:
        write_page(html, report)
        wrote.append(html)
    figures = report.as_dict() | ({"fixed": plain(fixed)} if fixed else {})
    failed = bool(report.count("error") or (strict and report.count("warning")))
    then = after_check(workspace(), report, model, repaired=fix, failed=failed)
    lines = [] if as_json else _lines(report)
    finish(figures, as_json=as_json, lines=lines, wrote=wrote, then=then)
    if failed:
        raise typer.Exit(3)


def _config(model: str | None, config: Path | None) -> Path | None:
    """The pipeline.config of a model, or the one that is named."""
    if model is None:
        return config
    if config is not None:
        what, remedy = "two configs given", Remedy.CHOOSE_ONE(settings=["model", "config"])
        raise refusal("two-configs", setting="config", what=what, remedy=remedy)
    return model_folder(model) / "pipeline.config"


def _fix(
    options: "CheckOptions", copy: Path | None, as_json: bool
) -> tuple["FixResult", Path | None]:
    """Repair the data, say what was done and what was not, and name the label map it has now."""
    from tfod.cli.bars import TerminalProgress
    from tfod.steps.check.fix.fix import fix
    from tfod.steps.check.settings import read_settings
    from tfod.steps.check.table import repairs

    folder = options.folder or workspace().images
    settings = read_settings(workspace(), folder, options.label_map, options.config)
    labels, progress = settings.label_map, TerminalProgress()
    result = fix(workspace(), folder, copy=copy, label_map=labels, progress=progress)
    if not as_json:
        for line in repairs(result):
            print(line)
        if not result.changes:
            print("fixed: nothing; no problem here has just one possible fix")
    return result, settings.label_map_path


def _lines(report: "Report") -> list[str]:
    """The findings as lines; on a terminal a table is printed and the end is left."""
    from rich.console import Console

    from tfod.cli.problems import in_terminal
    from tfod.steps.check.kinds import HEADINGS
    from tfod.steps.check.table import lines, notes, summary

    console = Console()
    if not (console.is_terminal and report.findings):
        return lines(report, in_terminal, LISTED_BY)
    widest = max(len(finding.code) for finding in report.findings)
    for heading, findings in groupby(report.findings, lambda finding: HEADINGS[finding.group]):
        console.print(heading, style="bold", end="\n\n")
        console.print(_table(findings, widest))
        console.print()
    return [*notes(report, LISTED_BY), summary(report)]


def _table(findings: "Iterable[Finding]", widest: int) -> "Table":
    """Every finding in a row; the first column takes the widest code of all tables."""
    from rich.table import Table
    from rich.text import Text

    from tfod.cli.problems import in_terminal
    from tfod.steps.check.table import places

    table = Table(
        show_edge=False, pad_edge=False, padding=(0, 2, 1, 0), box=None, show_header=False
    )
    table.add_column(no_wrap=True, min_width=widest)
    table.add_column(justify="right", no_wrap=True, min_width=5)
    table.add_column(overflow="fold")
    for finding in findings:
        name = Text(finding.severity, COLOURS[finding.severity]).append(
            f"\n{finding.code}", "default"
        )
        text = Text(finding.problem.what)
        for place in places(finding):
            text.append(f"\n{place}", "dim")
        if advice := finding.problem.advice:
            text.append(f"\n{in_terminal(advice)}", "italic")
        table.add_row(name, f"{finding.count:,}", text)
    return table
