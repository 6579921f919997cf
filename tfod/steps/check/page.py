"""The report of `check` as one HTML file: findings with pictures, classes, boxes, photos.

Everything is inside the file, so it can be sent as it is; it needs no script and no network. Knows
findings and examples, not how anything was found.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from tfod.data.example import Example
from tfod.files import whole_file
from tfod.remedies import on_the_web
from tfod.steps.check.charts import box_table, class_colours, draw_positions, draw_sizes
from tfod.steps.check.figures import figure, forget_photos
from tfod.steps.check.finding import Finding
from tfod.steps.check.kinds import SEVERITIES
from tfod.steps.check.report import Report
from tfod.steps.check.table import notes, with_headings
from tfod.steps.check.training import image_size
from tfod.words import plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    sections = [
        f"<h1>{escape(title)}</h1>",
        _cards(report, len(examples)),
        _legend(examples, colours),
        "<h2>Findings</h2>",
    ]
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
        charts = (draw_sizes(table, network_px), draw_positions(table))
        figures = "".join(f"<figure>{_svg(chart)}</figure>" for chart in charts)
        sections += ["<h2>Boxes</h2>", f'<div class="charts">{figures}</div>']
    if examples:
        sections += ["<h2>Photos</h2>", _photos(examples, colours)]
    css = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{css}</style></head><body>"
    )
    with whole_file(path) as temporary:
        text = "\n".join([head, *sections, "</body></html>\n"])
        # names of files need not be valid Unicode
        temporary.write_text(text, encoding="utf-8", errors="replace")
    forget_photos()


def _cards(report: Report, labelled: int) -> str:
    """The numbers that say most, side by side."""
    cards = [(report.images, "images", ""), (labelled, "labelled", ""), (report.boxes, "boxes", "")]
    for severity in SEVERITIES[:2]:
        count = report.count(severity)
        word = plural(count, severity).partition(" ")[2]
        cards.append((count, word, severity if count else "good"))
    divs = (f'<div><b class="{kind}">{count:,}</b>{word}</div>' for count, word, kind in cards)
    return _inside("cards", "".join(divs))


def _legend(examples: Sequence[tuple[str, Example]], colours: Mapping[str, str]) -> str:
    """The colours of the most frequent classes, and how a box in question is drawn."""
    boxes = Counter(name for _, example in examples for name in example.names)
    shown = [name for name, _ in boxes.most_common(MOST_IN_LEGEND)]
    items = [f"<span>{_chip(colours[name])}{escape(name)}</span>" for name in shown]
    if len(boxes) > len(shown):
        items.append(f"<span>and {len(boxes) - len(shown):,} more, under Classes</span>")
    if items:
        items.append('<span><i class="chip offender"></i>box in question</span>')
    return _inside("legend", "".join(items))


def _chip(colour: str) -> str:
    return f'<i class="chip" style="background:{colour}"></i>'


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
        f"{remedy}{_inside('photos', ''.join(figures))}<ul>{''.join(items)}</ul></div></details>"
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
    rows = ["".join(f"<th>{escape(head)}</th>" for head in heads)]
    for name, count in boxes.most_common():
        bar = f'<span class="bar" style="width:{count / most:.1%};background:{colours[name]}">'
        cells = [count, images[name], *(of_part[part, name] for part in shown_parts)]
        numbers = "".join(f"<td>{cell:,}</td>" for cell in cells)
        title = f"<td>{_chip(colours[name])}{escape(name)}</td>"
        rows.append(f'{title}{numbers}<td class="wide">{bar}</span></td>')
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _photos(examples: Sequence[tuple[str, Example]], colours: dict[str, str]) -> str:
    """Photos from the whole data set, evenly, with their boxes."""
    step = max(1, -(-len(examples) // SHOWN_PHOTOS))
    shown = examples[::step]
    note = f"<p class=soft>{len(shown)} of {len(examples):,}, with all their boxes.</p>"
    figures = [figure(example.image_path, example, colours) for _, example in shown]
    return (note if step > 1 else "") + _inside("photos", "".join(figures))


def _svg(figure: "Figure") -> str:
    """A matplotlib figure as an <svg> element."""
    text = StringIO()
    figure.savefig(text, format="svg")
    return text.getvalue()[text.getvalue().index("<svg") :]


def _inside(kind: str, text: str) -> str:
    return f'<div class="{kind}">{text}</div>' if text else ""
