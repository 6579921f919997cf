"""The report of `check` as one HTML file: findings with pictures, classes, boxes, photos.

Everything is inside the file, so it can be sent as it is; it needs no script and no network. Knows
findings and examples, not how anything was found.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from functools import cache
from html import escape
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from tfod.data.example import Example
from tfod.data.images import read_image
from tfod.errors import UserError
from tfod.files import whole_file
from tfod.remedies import on_the_web
from tfod.steps.check.charts import box_table, class_colours, draw_positions, draw_sizes
from tfod.steps.check.check import Report
from tfod.steps.check.finding import Finding, Place
from tfod.steps.check.kinds import SEVERITIES
from tfod.steps.check.training import image_size
from tfod.words import plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THUMBNAIL_PX = 360  # of the longer side
JPEG_QUALITY = 80
SHOWN_OF_A_FINDING = 8
SHOWN_PHOTOS = 48
SHOWN_PLACES = 20
OFFENDER = "#ff1744"
LEAST_SIDE = 0.002  # of the photo: a browser draws no rectangle without area


def write_page(path: Path, report: Report) -> None:
    """Write the report into an HTML file, whole or not at all.

    Raises:
        UserError: it cannot be written.
    """
    examples = [(photo.part, photo.example) for photo in report.dataset.own if photo.example]
    names = sorted({name for _, example in examples for name in example.names})
    colours = class_colours(names)
    by_image = {example.image_path: example for _, example in examples}
    title = f"Check of {report.dataset.folder}"
    sections = [
        f"<h1>{escape(title)}</h1>",
        _cards(report, len(examples)),
        "<h2>Findings</h2>",
        *(_finding(finding, by_image, colours) for finding in report.findings),
    ]
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
    _thumbnail.cache_clear()


def _cards(report: Report, labelled: int) -> str:
    """The numbers that say most, side by side."""
    cards = [(report.images, "images", ""), (labelled, "labelled", ""), (report.boxes, "boxes", "")]
    for severity in SEVERITIES[:2]:
        count = report.count(severity)
        word = plural(count, severity).partition(" ")[2]
        cards.append((count, word, severity if count else "good"))
    divs = (f'<div><b class="{kind}">{count:,}</b>{word}</div>' for count, word, kind in cards)
    return _inside("cards", "".join(divs))


def _finding(finding: Finding, by_image: dict[Path, Example], colours: dict[str, str]) -> str:
    """One finding to unfold: what to do, pictures, then the list of places."""
    head = (
        f'<summary><b class="{finding.severity}">{finding.severity}</b> '
        f'<span class="count">{finding.count:,}</span> {escape(finding.problem.what)} '
        f"<code class=soft>{finding.code}</code></summary>"
    )
    with_image = [p for p in finding.places if p.image is not None or p.path in by_image]
    figures = [
        _figure(place.image or place.path, by_image.get(place.image or place.path), colours, place)
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
        rows.append(
            f"<td>{escape(name)}</td>{''.join(f'<td>{cell:,}</td>' for cell in cells)}"
            f'<td class="wide">{bar}</span></td>'
        )
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _photos(examples: Sequence[tuple[str, Example]], colours: dict[str, str]) -> str:
    """Photos from the whole data set, evenly, with their boxes."""
    step = max(1, -(-len(examples) // SHOWN_PHOTOS))
    shown = examples[::step]
    note = f"<p class=soft>{len(shown)} of {len(examples):,}, with all their boxes.</p>"
    figures = [_figure(example.image_path, example, colours) for _, example in shown]
    return (note if step > 1 else "") + _inside("photos", "".join(figures))


def _figure(
    path: Path, example: Example | None, colours: dict[str, str], place: Place | None = None
) -> str:
    """A photo with its boxes in the colours of their classes; those of a place stand out in red."""
    pairs = zip(example.names, example.boxes.tolist(), strict=True) if example else ()
    rects = [_rect(box, colours[name], name) for name, box in pairs]
    if place is not None and place.boxes is not None:
        for box in place.boxes.tolist():
            rects += [_rect(box, "white", ""), _rect(box, OFFENDER, place.detail, "offender")]
    caption = f"{path.name}: {place.detail}" if place and place.detail else path.name
    shown = _inside("missing", "cannot be shown")
    if picture := _thumbnail(path):
        shown = (
            f'<span class="photo"><img src="{picture}" alt="">'
            f'<svg viewBox="0 0 1 1" preserveAspectRatio="none">{"".join(rects)}</svg></span>'
        )
    return f"<figure>{shown}<figcaption>{escape(caption)}</figcaption></figure>"


def _rect(box: Sequence[float], colour: str, title: str, kind: str = "") -> str:
    if not np.isfinite(box).all():
        return ""
    ymin, xmin, ymax, xmax = np.clip(box, 0, 1)
    height, width = max(abs(ymax - ymin), LEAST_SIDE), max(abs(xmax - xmin), LEAST_SIDE)
    return (
        f'<rect class="{kind}" x="{min(xmin, xmax):.5f}" y="{min(ymin, ymax):.5f}" '
        f'width="{width:.5f}" height="{height:.5f}" stroke="{colour}">'
        f"<title>{escape(title)}</title></rect>"
    )


@cache
def _thumbnail(path: Path) -> str:
    """The image made small as a data URL; "" when it cannot be read."""
    try:
        image = read_image(path)
    except UserError:
        return ""
    height, width = image.shape[:2]
    scale = min(1, THUMBNAIL_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    buffer = BytesIO()
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    Image.fromarray(small).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return f"data:image/jpeg;base64,{b64encode(buffer.getvalue()).decode()}"


def _svg(figure: "Figure") -> str:
    """A matplotlib figure as an <svg> element."""
    text = StringIO()
    figure.savefig(text, format="svg")
    return text.getvalue()[text.getvalue().index("<svg") :]


def _inside(kind: str, text: str) -> str:
    return f'<div class="{kind}">{text}</div>' if text else ""
