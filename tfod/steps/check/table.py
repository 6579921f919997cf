"""What was found, as plain lines."""

from collections.abc import Callable

from tfod.remedies import Advice, in_python
from tfod.steps.check.check import Report
from tfod.steps.check.finding import Finding
from tfod.words import plural, some

SHOWN_PLACES = 3
SHOWN_CLASSES = 8


def summary(report: Report) -> str:
    """One line: how much there is, and how much of it is wrong."""
    classes = [f"{name} {count:,}" for name, count in report.classes.items()]
    in_classes = f" ({some(classes, SHOWN_CLASSES)})" if classes else ""
    counts = [plural(report.count(kind), kind) for kind in ("error", "warning")]
    quick = "" if report.dataset.decoded else "; quick: images were not decoded"
    return (
        f"{plural(report.images, 'image')}, {plural(report.boxes, 'box')}{in_classes}; "
        f"{', '.join(counts)}{quick}"
    )


def lines(report: Report, say: Callable[[Advice], str] = in_python) -> list[str]:
    """Every finding in a few lines, errors first, then the summary.

    Args:
        report: of `check`.
        say: puts a remedy into words.
    """
    text = []
    for finding in report.findings:
        text.append(f"{finding.severity}: {finding.code} ({finding.count}): {finding.problem.what}")
        text += [f"    {place}" for place in places(finding)]
        if advice := finding.problem.advice:
            text.append(f"    {say(advice)}")
    return [*text, summary(report)]


def places(finding: Finding) -> list[str]:
    """The first places of a finding, and how many more there are."""
    shown = [str(place) for place in finding.places[:SHOWN_PLACES]]
    left = finding.count - len(shown)
    return [*shown, f"... and {left:,} more"] if shown and left > 0 else shown
