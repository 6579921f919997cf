"""What was found, as plain lines."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from tfod.remedies import Advice, in_python
from tfod.steps.check.finding import Change, Finding
from tfod.steps.check.fix.fix import FixResult
from tfod.steps.check.kinds import HEADINGS
from tfod.steps.check.report import Report
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


def lines(
    report: Report, say: Callable[[Advice], str] = in_python, listed_by: str = ""
) -> list[str]:
    """Every finding in a few lines, what stops the records first, then the summary.

    Args:
        report: of `check`.
        say: puts a remedy into words.
        listed_by: as in `notes`.
    """
    text: list[str] = []
    for heading, finding in with_headings(report.findings):
        text += [heading] if heading else []
        text.append(f"{finding.severity}: {finding.code} ({finding.count}): {finding.problem.what}")
        text += [f"    {place}" for place in places(finding)]
        if advice := finding.problem.advice:
            text.append(f"    {say(advice)}")
    return [*text, *notes(report, listed_by), summary(report)]


def with_headings(findings: Iterable[Finding]) -> Iterator[tuple[str, Finding]]:
    """Each finding with the heading that goes before it, or ""."""
    before = ""
    for finding in findings:
        heading = HEADINGS[finding.group]
        yield ("" if heading == before else heading), finding
        before = heading


def notes(report: Report, listed_by: str = "") -> list[str]:
    """What was accepted and what was left out, if anything was, in a line each.

    Args:
        report: of `check`.
        listed_by: what to do to see the rest, if that can be said here.
    """
    counts = [f"{code} {count:,}" for code, count in report.accepted.items()]
    text = [f"accepted in check.toml: {', '.join(counts)}"] if counts else []
    if quiet := sum(report.quiet.values()):
        need = "needs" if quiet == 1 else "need"
        text.append(f"{plural(quiet, 'more place')} {need} nothing done{listed_by}")
    return text


def places(finding: Finding) -> list[str]:
    """The first places of a finding, and how many more there are."""
    return _first(finding.places, finding.count)


def _first(found: Sequence[object], count: int) -> list[str]:
    shown = [str(one) for one in found[:SHOWN_PLACES]]
    left = count - len(shown)
    return [*shown, f"... and {left:,} more"] if shown and left > 0 else shown


def repairs(result: FixResult) -> list[str]:
    """What was repaired and what was left, by kind: how often, and where first."""
    text = []
    for word, changes in (("fixed", result.changes), ("left", result.left)):
        by_code: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            by_code[change.code].append(change)
        for code, of_code in by_code.items():
            text.append(f"{word}: {code} ({len(of_code):,})")
            text += [f"    {line}" for line in _first(of_code, len(of_code))]
    return text
