"""Checks of where the photos of one class are: in few of train or test, or all in one session.

Over all photos the class may look well; it is learned or tested badly all the same. Classes that
are rare over all, or missing in a part, are in `classes.py` and `splits.py`.
"""

from collections import defaultdict

from tfod.data.photo_folder import PARTS
from tfod.steps.check.classes import FEW_IMAGES
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report
from tfod.steps.check.kinds import Severity
from tfod.steps.check.splits import images_of_classes


def rare_in_parts(dataset: Dataset) -> list[Finding]:
    """Classes with enough images, of which train has few, or test a single one."""
    parts = {part: images_of_classes(dataset.part(part)) for part in PARTS}
    train, test = parts["train"], parts["test"]
    folders = dataset.folders.used
    rare, single = [], []
    for name, count in train.items():
        others = sum(images[name] for part, images in parts.items() if part != "train")
        if count < FEW_IMAGES <= count + others:
            detail = f'"{name}" in {count} images, in {others} of the other parts'
            rare.append(Place(folders["train"].path, None, detail))
        elif count >= FEW_IMAGES and test[name] == 1:
            detail = f'"{name}" in 1 image, in {count} of train'
            single.append(Place(folders["test"].path, None, detail))
    few = report("class-rare-in-train", rare, least=FEW_IMAGES)
    return few + report("class-rare-in-test", single)


def in_one_session(dataset: Dataset) -> list[Finding]:
    """Classes whose photos are all of one session, so that they may be told by their background.

    That it is so for every class may be meant: a session for each. Then it is but good to know.
    """
    sessions: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for photo, example in dataset.labelled:
        for name in set(example.names) if photo.part not in PARTS else ():
            sessions[name][photo.part] += 1
    if len({session for counts in sessions.values() for session in counts}) < 2:
        return []
    single = {
        name: (session, count)
        for name, counts in sessions.items()
        for session, count in counts.items()
        if len(counts) == 1 and count >= FEW_IMAGES
    }
    places = [
        Place(dataset.folder, None, f'"{name}": all {count} images in {session}')
        for name, (session, count) in single.items()
    ]
    is_apart = all(len(counts) == 1 for counts in sessions.values())
    severity: Severity = "info" if is_apart else "warning"
    return report("class-in-one-session", places, severity=severity)
