"""The comparison of models as one HTML file: figures, curves, differences, and each training.

What a page is: `show/page.py`.
"""

import json
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from tfod.show import page
from tfod.steps.runs.compare import Difference

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tfod.steps.runs.runs import Run

HEADINGS = {"result": "Figures", "training": "Training", "data": "Data", "config": "Settings"}


def write_comparison(
    path: Path, runs: Sequence["Run"], differences: Sequence[Difference], figure: "Figure"
) -> None:
    """Write the page, whole or not at all.

    Raises:
        UserError: it cannot be written.
    """
    names = [run.name for run in runs]
    tables = [
        f"<h2>{HEADINGS[group]}</h2>{_table(names, list(rows))}"
        for group, rows in groupby(differences, key=lambda one: one.group)
    ]
    sections = [
        tables[0],
        page.charts([figure]),
        *tables[1:],
        '<p class="soft">What is the same in all of them is left out.</p>',
        "<h2>Every training, as run.json has it</h2>",
        *(_sessions(run) for run in runs),
    ]
    page.write_page(path, " and ".join(names), sections)


def _table(names: Sequence[str], rows: Sequence[Difference]) -> str:
    cells = ([escape(text) for text in (row.what, *row.values)] for row in rows)
    return page.table(["", *names], cells)


def _sessions(run: "Run") -> str:
    text = escape(json.dumps(run.sessions, indent=2)) if run.sessions else "none"
    pre = f'<div><pre style="white-space: pre-wrap">{text}</pre></div>'
    return f"<details><summary>{escape(run.name)}</summary>{pre}</details>"
