"""How a camera is watched, and what was seen."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tfod.detections import MinScore

KEYS = "q quit | s save the photo | + - threshold | space pause"


@dataclass(frozen=True)
class LiveOptions:
    """How a camera is watched.

    Attributes:
        min_score: detections below are not shown, 0..1; None: the model's own scores, else 0.5.
            Keys change it.
        headless: open no window.
        record: video to write (.mp4); runs at the speed of the camera, without the pauses.
        frames: end after so many; None: never.
        no_labels: draw boxes alone, without names and scores.
        record_status: write the line with the figures into the video too.
    """

    min_score: MinScore | None = None
    headless: bool = False
    record: Path | None = None
    frames: int | None = None
    no_labels: bool = False
    record_status: bool = False


@dataclass
class LiveResult:
    """What was seen.

    Attributes:
        frames: how many the model was given.
        seconds: from the first to the last of them, wall time without the pauses.
        model_ms: median and 95th percentile of the last 10,000 frames.
        age_ms: the same of the time from a frame's arrival until it was shown.
        detections: class name -> number of detections, over all frames.
        saved: photos taken with the key s, in the session from_live.
        bad_frames: frames that arrived damaged and were left out.
        reconnections: how often the camera was opened again.
        ended: why: "q", "Ctrl-C", "you closed the window", "all frames shown" or "the video ended".
    """

    frames: int = 0
    seconds: float = 0.0
    model_ms: tuple[float, float] = (0.0, 0.0)
    age_ms: tuple[float, float] = (0.0, 0.0)
    detections: Counter[str] = field(default_factory=Counter)
    saved: list[Path] = field(default_factory=list)
    bad_frames: int = 0
    reconnections: int = 0
    ended: str = ""

    @property
    def fps(self) -> float:
        """Frames per second."""
        return (self.frames - 1) / self.seconds if self.seconds else 0.0
