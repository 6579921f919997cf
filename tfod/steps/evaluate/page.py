"""The report of `evaluate` as one HTML file: the answer, then where the model is wrong and why.

Knows results, not how anything was measured. What a page is: `show/page.py`.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path

import numpy as np

from tfod.show import page
from tfod.show.page import bar, chip, class_colours, inside
from tfod.show.page_photo import WHOLE, offender, photo, picture, rect
from tfod.steps.evaluate.charts import draw_f1, draw_precision, draw_scores
from tfod.steps.evaluate.coco import FIGURES, PRECISION
from tfod.steps.evaluate.details import MISSED, NOTHING, Details
from tfod.steps.evaluate.errors import IN_WORDS, Kind
from tfod.steps.evaluate.mistakes import SIZES, PhotoMistakes
from tfod.steps.evaluate.report import EvaluateResult
from tfod.words import figure as shown

SHOWN_PHOTOS = 24
LEAST_SHOWN = 0.0005  # of the AP
MOST_IN_TABLE = 12  # classes that are not folded
MOST_IN_MATRIX = 12  # classes
MOST_CONFUSED = 15
ACCENT = "#33658a"
ADVICE = {
    Kind.MISSED: "label more of these objects; small ones need a larger image size",
    Kind.WRONG_CLASS: "check the labels of both classes; add photos of the rarer one",
    Kind.PLACE: "draw the boxes alike, close to the object; train longer",
    Kind.BOTH: "as for the two above",
    Kind.DOUBLE: "a lower iou_threshold in post_processing",
    Kind.BACKGROUND: "add photos of what is mistaken for an object, without boxes",
}


def write_page(
    path: Path, result: EvaluateResult, details: Details, images: Mapping[int, np.ndarray]
) -> None:
    """Write the report into an HTML file, whole or not at all.

    Args:
        path: of the file.
        result: the answer and the figures.
        details: what goes wrong.
        images: index -> uint8 [H, W, 3], RGB, of the photos to show.

    Raises:
        UserError: it cannot be written.
    """
    colours = class_colours(details.names)
    model = result.page.resolve().parents[1].name
    sections = [
        *(f"<p>{escape(said)}</p>" for said in result.answer.sentences()),
        *(f'<p class="warning">{escape(said)}</p>' for said in result.warnings),
        _cards(result),
        "<h2>Classes</h2>",
        _classes(result, details, colours),
        "<h2>What goes wrong</h2>",
        _mistakes(details),
        *_confusion(details),
        "<h2>Sizes</h2>",
        _sizes(result, details),
        "<h2>Scores</h2>",
        page.charts((draw_scores(details), draw_f1(details), draw_precision(details))),
        *_photos(details, images, colours),
        *_twins(details),
        _figures(result),
    ]
    page.write_page(path, f"Evaluation of {model}, step {result.step}", sections)


def photos_to_show(details: Details) -> list[int]:
    """The images that the page needs, by index."""
    return [one.image for one in details.worst[:SHOWN_PHOTOS]]


def _cards(result: EvaluateResult) -> str:
    answer = result.answer
    return page.cards(
        [
            (shown(answer.map, 2), "mAP", ""),
            (f"{answer.found:,} of {answer.objects:,}", "found", ""),
            (f"{answer.alarms:,}", "false alarms", "good" if not answer.alarms else ""),
            (f"{answer.images:,}", "test photos", ""),
        ]
    )


def _classes(result: EvaluateResult, details: Details, colours: Mapping[str, str]) -> str:
    """Figures of each class that occurs, by number of objects."""
    heads = ("class", "objects", "found", "false alarms", "from score", "AP@.50", "AP", "")
    rows = []
    for one in sorted(result.answer.classes, key=lambda one: -one.objects):
        if one.objects or one.alarms:
            ap = result.per_class[one.name]
            numbers = (f"{one.objects:,}", f"{one.found:,}", f"{one.alarms:,}")
            name = f"{chip(colours[one.name])}{escape(one.name)}"
            figures = (f"{one.min_score:.2f}", shown(ap.ap50, 2), shown(ap.ap, 2))
            rows.append((name, *numbers, *figures, bar(ap.ap or 0, colours[one.name])))
    note = "Found: with an IoU of at least 0.5, from the score in the table on."
    first, others = rows[:MOST_IN_TABLE], rows[MOST_IN_TABLE:]
    more = _folded(f"{len(others)} more classes", page.table(heads, others)) if others else ""
    return f'{page.table(heads, first)}{more}<p class="soft">{note}</p>'


def _folded(title: str, html: str) -> str:
    """HTML to unfold."""
    return f"<details><summary>{escape(title)}</summary><div>{html}</div></details>"


def _mistakes(details: Details) -> str:
    """What each kind of mistake costs, and how often it occurs at the thresholds."""
    often = {kind: sum(one.counts.get(kind, 0) for one in details.worst) for kind in details.lost}
    most = max([*details.lost.values(), 1e-9])
    rows = [
        (
            f'{escape(IN_WORDS[kind])} <small class="soft">{escape(ADVICE[kind])}</small>',
            f"{often[kind]:,}",
            shown(value),
            bar(value / most, ACCENT),
        )
        for kind, value in sorted(details.lost.items(), key=lambda item: -item[1])
        if often[kind] or value > LEAST_SHOWN
    ]
    if not rows:
        return '<p class="good">Nothing.</p>'
    note = "How often: from the scores above on. AP@.50 lost: what a model without these mistakes "
    note += "would gain (TIDE); the gains do not add up."
    table = page.table(("mistake, and what helps", "how often", "AP@.50 lost", ""), rows)
    return f'{table}<p class="soft">{note}</p>'


def _confusion(details: Details) -> list[str]:
    """The confusion matrix; of many classes what is confused most."""
    if len(details.names) > MOST_IN_MATRIX:
        confused = details.confused()[:MOST_CONFUSED]
        rows = [(escape(one), escape(other), f"{count:,}") for one, other, count in confused]
        return ["<h3>Taken for each other most often</h3>",
                page.table(("labelled", "detected as", "times"), rows)] if rows else []  # fmt: skip
    lines: list[list[str]] = []
    names = [*details.names, NOTHING]
    for name, counts in zip(names, details.confusion.tolist(), strict=True):
        most = max([*counts, 1])
        cells = [
            f'<span class="cell" style="--share:{count / most:.0%}">{count or ""}</span>'
            for count in counts
        ]
        lines.append([escape(name), *cells])
    heads = ("labelled \\ detected", *details.names, MISSED)
    return ["<h3>What was taken for what</h3>", inside("matrix", page.table(heads, lines))]


def _sizes(result: EvaluateResult, details: Details) -> str:
    rows = []
    for name, (objects, found) in details.sizes.items():
        ap = result.figures[f"{PRECISION}mAP ({name})"]
        words = f'{name} <span class="soft">{SIZES[name][1]}</span>'
        rows.append((words, f"{objects:,}", f"{found:,}", shown(ap, 2), bar(ap or 0, ACCENT)))
    return page.table(("objects", "labelled", "found", "mAP", ""), rows)


def _photos(
    details: Details, images: Mapping[int, np.ndarray], colours: Mapping[str, str]
) -> list[str]:
    """The worst photos, each with what is wrong in it."""
    if not details.worst:
        return ['<h2>Photos</h2><p class="good">No mistakes in the test photos.</p>']
    shown_ones = [one for one in details.worst if one.image in images]
    legend = (
        '<span><i class="chip offender"></i>wrong detection</span>'
        '<span><i class="chip gone"></i>missed</span><span>other boxes: as labelled</span>'
    )
    figures = [_photo(details, one, images[one.image], colours) for one in shown_ones]
    note = f"{len(shown_ones)} of {len(details.worst):,} photos with mistakes."
    return [
        "<h2>Worst photos</h2>",
        inside("legend", legend),
        f'<p class="soft">{note}</p>' if len(shown_ones) < len(details.worst) else "",
        inside("photos", "".join(figures)),
    ]


def _photo(
    details: Details, one: PhotoMistakes, image: np.ndarray, colours: Mapping[str, str]
) -> str:
    matches, rects = details.matches, []
    gone = set(one.missed.tolist())
    name_of = dict(zip(matches.class_ids, details.names, strict=True))
    for index in np.flatnonzero(matches.truth_image == one.image).tolist():
        name = name_of[int(matches.truth_class[index])]
        box = matches.truth_box[index].tolist()
        if index in gone:
            rects.append(rect(box, WHOLE, "", ' class="under"'))
            rects.append(rect(box, WHOLE, f"{name}: missed", ' class="gone"'))
        else:
            rects.append(rect(box, WHOLE, name, f' stroke="{colours[name]}"'))
    for row in one.rows.tolist():
        kind = IN_WORDS[Kind(int(details.kinds[row]))]
        said = f"{name_of[int(matches.class_id[row])]} {matches.score[row]:.2f}: {kind}"
        rects.append(offender(matches.box[row].tolist(), WHOLE, said))
    caption = f"{details.photos[one.image]}: {one.in_words()}"
    return photo(picture(image), WHOLE, rects, caption)


def _twins(details: Details) -> list[str]:
    if details.leaks is None or not details.leaks.twins:
        return []
    rows = [(escape(one.name), escape(one.train), f"{one.bits}") for one in details.leaks.twins]
    heads = ("test photo", "looks like, in training", "of 256 bits differ")
    count = f"{len(rows):,} test photos that look like one of the training"
    return [_folded(count, page.table(heads, rows))]


def _figures(result: EvaluateResult) -> str:
    """The twelve figures of COCO, to unfold."""
    rows = [(escape(name.partition("/")[2]), shown(result.figures[name])) for name in FIGURES]
    return _folded("The twelve figures of COCO", page.table(("figure", "value"), rows))
