"""What was found, as text: a table on a terminal, plain lines in a file or a pipe."""

from rich.table import Table
from rich.text import Text

from tfod.errors import plural
from tfod.steps.check.check import Report
from tfod.steps.check.finding import Finding

SHOWN_PLACES = 3
SHOWN_CLASSES = 8
COLOURS = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def summary(report: Report) -> str:
    """One line: how much there is, and how much of it is wrong."""
    shown = [f"{name} {count:,}" for name, count in report.classes.items()]
    if len(shown) > SHOWN_CLASSES:
        shown[SHOWN_CLASSES:] = [f"{len(shown) - SHOWN_CLASSES} more"]
    classes = f" ({', '.join(shown)})" if shown else ""
    counts = [plural(report.count(kind), kind) for kind in ("error", "warning")]
    quick = "" if report.decoded else "; quick: images were not decoded"
    return (
        f"{plural(report.images, 'image')}, {plural(report.boxes, 'box')}{classes}; "
        f"{', '.join(counts)}{quick}"
    )


def lines(report: Report) -> list[str]:
    """Every finding in a few lines, errors first, then the summary."""
    told = []
    for finding in report.findings:
        told.append(f"{finding.severity}: {finding.check} ({finding.count}): {finding.what}")
        told += [f"    {place}" for place in _places(finding)]
        told.append(f"    {finding.remedy}")
    return [*told, summary(report)]


def table(report: Report) -> Table:
    """Every finding in a row, errors first."""
    made = Table(show_edge=False, pad_edge=False, padding=(0, 2, 1, 0), box=None, show_header=False)
    made.add_column(no_wrap=True)
    made.add_column(justify="right", no_wrap=True)
    made.add_column(overflow="fold")
    for finding in report.findings:
        name = Text(finding.severity, COLOURS[finding.severity])
        text = Text(f"{finding.what}\n")
        for place in _places(finding):
            text.append(f"{place}\n", "dim")
        text.append(finding.remedy, "italic")
        made.add_row(name.append(f"\n{finding.check}", "default"), str(finding.count), text)
    return made


def _places(finding: Finding) -> list[str]:
    shown = [str(place) for place in finding.places[:SHOWN_PLACES]]
    left = finding.count - len(shown)
    return [*shown, f"... and {left} more"] if shown and left > 0 else shown
