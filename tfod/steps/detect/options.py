"""What is looked for in images, what is written, and what came of it."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tfod.detections import DEFAULT_SCORE, MinScore
from tfod.steps.detect.outputs import Found


@dataclass
class DetectResult:
    """What was found.

    Attributes:
        output_dir: annotated copies and the table.
        table: the CSV file.
        images: how many images or frames the model was given.
        min_score: from which on detections counted, or class id, 0-based -> from which on.
        is_video: these are frames.
        detections: how many detections, by class name.
        bad_frames: damaged frames of a video, which were left out.
        skipped: files that could not be read, each with the reason.
        found: what was found in each image or frame, when `DetectOptions.keep` asks for it.
        coco: the COCO file, when there is one.
    """

    output_dir: Path
    table: Path
    images: int = 0
    is_video: bool = False
    min_score: MinScore = DEFAULT_SCORE
    detections: Counter[str] = field(default_factory=Counter)
    bad_frames: int = 0
    skipped: list[str] = field(default_factory=list)
    found: list[Found] = field(default_factory=list, repr=False)
    coco: Path | None = None


@dataclass(frozen=True)
class DetectOptions:
    """What counts, and what is written beside annotated copies and the table.

    Attributes:
        min_score: detections below are left out, 0..1; None: the model's own scores, else 0.5.
        xml: write XML for each image, as suggestions.
        coco: write all detections as COCO JSON.
        crops: write what is inside each box.
        keep: keep what was found in the result, all of it.
        no_labels: draw boxes alone, without names and scores.
    """

    min_score: MinScore | None = None
    xml: bool = False
    coco: bool = False
    crops: bool = False
    keep: bool = False
    no_labels: bool = False
