"""The report of `check` as one HTML file: findings with pictures, classes, boxes, photos.

Knows findings and examples, not how anything was found. What a page is: `show/page.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from tfod.data.example import Example
from tfod.remedies import on_the_web
from tfod.show import page
from tfod.show.page import bar, cards, chip, class_colours, inside
from tfod.steps.check.charts import box_table, draw_positions, draw_sizes
from tfod.steps.check.figures import figure, forget_photos
from tfod.steps.check.finding import Finding
from tfod.steps.check.kinds import SEVERITIES
from tfod.steps.check.report import Report
from tfod.steps.check.table import notes, with_headings
from tfod.steps.check.training import image_size
from tfod.words import plural

SHOWN_OF_A_FINDING = 8
SHOWN_PHOTOS = 48
SHOWN_PLACES = 20
MOST_IN_LEGEND = 30


def write_page(path: Path, report: Report) -> None:
    """Write the report into an HTML file, whole or not at all.

    Raises:
        UserError: it cannot be written.
    """
    examples = [(photo.part, example) for photo, example in report.dataset.labelled]
    names = sorted({name for _, example in examples for name in example.names})
    by_image = {one.image_path: one.example for one in report.dataset.own if one.example}
    colours = class_colours(sorted({name for one in by_image.values() for name in one.names}))
    title = f"Check of {report.dataset.folder}"
    sections = [_cards(report, len(examples)), _legend(examples, colours), "<h2>Findings</h2>"]
    for heading, finding in with_headings(report.findings):
        sections += [f"<h3>{escape(heading.rstrip(':'))}</h3>"] if heading else []
        sections.append(_finding(finding, by_image, colours))
    sections += [f'<p class="soft">{escape(note)}</p>' for note in notes(report)]
    if not report.findings:
        sections.append('<p class="good">No problems found: you can train on this data.</p>')
    if names:
        sections += ["<h2>Classes</h2>", _classes(examples, colours)]
        table = box_table(examples)
        network_px = min(image_size(report.dataset) or (0,))
        figures = (draw_sizes(table, network_px), draw_positions(table))
        sections += ["<h2>Boxes</h2>", page.charts(figures)]
    if examples:
        sections += ["<h2>Photos</h2>", _photos(examples, colours)]
    page.write_page(path, title, sections)
    forget_photos()


def _cards(report: Report, labelled: int) -> str:
    """The numbers that say most, side by side."""
    counts = [
        (f"{count:,}", word, "")
        for count, word in (
            (report.images, "images"),
            (labelled, "labelled"),
            (report.boxes, "boxes"),
        )
    ]
    for severity in SEVERITIES[:2]:
        count = report.count(severity)
        word = plural(count, severity).partition(" ")[2]
        counts.append((f"{count:,}", word, severity if count else "good"))
    return cards(counts)


def _legend(examples: Sequence[tuple[str, Example]], colours: Mapping[str, str]) -> str:
    """The colours of the most frequent classes, and how a box in question is drawn."""
    boxes = Counter(name for _, example in examples for name in example.names)
    shown = [name for name, _ in boxes.most_common(MOST_IN_LEGEND)]
    items = [f"<span>{chip(colours[name])}{escape(name)}</span>" for name in shown]
    if len(boxes) > len(shown):
        items.append(f"<span>and {len(boxes) - len(shown):,} more, under Classes</span>")
    if items:
        items.append('<span><i class="chip offender"></i>box in question</span>')
    return inside("legend", "".join(items))


def _finding(finding: Finding, by_image: dict[Path, Example], colours: dict[str, str]) -> str:
    """One finding to unfold: what to do, pictures, then the list of places."""
    head = (
        f'<summary><b class="{finding.severity}">{finding.severity}</b> '
        f'<span class="count">{finding.count:,}</span> {escape(finding.problem.what)} '
        f"<code class=soft>{finding.code}</code></summary>"
    )
    with_image = [p for p in finding.places if p.image is not None or p.path in by_image]
    figures = [
        figure(place.image or place.path, by_image.get(place.image or place.path), colours, place)
        for place in with_image[:SHOWN_OF_A_FINDING]
    ]
    shown = finding.places[:SHOWN_PLACES]
    items = [f"<li><code>{escape(str(place))}</code></li>" for place in shown]
    if finding.count > len(shown):
        items.append(f'<li class="soft">and {finding.count - len(shown):,} more</li>')
    advice = finding.problem.advice
    remedy = f"<p>{escape(on_the_web(advice))}</p>" if advice else ""
    return (
        f"<details{' open' if finding.severity == 'error' else ''}>{head}<div>"
        f"{remedy}{inside('photos', ''.join(figures))}<ul>{''.join(items)}</ul></div></details>"
    )


def _classes(examples: Sequence[tuple[str, Example]], colours: dict[str, str]) -> str:
    """A table of classes: boxes, images, images of each part, and a bar."""
    parts = list(dict.fromkeys(part for part, _ in examples))
    shown_parts = parts if 1 < len(parts) <= 6 else []
    boxes = Counter(name for _, example in examples for name in example.names)
    images = Counter(name for _, example in examples for name in set(example.names))
    of_part = Counter((part, name) for part, example in examples for name in example.names)
    most = max(boxes.values())
    heads = ("class", "boxes", "images", *shown_parts, "")
    rows = []
    for name, count in boxes.most_common():
        cells = [count, images[name], *(of_part[part, name] for part in shown_parts)]
        title = f"{chip(colours[name])}{escape(name)}"
        rows.append((title, *(f"{cell:,}" for cell in cells), bar(count / most, colours[name])))
    return page.table(heads, rows)


def _photos(examples: Sequence[tuple[str, Example]], colours: dict[str, str]) -> str:
    """Photos from the whole data set, evenly, with their boxes."""
    step = max(1, -(-len(examples) // SHOWN_PHOTOS))
    shown = examples[::step]
    note = f"<p class=soft>{len(shown)} of {len(examples):,}, with all their boxes.</p>"
    figures = [figure(example.image_path, example, colours) for _, example in shown]
    return (note if step > 1 else "") + inside("photos", "".join(figures))
