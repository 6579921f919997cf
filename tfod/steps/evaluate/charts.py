"""Charts of an evaluation: precision, recall and F1 at each score, and precision at each recall."""

from typing import TYPE_CHECKING

import numpy as np

from tfod.show.page import class_colours
from tfod.steps.evaluate.details import Details, precision_at_recall

if TYPE_CHECKING:  # slow to import
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_IN = (5, 4)
MOST_CLASSES = 8  # with a line of their own
COLOURS = {"precision": "#1f77b4", "recall": "#d95f02", "F1": "#222222"}


def draw_scores(details: Details) -> "Figure":
    """Precision, recall and F1 of all classes together against the score."""
    figure, axes = _chart("At which score to cut (all classes)", "lowest score kept", "")
    every = details.curves.all_classes()
    values = (every.precision()[0], every.recall()[0], every.f1()[0])
    for (name, colour), line in zip(COLOURS.items(), values, strict=True):
        axes.plot(every.scores, line, label=name, color=colour)
    axes.legend(fontsize=8)
    return figure


def draw_f1(details: Details) -> "Figure":
    """F1 of each class against the score; of many classes those with most objects."""
    figure, axes = _chart("F1 of each class", "lowest score kept", "F1")
    colours = class_colours(details.names)
    for row in _most_objects(details):
        name = details.names[row]
        line = np.nan_to_num(details.curves.f1()[row])
        axes.plot(details.curves.scores, line, label=name, color=colours[name])
    axes.legend(fontsize=8)
    return figure


def draw_precision(details: Details) -> "Figure":
    """Precision against recall of each class; of many classes those with most objects."""
    figure, axes = _chart("Precision at each recall, IoU 0.5", "recall", "precision")
    colours = class_colours(details.names)
    for row in _most_objects(details):
        name = details.names[row]
        recall, precision = precision_at_recall(details.matches, details.matches.class_ids[row])
        ends = (recall[-1:], np.zeros(len(recall[-1:])))
        recall = np.concatenate([np.zeros(1), recall, ends[0]])
        precision = np.concatenate([precision[:1] if len(precision) else [0], precision, ends[1]])
        axes.plot(recall, precision, label=name, color=colours[name])
    axes.legend(fontsize=8)
    return figure


def _most_objects(details: Details) -> list[int]:
    order = np.argsort(-details.curves.objects, kind="stable")[:MOST_CLASSES]
    return [int(row) for row in order if details.curves.objects[row]]


def _chart(title: str, across: str, up: str) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_IN, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, fontsize=11)
    axes.set(xlabel=across, ylabel=up, xlim=(0, 1), ylim=(0, 1.03))
    axes.grid(alpha=0.3)
    return figure, axes
