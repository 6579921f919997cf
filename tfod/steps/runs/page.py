"""The comparison of models as one HTML file: figures, curves, differences, and each training.

Everything is inside the file; it needs no script and no network.
"""

import json
from collections.abc import Sequence
from html import escape
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from tfod.files import whole_file
from tfod.steps.runs.compare import Difference

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tfod.steps.runs.runs import Run

HEADINGS = {"result": "Figures", "training": "Training", "data": "Data", "config": "Settings"}


def write_page(
    path: Path, runs: Sequence["Run"], differences: Sequence[Difference], figure: "Figure"
) -> None:
    """Write the page, whole or not at all.

    Raises:
        UserError: it cannot be written.
    """
    title = escape(" and ".join(run.name for run in runs))
    css = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    svg = StringIO()
    figure.savefig(svg, format="svg")
    chart = svg.getvalue()[svg.getvalue().index("<svg") :]
    tables = [
        f"<h2>{HEADINGS[group]}</h2>{_table([run.name for run in runs], list(rows))}"
        for group, rows in groupby(differences, key=lambda one: one.group)
    ]
    text = "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{title}</title><style>{css}</style></head><body><h1>{title}</h1>",
            tables[0],
            f"<figure>{chart}</figure>",
            *tables[1:],
            "<p class=soft>What is the same in all of them is left out.</p>",
            "<h2>Every training, as run.json has it</h2>",
            *(_sessions(run) for run in runs),
            "</body></html>\n",
        ]
    )
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="replace")


def _table(names: Sequence[str], rows: Sequence[Difference]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *names))
    lines = [
        "".join(f"<td>{escape(value)}</td>" for value in (row.what, *row.values)) for row in rows
    ]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _sessions(run: "Run") -> str:
    text = escape(json.dumps(run.sessions, indent=2)) if run.sessions else "none"
    return f"<details><summary>{escape(run.name)}</summary><pre>{text}</pre></details>"
