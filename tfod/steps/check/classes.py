"""Checks of classes: names nobody meant, too little to learn from, images without any."""

import re
from collections import Counter, defaultdict

from rapidfuzz.distance import OSA

from tfod.errors import Problem
from tfod.remedies import Advice, Remedy
from tfod.steps.check.boxes import Marked, report_boxes
from tfod.steps.check.finding import Finding, Place, report
from tfod.steps.check.dataset import Dataset
from tfod.words import closest, plural

FEW_IMAGES = 10  # a class in fewer images than this is learned by heart
UNEVEN = 10  # times as many boxes
RARE = 0.2  # of the boxes of the class it resembles
MOSTLY_EMPTY = 0.5  # share of the images


def boxes_of_classes(dataset: Dataset) -> Counter[str]:
    """Count the boxes of each class, the most frequent first."""
    names = (name for photo in dataset.own if photo.example for name in photo.example.names)
    return Counter(dict(Counter(names).most_common()))


def images_of_classes(dataset: Dataset) -> Counter[str]:
    """Count the images each class is in."""
    return Counter(
        name for photo in dataset.own if photo.example for name in set(photo.example.names)
    )


def unknown_classes(dataset: Dataset) -> list[Finding]:
    """Classes that the label map lacks, with the nearest one it has."""
    if dataset.label_map is None:
        return []
    known = list(dataset.label_map.ids)
    findings = []
    for name in boxes_of_classes(dataset):
        if name in dataset.label_map.ids:
            continue
        near = nearest(name, known)
        remedy: Advice = Remedy.RUN(step="label")
        if near:
            same = simple(near) == simple(name)
            remedy = dataset.fix if same else Remedy.DID_YOU_MEAN(name=f'"{near}"')
        problem = Problem(
            "class-unknown",
            what=f'boxes have the class "{name}", which {dataset.label_map_path} lacks',
            expected=f'"{near}"' if near else None,
            remedy=remedy,
        )
        findings += report_boxes("error", problem, _of_class(dataset, name))
    return findings


def misspelt_classes(dataset: Dataset) -> list[Finding]:
    """Without a label map: a rare class whose name is nearly that of a frequent one."""
    if dataset.label_map is not None:
        return []
    counts = boxes_of_classes(dataset)
    findings = []
    for name, meant in _meant(counts).items():
        problem = Problem(
            "class-misspelt",
            what=f'boxes have the class "{name}", {plural(counts[meant], "box")} "{meant}"',
            remedy=Remedy.DID_YOU_MEAN(name=f'"{meant}"'),
        )
        findings += report_boxes("warning", problem, _of_class(dataset, name))
    return findings


def _meant(counts: Counter[str]) -> dict[str, str]:
    """Class name that is probably a slip -> the class that was meant."""
    meant = {}
    for name, count in counts.items():
        frequent = [other for other in counts if (counts[other], other) > (count, name)]
        same = [other for other in frequent if simple(other) == simple(name)]
        common = [other for other in frequent if count <= RARE * counts[other]]
        likely = same or [other for other in common if _is_slip(name, other)]
        if likely:
            meant[name] = likely[0]
    return meant


def nearest(name: str, known: list[str]) -> str | None:
    """Find the name that is the same but for case and separators, else the nearest one."""
    for other in known:
        if simple(other) == simple(name):
            return other
    # numbered classes, like "cls_1" and "cls_2", are near to each other on purpose
    return closest(name, [other for other in known if _numbers(other) == _numbers(name)])


def _is_slip(name: str, meant: str) -> bool:
    """Whether one letter, of eight or more two, are wrong, missing, too many or changed round.

    Digits tell classes apart, and so does a letter in a short name ("car" and "cat").
    """
    if _numbers(name) != _numbers(meant) or len(meant) < 4:
        return False
    return bool(OSA.distance(simple(name), simple(meant)) <= (2 if len(meant) >= 8 else 1))


def _numbers(name: str) -> list[str]:
    return re.findall(r"\d+", name)


def simple(name: str) -> str:
    """The name without case and separators: "No-Mask " and "no_mask" are the same."""
    return re.sub(r"[\s_\-.]+", "", name).casefold()


def _of_class(dataset: Dataset, name: str) -> list[Marked]:
    return [
        Marked(photo, [index], "")
        for photo in dataset.own
        if photo.example
        for index, other in enumerate(photo.example.names)
        if other == name
    ]


def rare_classes(dataset: Dataset) -> list[Finding]:
    """Classes in too few images, and classes with many times fewer boxes than another."""
    boxes, images = boxes_of_classes(dataset), images_of_classes(dataset)
    if dataset.label_map is None:
        doubtful = set(_meant(boxes))
    else:
        doubtful = set(boxes) - set(dataset.label_map.ids)
    boxes = Counter({name: count for name, count in boxes.items() if name not in doubtful})
    (most, largest), *_ = [*boxes.most_common(1), ("", 0)]
    rare, uneven = [], []
    for name, count in boxes.items():
        number = f'"{name}": {plural(count, "box")}'
        if images[name] < FEW_IMAGES:
            in_images = f"{number} in {plural(images[name], 'image')}"
            rare.append(Place(dataset.folder, None, in_images))
        elif largest >= UNEVEN * count:
            uneven.append(Place(dataset.folder, None, f'{number}, "{most}": {largest:,}'))
    remedy = Remedy.RUN(step="capture")
    return [
        *report(
            "warning",
            Problem(
                "class-rare",
                what=f"classes are in fewer than {FEW_IMAGES} images; some tens are a beginning",
                remedy=remedy,
            ),
            rare,
        ),
        *report(
            "warning",
            Problem(
                "class-imbalance",
                what=f"classes have less than a {UNEVEN}th of the boxes of the most frequent one",
                remedy=remedy,
            ),
            uneven,
        ),
    ]


def unused_classes(dataset: Dataset) -> list[Finding]:
    """Classes of the label map that no box has."""
    labels, used = dataset.label_map, boxes_of_classes(dataset)
    if labels is None or not used:
        return []
    return report(
        "warning",
        Problem(
            "class-unused",
            what="classes of the label map have no box",
            remedy=Remedy.RUN(step="label"),
        ),
        [
            Place(dataset.label_map_path or dataset.folder, None, f'"{name}"')
            for id_, name in labels.names.items()
            if name not in used and labels.display_names.get(id_) not in used
        ],
    )


def label_map_gaps(dataset: Dataset) -> list[Finding]:
    """Numbers that are left out: the model gets a class for each that it never sees."""
    labels, path = dataset.label_map, dataset.label_map_path
    if labels is None or path is None:
        return []
    missing = sorted(set(range(1, labels.num_classes + 1)) - set(labels.names))
    return report(
        "warning",
        Problem(
            "label-map-gap",
            what=f"numbers from 1 to {labels.num_classes} are missing in the label map; the model "
            "gets a class for each",
            remedy=Remedy.EDIT_LINE,
        ),
        [Place(path, None, f"no class has the id {number}") for number in missing],
    )


def label_map_names(dataset: Dataset) -> list[Finding]:
    """Two names that differ in case or separators only."""
    labels, path = dataset.label_map, dataset.label_map_path
    if labels is None or path is None:
        return []
    alike: dict[str, list[str]] = defaultdict(list)
    for name in labels.names.values():
        alike[simple(name)].append(f'"{name}"')
    return report(
        "warning",
        Problem(
            "label-map-alike",
            what="classes of the label map differ only in case, spaces, hyphens or underscores",
            remedy=Remedy.EDIT_LINE,
        ),
        [Place(path, None, " and ".join(group)) for group in alike.values() if len(group) > 1],
    )


def images_without_boxes(dataset: Dataset) -> list[Finding]:
    """Images labelled as showing no object: good in moderation."""
    labelled = [photo for photo in dataset.own if photo.example]
    places = [
        Place(photo.image_path)
        for photo in labelled
        if photo.example and not photo.example.names and not photo.bad_boxes
    ]
    if not places or len(places) == len(labelled):
        what = "annotations, and not one has a box"
        remedy = Remedy.RUN(step="label")
        return report("error", Problem("nothing-labelled", what=what, remedy=remedy), places)
    share = len(places) / len(labelled)
    return report(
        "warning" if share > MOSTLY_EMPTY else "info",
        Problem(
            "image-without-boxes",
            what=f"images have an XML without boxes ({share:.0%} of the labelled ones), which is "
            "right if they show no object",
            remedy=dataset.look_at,
        ),
        places,
    )
