"""Charts of the boxes of a data set: how large they are and where.

    figure = draw_sizes(box_table(examples))

For the page of `check` and for notebooks. Knows boxes and classes, nothing of findings.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from tfod.data.example import Example
from tfod.data.images import read_image
from tfod.detections import Detections
from tfod.errors import UserError
from tfod.show.draw import draw_detections
from tfod.show.page import class_colours

if TYPE_CHECKING:  # two slow imports, made only for a chart
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = (
    *("image", "part", "class", "ymin", "xmin", "ymax", "xmax"),
    *("height_px", "width_px", "image_height_px", "image_width_px", "area"),
)
SIZE_IN = (5, 4)
TICKS = tuple(digit * 10.0**power for power in range(-3, 3) for digit in (1, 2, 5))  # %
LEAST_SPAN = 1.5  # from the least to the most of a scale, as a factor
LINES = ("axvline", "axhline")
MOST_DRAWN_ONE_BY_ONE = 2000  # boxes; more become one picture, or the file would be large
MARGIN_PX = 6  # between the photos of a sheet
FIELDS = 32  # of the map of positions, along each side


def box_table(examples: Iterable[tuple[str, Example]]) -> "pd.DataFrame":
    """Make a table with one row for each box.

    Args:
        examples: (part or session, example) of each labelled image.

    Returns:
        Columns: `image` (file name), `part`, `class`; `ymin`, `xmin`, `ymax`, `xmax` 0..1 of the
        image; `height_px`, `width_px` of the box and `image_height_px`, `image_width_px`, in pixels
        of the upright image; `area` as a share of the image, 0..1.
    """
    import pandas as pd

    rows = []
    for part, example in examples:
        size = np.array([example.height_px, example.width_px])
        for name, box in zip(example.names, example.boxes.tolist(), strict=True):
            ymin, xmin, ymax, xmax = box
            sides = np.array([ymax - ymin, xmax - xmin])
            pixels = (sides * size).tolist()
            area = float(sides.prod())
            rows.append((example.image_path.name, part, name, *box, *pixels, *size.tolist(), area))
    return pd.DataFrame(rows, columns=COLUMNS)


def draw_sizes(table: "pd.DataFrame", network_px: int = 0) -> "Figure":
    """Draw width against height of every box as shares of the image.

    Args:
        table: as `box_table` gives it.
        network_px: side of the square the network sees, if known; then a line shows which boxes
            are under 8 pixels there.
    """
    from matplotlib.ticker import MaxNLocator

    figure, axes = _chart("Box sizes", "width, % of the image", "height, % of the image")
    sides = 100 * np.stack([table.xmax - table.xmin, table.ymax - table.ymin]).astype(float)
    colours = class_colours(sorted(table["class"].unique()))
    for name in table["class"].value_counts().index:  # rare classes last, on top
        across, up = sides[:, table["class"] == name]
        dots = axes.scatter(across, up, s=9, c=colours[name], alpha=0.5, label=name)
        dots.set_rasterized(len(table) > MOST_DRAWN_ONE_BY_ONE)
    axes.set(xscale="log", yscale="log")
    least = 100 * 8 / network_px if network_px else 0
    for axis, values, line in zip((axes.xaxis, axes.yaxis), sides, LINES, strict=True):
        low, high = _range(values)
        if low < least < high:
            label = f"8 px at {network_px} px"
            label = "" if label in axes.get_legend_handles_labels()[1] else label
            getattr(axes, line)(least, label=label, color="grey", linewidth=0.8, linestyle=":")
        ticks = TICKS if high > 8 * low else MaxNLocator(6).tick_values(low, high)
        ticks = [tick for tick in ticks if low <= tick <= high]
        axis.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        axis.set_view_interval(low, high, ignore=True)
        axis.minorticks_off()
    if 0 < len(colours) <= 12:
        axes.legend(fontsize=8, markerscale=2)
    return figure


def _range(values: np.ndarray) -> tuple[float, float]:
    """Where a log scale begins and ends to show values of 0 to 100 % wide apart."""
    seen = values[values > 0]
    low, high = (seen.min(), seen.max()) if len(seen) else (1, 100)
    room = max((high / low) ** 0.05, (LEAST_SPAN * low / high) ** 0.5)
    return low / room, high * room


def draw_positions(table: "pd.DataFrame") -> "Figure":
    """Draw how many boxes cover each spot of the image, as a map."""
    figure, axes = _chart("Where the boxes are", "% from the left", "% from the top")
    covered = np.zeros((FIELDS, FIELDS))
    for ymin, xmin, ymax, xmax in table[["ymin", "xmin", "ymax", "xmax"]].to_numpy():
        rows = slice(int(ymin * FIELDS), int(np.ceil(ymax * FIELDS)))
        columns = slice(int(xmin * FIELDS), int(np.ceil(xmax * FIELDS)))
        covered[rows, columns] += 1
    shown = axes.imshow(covered, cmap="viridis", extent=(0, 100, 100, 0))
    figure.colorbar(shown, ax=axes, label="boxes")
    return figure


def draw_classes(table: "pd.DataFrame") -> "Figure":
    """Draw the number of boxes of each class in each part as bars."""
    figure, axes = _chart("Boxes of each class", "boxes", "")
    counts = table.groupby(["class", "part"]).size().unstack(fill_value=0)
    left = np.zeros(len(counts))
    for part in counts.columns:
        axes.barh(counts.index.astype(str), counts[part], left=left, label=str(part))
        left += counts[part].to_numpy()
    axes.invert_yaxis()
    if 0 < len(counts.columns) <= 12:
        axes.legend(fontsize=8)
    return figure


def draw_contact_sheet(
    examples: Sequence[Example], columns: int = 4, rows: int = 3, photo_px: int = 320
) -> np.ndarray:
    """Draw some of the photos with their boxes and names, evenly chosen from all of them.

    Args:
        examples: one at least that can be read; photos that cannot are left out.
        columns: photos side by side.
        rows: photos one above the other.
        photo_px: side of the square each photo is fitted into.

    Returns:
        uint8 [H, W, 3], RGB; each row is as high as its highest photo.
    """
    class_ids = {name: i for i, name in enumerate(sorted({n for e in examples for n in e.names}))}
    step = max(1, len(examples) // (columns * rows))
    photos = [_fitted(e, class_ids, photo_px) for e in examples[::step][: columns * rows]]
    shown = [photo for photo in photos if photo is not None]
    bands = []
    for first in range(0, len(shown), columns):
        side_by_side = shown[first : first + columns]
        height = max(photo.shape[0] for photo in side_by_side) + MARGIN_PX
        bands.append(np.full((height, columns * photo_px, 3), 255, np.uint8))
        for column, photo in enumerate(side_by_side):
            left = column * photo_px
            bands[-1][: photo.shape[0], left : left + photo.shape[1]] = photo
    return np.concatenate(bands)


def _fitted(example: Example, class_ids: dict[str, int], photo_px: int) -> np.ndarray | None:
    """The photo with its boxes drawn, its longer side `photo_px` less a margin."""
    try:
        image = read_image(example.image_path)
    except UserError:
        return None
    scale = (photo_px - MARGIN_PX) / max(image.shape[:2])
    size = tuple(max(1, round(side * scale)) for side in image.shape[1::-1])
    labels = Detections(
        boxes=example.boxes,
        scores=np.ones(len(example.names), np.float32),
        class_ids=np.array([class_ids[name] for name in example.names], np.int32),
        class_names={class_id: name for name, class_id in class_ids.items()},
    )
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return draw_detections(small, labels, with_scores=False)


def _chart(title: str, across: str, up: str) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_IN, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, fontsize=11)
    axes.set(xlabel=across, ylabel=up)
    return figure, axes
