"""Checks of classes: names nobody meant, too little to learn from, images without any."""

import difflib
import re
from collections import Counter

from tfod.errors import plural
from tfod.steps.check.boxes import Hit, hit
from tfod.steps.check.finding import Finding, Place, Severity, found
from tfod.steps.check.scan import Dataset

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
        if name not in dataset.label_map.ids:
            near = nearest(name, known)
            hint = f' (did you mean "{near}"?)' if near else ""
            what = f'boxes have the class "{name}", which {dataset.label_map_path} lacks{hint}'
            remedy = (
                "`tfod check --fix` corrects the case; for another spelling use LabelImg."
                if near and simple(near) == simple(name)
                else "Correct the name in LabelImg, or add the class to the label map."
            )
            findings += _of_class(dataset, "class-unknown", "error", name, what, remedy)
    return findings


def misspelt_classes(dataset: Dataset) -> list[Finding]:
    """Without a label map: a rare class whose name is nearly that of a frequent one."""
    if dataset.label_map is not None:
        return []
    counts = boxes_of_classes(dataset)
    findings = []
    for name, meant in _meant(counts).items():
        what = f'boxes have the class "{name}"; is "{meant}" meant ({counts[meant]} boxes)?'
        remedy = "Correct the name in LabelImg; else the model learns two classes."
        findings += _of_class(dataset, "class-misspelt", "warning", name, what, remedy)
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


def _intended(dataset: Dataset) -> Counter[str]:
    """Count the boxes of each class but those whose name is in doubt, which is told elsewhere."""
    counts = boxes_of_classes(dataset)
    if dataset.label_map is not None:
        doubtful = set(counts) - set(dataset.label_map.ids)
    else:
        doubtful = set(_meant(counts))
    return Counter({name: counts[name] for name in counts if name not in doubtful})


def nearest(name: str, known: list[str]) -> str:
    """Find the name that is the same but for case and separators, else the nearest one, else ""."""
    same = [other for other in known if simple(other) == simple(name)]
    # numbered classes, like "cls_1" and "cls_2", are near to each other on purpose
    words = [other for other in known if re.findall(r"\d+", other) == re.findall(r"\d+", name)]
    near = difflib.get_close_matches(name.lower(), [other.lower() for other in words], 1, 0.75)
    return (same + [other for other in words if near and other.lower() == near[0]] + [""])[0]


def _is_slip(name: str, meant: str) -> bool:
    """Whether one letter, of eight or more two, are wrong, missing, too many or changed round.

    Digits tell classes apart, and so does a letter in a short name ("car" and "cat").
    """
    if re.findall(r"\d+", name) != re.findall(r"\d+", meant) or len(meant) < 4:
        return False
    return _typos(simple(name), simple(meant)) <= (2 if len(meant) >= 8 else 1)


def _typos(name: str, meant: str) -> int:
    """Optimal string alignment distance: letters wrong, missing, too many or changed round."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(name, 1):
        before, last, row = row, before, [i]
        for j, other in enumerate(meant, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and name[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def simple(name: str) -> str:
    """The name without case and separators: "No-Mask " and "no_mask" are the same."""
    return re.sub(r"[\s_\-.]+", "", name).casefold()


def _of_class(
    dataset: Dataset, check: str, severity: Severity, name: str, what: str, remedy: str
) -> list[Finding]:
    hits = [
        Hit(photo, [index], "")
        for photo in dataset.own
        if photo.example
        for index, other in enumerate(photo.example.names)
        if other == name
    ]
    return hit(check, severity, what, remedy, hits)


def rare_classes(dataset: Dataset) -> list[Finding]:
    """Classes in too few images."""
    boxes = _intended(dataset)
    images = images_of_classes(dataset)
    places = [
        Place(
            dataset.folder,
            None,
            f'"{name}": {plural(boxes[name], "box")} in {plural(images[name], "image")}',
        )
        for name in boxes
        if images[name] < FEW_IMAGES
    ]
    return found(
        "class-rare",
        "warning",
        f"classes are in fewer than {FEW_IMAGES} images",
        "Take and label more photos of them: some tens to begin with, in other places and light.",
        places,
    )


def uneven_classes(dataset: Dataset) -> list[Finding]:
    """One class with many times the boxes of another that is not rare altogether."""
    boxes = _intended(dataset)
    images = images_of_classes(dataset)
    if not boxes:
        return []
    (most, largest), *_ = boxes.most_common()
    places = [
        Place(dataset.folder, None, f'"{name}": {plural(count, "box")}, "{most}": {largest:,}')
        for name, count in boxes.items()
        if largest >= UNEVEN * count and images[name] >= FEW_IMAGES
    ]
    return found(
        "class-imbalance",
        "warning",
        f"classes have less than a {UNEVEN}th of the boxes of the most frequent one",
        "Add photos of them; what is rare in training is seldom found.",
        places,
    )


def unused_classes(dataset: Dataset) -> list[Finding]:
    """Classes of the label map that no box has."""
    if dataset.label_map is None:
        return []
    used = boxes_of_classes(dataset)
    labels = dataset.label_map
    places = [
        Place(dataset.label_map_path or dataset.folder, None, f'"{name}"')
        for id_, name in labels.names.items()
        if name not in used and labels.display_names.get(id_) not in used
    ]
    if not used:
        return []
    return found(
        "class-unused",
        "warning",
        "classes of the label map have no box",
        "Label some, or take the class out of the label map before you make records.",
        places,
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
        what = "annotations, and none has a box"
        return found("nothing-labelled", "error", what, "Draw boxes: `tfod label`.", places)
    share = len(places) / len(labelled)
    mostly = share > MOSTLY_EMPTY
    return found(
        "image-without-boxes",
        "warning" if mostly else "info",
        f"images have an XML without boxes ({share:.0%} of the labelled ones)",
        "Right if they show no object; else draw the boxes with `tfod label`.",
        places,
    )
