"""A report as one HTML file: its frame, and what reports are made of.

Everything is inside the file, so it can be sent as it is; it needs no script and no network. Knows
nothing of what is reported. Photos with boxes on a page: `page_photo.py`.
"""

from collections.abc import Iterable, Sequence
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from tfod.files import whole_file
from tfod.show.colours import class_colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_page(path: Path, title: str, sections: Iterable[str]) -> None:
    """Write a page of these sections, HTML each, whole or not at all.

    Raises:
        UserError: it cannot be written.
    """
    css = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{css}</style></head><body>"
        f"<h1>{escape(title)}</h1>"
    )
    with whole_file(path) as temporary:
        text = "\n".join([head, *sections, "</body></html>\n"])
        # names of files need not be valid Unicode
        temporary.write_text(text, encoding="utf-8", errors="replace")


def cards(numbers: Iterable[tuple[str, str, str]]) -> str:
    """The numbers that say most, side by side: (number, word, kind: "", "good", "error" ...)."""
    divs = (f'<div><b class="{kind}">{number}</b>{word}</div>' for number, word, kind in numbers)
    return inside("cards", "".join(divs))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the heads are text, the cells HTML."""
    lines = ["".join(f"<th>{escape(head)}</th>" for head in heads)]
    lines += ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="table"><table>{body}</table></div>'


def bar(share: float, colour: str) -> str:
    """A bar as long as a share, 0..1, of its cell."""
    width = min(max(share, 0), 1)
    return f'<span class="bar" style="width:{width:.1%};background:{colour}"></span>'


def chip(colour: str) -> str:
    """A small square of a colour."""
    return f'<i class="chip" style="background:{colour}"></i>'


def charts(figures: Iterable["Figure"]) -> str:
    """Charts of matplotlib side by side."""
    return inside("charts", "".join(f"<figure>{_svg(figure)}</figure>" for figure in figures))


def inside(kind: str, text: str) -> str:
    """HTML in a div of a class; nothing when there is none."""
    return f'<div class="{kind}">{text}</div>' if text else ""


def class_colours(names: Sequence[str]) -> dict[str, str]:
    """Give each class name its colour as "#rrggbb", the one it has in all pictures."""
    return {name: "#{:02x}{:02x}{:02x}".format(*class_colour(i)) for i, name in enumerate(names)}


def _svg(figure: "Figure") -> str:
    """A matplotlib figure as an <svg> element."""
    text = StringIO()
    figure.savefig(text, format="svg")
    return text.getvalue()[text.getvalue().index("<svg") :]
