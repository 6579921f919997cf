"""What goes wrong in a training while it runs, in one sentence each, and at most once.

It sees numbers alone: losses, detections in the photos it is measured on, boxes and anchors.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tfod.boxes import iou
from tfod.words import plural, some

FIRST_STEPS = 20  # of which boxes are compared with the anchors
RECENT = 10  # looks at the loss, one every ten steps
EARLY = 200  # steps before which a flat loss means nothing
FLAT = 0.9  # of what it was at the beginning
EXPLODED = 4.0  # times the lowest
REACHED = 0.4  # IoU of a box with its best anchor; below, little is learnt from it
MANY = 0.25  # share of the boxes of a class
LATE = 0.3  # share of the steps before which a class may still be missing
FOUND = 0.05  # score of a detection that counts as one at all
MEMORISED = 1.3  # loss on photos it does not learn, times its lowest
EVALUATIONS = 3  # in a row
WAITING = 0.3  # share of the time


class Diagnosis:
    """Collects what a training shows. Each method returns the sentences that are new."""

    def __init__(
        self, class_names: Mapping[int, str], anchors: np.ndarray, first_step: int, last_step: int
    ):
        self._names = class_names
        self._anchors = anchors  # float32 [A, 4], (ymin, xmin, ymax, xmax), 0..1
        self._first_step, self._last_step = first_step, last_step
        self._said: set[str] = set()
        self._losses: list[float] = []
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._measured: list[float] = []
        self._boxes: Counter[int] = Counter()
        self._unreached: Counter[int] = Counter()

    def boxes(self, step: int, batch: Mapping[str, Any]) -> list[str]:
        """Look at the boxes of a batch.

        Args:
            batch: see `tfod/data/batches/pipeline.py`.
        """
        seen = step - self._first_step
        if seen > FIRST_STEPS:
            return []
        class_ids = np.asarray(batch["class_ids"])
        boxes = np.asarray(batch["boxes"])[class_ids >= 0]  # [N, 4]
        class_ids = class_ids[class_ids >= 0]
        best = iou(boxes, self._anchors).max(axis=1)
        self._boxes.update(class_ids.tolist())
        self._unreached.update(class_ids[best < REACHED].tolist())
        if seen < FIRST_STEPS:
            return []
        return [
            text
            for class_id, count in sorted(self._unreached.items())
            if count > MANY * self._boxes[class_id]
            for text in self._once(
                f"anchors {class_id}",
                f"{count / self._boxes[class_id]:.0%} of the boxes of {self._name(class_id)} are "
                "too small or too narrow for this network; larger images in the config, or photos "
                "taken closer, help",
            )
        ]

    def losses(self, step: int, values: Mapping[str, float], waited: float | None) -> list[str]:
        """Look at the losses of a step.

        Args:
            values: under the old names.
            waited: share of the time in which there was no batch; None when not known yet.
        """
        total = values["Loss/classification_loss"] + values["Loss/localization_loss"]
        self._losses.append(total)
        self._recent.append(total)
        texts: list[str] = []
        seen, recent = step - self._first_step, float(np.mean(self._recent))
        if len(self._losses) < 2 * RECENT:
            return texts
        begun = float(np.mean(self._losses[:RECENT]))
        means = [np.mean(self._losses[at : at + RECENT]) for at in range(0, len(self._losses), 5)]
        if recent > EXPLODED * min(means) and recent > begun:
            texts += self._once(
                "exploding", "the loss grows instead of falling; try a lower learning rate"
            )
        elif self._first_step == 0 and seen >= EARLY and min(means) > FLAT * begun:
            texts += self._once(
                "flat",
                f"the loss has hardly fallen in {plural(seen, 'step')}; look at the photos and "
                "boxes the network gets, or try another learning rate",
            )
        if waited is not None and waited > WAITING and seen >= EARLY // 2:
            texts += self._once(
                "waiting",
                f"{waited:.0%} of the time is spent waiting for photos; smaller photos, or a "
                "faster disk, make this training faster",
            )
        return texts

    def evaluation(
        self,
        step: int,
        loss: float,
        labelled: Sequence[np.ndarray],
        found: Sequence[tuple[np.ndarray, np.ndarray]],
    ) -> list[str]:
        """Look at an evaluation.

        Args:
            loss: mean over its photos, without regularization.
            labelled: class ids of each photo.
            found: class ids and scores of each photo.
        """
        texts: list[str] = []
        if step - self._first_step >= LATE * (self._last_step - self._first_step):
            there = {int(one) for ids in labelled for one in ids}
            seen = {int(one) for ids, scores in found for one in ids[scores >= FOUND]}
            if missing := [self._name(one) for one in sorted(there - seen)]:
                texts += self._once(
                    "missing",
                    f"{some(missing)} {'is' if len(missing) == 1 else 'are'} not found in any "
                    "photo so far; more photos of it, or more steps, help",
                )
        self._measured.append(loss)
        late = self._measured[-EVALUATIONS:]
        if len(late) == EVALUATIONS and min(late) > MEMORISED * min(self._measured):
            texts += self._once(
                "memorised",
                "it learns its photos by heart: on other photos it has become worse for a while; "
                "more photos help, more steps do not",
            )
        return texts

    def _once(self, key: str, text: str) -> list[str]:
        if key in self._said:
            return []
        self._said.add(key)
        return [f"note: {text}"]

    def _name(self, class_id: int) -> str:
        return self._names.get(class_id, f"class {class_id + 1}")
