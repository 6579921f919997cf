"""What a check found: figures, a table of the boxes, and pictures for a notebook."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tfod.steps.check import classes
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure
    from PIL.Image import Image


@dataclass(frozen=True)
class Report:
    """What was looked at and what was found.

    Attributes:
        dataset: all that was looked at.
        findings: what stops the records first.
        accepted: code -> number, of what workspace/check.toml accepts.
        quiet: code -> number, of what was left out as there is nothing to do about it.
    """

    dataset: Dataset = field(repr=False)  # every photo
    findings: list[Finding]
    accepted: dict[str, int] = field(default_factory=dict)
    quiet: dict[str, int] = field(default_factory=dict)

    @property
    def classes(self) -> dict[str, int]:
        """Class name -> number of its boxes that can be used, the most frequent first."""
        return dict(classes.boxes_of_classes(self.dataset))

    @property
    def images(self) -> int:
        """The number of images, copies made by split not counted."""
        return len(self.dataset.own)

    @property
    def boxes(self) -> int:
        """The number of boxes that can be used."""
        return sum(self.classes.values())

    @property
    def parts(self) -> dict[str, int]:
        """Session, "train", "test" or "val" -> number of its images, copies too."""
        return dict(Counter(photo.part for photo in self.dataset.photos))

    def to_pandas(self, copies: bool = False) -> "pandas.DataFrame":
        """One row for each box, see `charts.box_table`; with `copies` those that split made."""
        from tfod.steps.check.charts import box_table

        photos = [photo for photo in self.dataset.photos if photo.copied == copies]
        return box_table((one.part, one.example) for one in photos if one.example)

    def draw_sizes(self, network_px: int = 0) -> "Figure":
        """Width against height of every box, see `charts.draw_sizes`."""
        from tfod.steps.check.charts import draw_sizes

        return draw_sizes(self.to_pandas(), network_px)

    def draw_positions(self) -> "Figure":
        """A map of how many boxes cover each spot of the image."""
        from tfod.steps.check.charts import draw_positions

        return draw_positions(self.to_pandas())

    def draw_classes(self, copies: bool = False) -> "Figure":
        """Boxes of each class in each session; with `copies` in train/, test/ and val/."""
        from tfod.steps.check.charts import draw_classes

        return draw_classes(self.to_pandas(copies))

    def draw_photos(self, columns: int = 4, rows: int = 3) -> "Image":
        """Some of the photos with their boxes, as one PIL image."""
        import PIL.Image

        from tfod.steps.check.charts import draw_contact_sheet

        examples = [photo.example for photo in self.dataset.own if photo.example]
        return PIL.Image.fromarray(draw_contact_sheet(examples, columns, rows))

    def count(self, severity: str) -> int:
        """The number of findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON can hold them."""
        return {
            "folder": str(self.dataset.folder),
            "images": self.images,
            "labelled": len(self.dataset.labelled),
            "suggested": sum(photo.suggested for photo in self.dataset.own),
            "boxes": self.boxes,
            "classes": self.classes,
            "parts": self.parts,
            "decoded": self.dataset.decoded,
            "findings": [finding.as_dict() for finding in self.findings],
            "accepted": self.accepted,
            "quiet": self.quiet,
        }
