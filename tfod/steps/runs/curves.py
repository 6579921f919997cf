"""The curves of a model, read from the files that training and evaluation write for TensorBoard.

Reads the record format itself, so that no TensorFlow (5 s) is imported. It knows tags and steps,
not what they mean.
"""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Curve = dict[int, float]  # step -> value
TOTAL, MAP = "Loss/total_loss", "DetectionBoxes_Precision/mAP"
HEADER_BYTES, FOOTER_BYTES = 12, 4  # of a TFRecord: its length and checksum; a checksum
SIZE_IN = (10, 4)
MOST_MARKED = 30  # points of a curve


def read_curves(folder: Path) -> dict[str, Curve]:
    """Read every figure of a folder by tag; where a run was resumed, what came last counts.

    A file that is being written, or cut off, gives what is whole in it.
    """
    from google.protobuf.message import DecodeError
    from tensorboard.compat.proto.event_pb2 import Event

    found: dict[str, Curve] = {}
    for path in sorted(folder.glob("events.out.tfevents.*")):
        curves: dict[str, Curve] = {}
        try:
            for data in _records(path):
                event = Event.FromString(data)
                for tag, value in _figures(event):
                    curves.setdefault(tag, {})[event.step] = value
        except DecodeError:
            pass  # damaged from here on
        for tag, curve in curves.items():
            first = min(curve)
            kept = {step: value for step, value in found.get(tag, {}).items() if step < first}
            found[tag] = kept | dict(sorted(curve.items()))
    return found


def draw_curves(curves: Mapping[str, Mapping[str, Curve]]) -> "Figure":
    """Draw the total loss and the mAP of each model over its steps.

    Args:
        curves: model -> tag -> curve.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_IN, layout="constrained")
    for axes, tag, title in zip(
        figure.subplots(1, 2), (TOTAL, MAP), ("total loss while training", "mAP"), strict=True
    ):
        for number, (name, of_model) in enumerate(curves.items()):
            curve = of_model.get(tag, {})
            marker = "o" if len(curve) <= MOST_MARKED else ""
            axes.plot(
                list(curve), list(curve.values()), label=name, marker=marker, color=f"C{number}"
            )
        axes.set_title(title, fontsize=11)
        axes.set(xlabel="step", ylim=(0, None))
        axes.grid(alpha=0.3)
        if not any(tag in of_model for of_model in curves.values()):
            axes.text(0.5, 0.5, "not measured yet", ha="center", transform=axes.transAxes)
    figure.axes[0].legend(fontsize=8)
    return figure


def _records(path: Path) -> Iterator[bytes]:
    """Yield the bytes of each whole record of a TFRecord file; checksums are not compared."""
    with open(path, "rb") as file:
        while len(header := file.read(HEADER_BYTES)) == HEADER_BYTES:
            (length,) = struct.unpack_from("<Q", header)
            if length > path.stat().st_size:
                return
            data = file.read(length)
            if len(data) < length or len(file.read(FOOTER_BYTES)) < FOOTER_BYTES:
                return
            yield data


def _figures(event: "object") -> Iterator[tuple[str, float]]:
    """Give tag and value of each figure of an event; pictures and texts are none."""
    from tensorboard.util.tensor_util import make_ndarray

    for value in event.summary.value:  # type: ignore[attr-defined]
        if value.HasField("simple_value"):  # as TensorFlow 1 wrote it
            yield value.tag, value.simple_value
        elif (
            value.tensor.dtype and not value.tensor.tensor_shape.dim and not value.tensor.string_val
        ):
            yield value.tag, float(make_ndarray(value.tensor))
