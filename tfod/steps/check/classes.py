"""Checks of classes: names nobody meant, too little to learn from, images without any."""

import re
from collections import Counter, defaultdict

from rapidfuzz.distance import OSA

from tfod.remedies import Advice, Remedy
from tfod.steps.check.boxes import box_place
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report
from tfod.steps.check.kinds import Severity
from tfod.words import closest, likeness, plural, told_apart

FEW_IMAGES = 10  # a class in fewer images than this is learned by heart
UNEVEN = 10  # times as many boxes
RARE = 0.2  # of the boxes of the class it resembles
MOSTLY_EMPTY = 0.5  # share of the images


def boxes_of_classes(dataset: Dataset) -> Counter[str]:
    """Count the boxes of each class, the most frequent first; suggestions are none yet."""
    names = (name for _, example in dataset.labelled for name in example.names)
    return Counter(dict(Counter(names).most_common()))


def unknown_classes(dataset: Dataset) -> list[Finding]:
    """Classes that the label map lacks, with the nearest one it has."""
    if dataset.label_map is None:
        return []
    known = list(dataset.label_map.ids)
    findings = []
    for name in boxes_of_classes(dataset):
        if name in known:
            continue
        remedy: Advice | Remedy | None = None
        shown = f'"{name}"'
        if near := nearest(name, known):
            shown, meant = told_apart(name, near)
            is_same = likeness(near) == likeness(name)
            remedy = Remedy.FIX if is_same else Remedy.DID_YOU_MEAN(name=meant)
        path, places = dataset.label_map_path, _of_class(dataset, name)
        findings += report("class-unknown", places, remedy=remedy, name=shown, label_map=path)
    return findings


def misspelt_classes(dataset: Dataset) -> list[Finding]:
    """Without a label map: a rare class whose name is nearly that of a frequent one."""
    if dataset.label_map is not None:
        return []
    counts = boxes_of_classes(dataset)
    findings = []
    for name, other in _meant(counts).items():
        shown, right = told_apart(name, other)
        meant = f"{right} has {plural(counts[other], 'box')}"
        remedy, places = Remedy.DID_YOU_MEAN(name=right), _of_class(dataset, name)
        findings += report("class-misspelt", places, remedy=remedy, name=shown, meant=meant)
    return findings


def _meant(counts: Counter[str]) -> dict[str, str]:
    """Class name that is probably a slip -> the class that was meant."""
    meant = {}
    for name, count in counts.items():
        frequent = [other for other in counts if (counts[other], other) > (count, name)]
        same = [other for other in frequent if likeness(other) == likeness(name)]
        common = [other for other in frequent if count <= RARE * counts[other]]
        likely = same or [other for other in common if _is_slip(name, other)]
        if likely:
            meant[name] = likely[0]
    return meant


def nearest(name: str, known: list[str]) -> str | None:
    """Find the name that reads the same, else the nearest one."""
    for other in known:
        if likeness(other) == likeness(name):
            return other
    # numbered classes, like "cls_1" and "cls_2", are near to each other on purpose
    return closest(name, [other for other in known if _numbers(other) == _numbers(name)])


def _is_slip(name: str, meant: str) -> bool:
    """Whether one letter, of eight or more two, are wrong, missing, too many or changed round.

    Digits tell classes apart, and so does a letter in a short name ("car" and "cat").
    """
    if _numbers(name) != _numbers(meant) or len(meant) < 4:
        return False
    return bool(OSA.distance(likeness(name), likeness(meant)) <= (2 if len(meant) >= 8 else 1))


def _numbers(name: str) -> list[str]:
    return re.findall(r"\d+", name)


def _of_class(dataset: Dataset, name: str) -> list[Place]:
    return [
        box_place(photo, [index])
        for photo, example in dataset.labelled
        for index, other in enumerate(example.names)
        if other == name
    ]


def rare_classes(dataset: Dataset) -> list[Finding]:
    """Classes in too few images, and classes with many times fewer boxes than another."""
    boxes = boxes_of_classes(dataset)
    labels = dataset.label_map
    doubtful = set(_meant(boxes)) if labels is None else set(boxes) - set(labels.ids)
    boxes = Counter({name: count for name, count in boxes.items() if name not in doubtful})
    images = Counter(name for _, example in dataset.labelled for name in set(example.names))
    (most, largest), *_ = [*boxes.most_common(1), ("", 0)]
    rare, uneven = [], []
    for name, count in boxes.items():
        number = f'"{name}": {plural(count, "box")}'
        if images[name] < FEW_IMAGES:
            in_images = f"{number} in {plural(images[name], 'image')}"
            rare.append(Place(dataset.folder, None, in_images))
        elif largest >= UNEVEN * count:
            uneven.append(Place(dataset.folder, None, f'{number}, "{most}": {largest:,}'))
    few = report("class-rare", rare, least=FEW_IMAGES)
    return few + report("class-imbalance", uneven, share=UNEVEN)


def unused_classes(dataset: Dataset) -> list[Finding]:
    """Classes of the label map that no box has."""
    labels, used = dataset.label_map, boxes_of_classes(dataset)
    if labels is None or not used:
        return []
    places = [
        Place(dataset.label_map_path or dataset.folder, None, f'"{name}"')
        for id_, name in labels.names.items()
        if name not in used and labels.display_names.get(id_) not in used
    ]
    return report("class-unused", places)


def label_map_gaps(dataset: Dataset) -> list[Finding]:
    """Numbers that are left out: the model gets a class for each that it never sees."""
    labels, path = dataset.label_map, dataset.label_map_path
    if labels is None or path is None:
        return []
    missing = sorted(set(range(1, labels.num_classes + 1)) - set(labels.names))
    return report("label-map-gap", [Place(path, None, f"no class has the id {n}") for n in missing])


def label_map_names(dataset: Dataset) -> list[Finding]:
    """Names that a reader takes for the same."""
    labels, path = dataset.label_map, dataset.label_map_path
    if labels is None or path is None:
        return []
    alike: dict[str, list[str]] = defaultdict(list)
    for name in labels.names.values():
        alike[likeness(name)].append(name)
    pairs = [
        " and ".join(told_apart(first, other))
        for first, *others in alike.values()
        for other in others
    ]
    return report("label-map-alike", [Place(path, None, pair) for pair in pairs])


def images_without_boxes(dataset: Dataset) -> list[Finding]:
    """Images labelled as showing no object: good in moderation."""
    labelled = dataset.labelled
    places = [
        Place(photo.image_path)
        for photo, example in labelled
        if not example.names and not photo.bad_boxes
    ]
    if not places or len(places) == len(labelled):
        return report("nothing-labelled", places)
    share = len(places) / len(labelled)
    severity: Severity = "warning" if share > MOSTLY_EMPTY else "info"
    remedy = Remedy.LOOK_AT if severity == "warning" else None
    words = f"{share:.0%}"
    return report("image-without-boxes", places, share=words, severity=severity, remedy=remedy)
