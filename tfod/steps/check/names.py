"""Checks of names: which image and which XML belong together, and which are alone."""

from collections import defaultdict
from pathlib import Path

from tfod.data.label_kinds import TITLES
from tfod.data.other_labels import find_other_labels
from tfod.data.scan import Photo
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import MOST_PLACES, Finding, Place, report
from tfod.words import closest

CLOSE = 0.8  # of names of files


def unlabelled(dataset: Dataset) -> list[Finding]:
    """Images without an XML, which split leaves out; and labels of theirs in other formats."""
    places = [Place(photo.image_path) for photo in dataset.own if photo.xml_path is None]
    others = find_other_labels(dataset.folders.found) if places else []
    found = []
    for labels in others:
        at = [Place(image, None, f"in {labels.source.name}") for image in labels.images]
        title = TITLES[labels.format]
        found += report("other-labels", at, title=title, remedy=labels.remedy)
    if not any(photo.xml_path and not photo.suggested for photo in dataset.own):
        remedy = others[0].remedy if others else None
        places = [Place(photo.image_path) for photo in dataset.own]
        return report("nothing-labelled", places, remedy=remedy) + found
    return report("xml-missing", places) + found


def unchecked_suggestions(dataset: Dataset) -> list[Finding]:
    """Boxes that a model drew and nobody has checked."""
    places = [
        Place(photo.xml_path, None, f"by {photo.annotation.suggested_by}", photo.image_path)
        for photo in dataset.own
        if photo.xml_path and photo.annotation and photo.suggested
    ]
    return report("suggestion-unchecked", places)


def orphans(dataset: Dataset) -> list[Finding]:
    """XML files without an image, with the image that may be meant."""
    by_stem: dict[str, list[Photo]] = defaultdict(list)
    unlabelled_in: dict[Path, dict[str, Photo]] = defaultdict(dict)
    for photo in dataset.photos:
        by_stem[photo.image_path.stem.lower()].append(photo)
        if photo.xml_path is None:
            unlabelled_in[photo.image_path.parent][photo.image_path.stem] = photo
    places: list[Place] = []
    for path in [path for folder in dataset.folders.found for path in folder.orphans]:
        same = by_stem.get(path.stem.lower(), [])
        here = [photo for photo in same if photo.image_path.parent == path.parent]
        free = unlabelled_in.get(path.parent, {})
        if here and here[0].xml_path:
            detail = f"{here[0].image_path.name} already has {here[0].xml_path.name}"
        elif same:
            detail = f"its image is {same[0].image_path}"
        elif len(places) < MOST_PLACES and (near := closest(path.stem, free, CLOSE)):
            detail = f"did you mean {free[near].image_path.name}?"
        else:
            detail = "no image has this name"
        places.append(Place(path, None, detail))
    return report("xml-orphan", places)


def name_mismatch(dataset: Dataset) -> list[Finding]:
    """Annotations whose <filename> is another one than that of their image."""
    images = {photo.image_path for photo in dataset.photos}
    other: list[Place] = []
    renamed: list[Place] = []
    for photo in dataset.own:
        stated = photo.annotation.file_name if photo.annotation else ""
        if not (photo.xml_path and stated) or _is_same(stated, photo.image_path.name):
            continue
        exists = photo.image_path.with_name(stated) in images
        detail = f"names {stated}, which exists too" if exists else f"names {stated}"
        place = Place(photo.xml_path, None, detail, photo.image_path)
        (other if exists else renamed).append(place)
    return report("name-of-other-image", other) + report("name-mismatch", renamed)


def _is_same(stated: str, name: str) -> bool:
    """Whether two names are of one image; the format may have been converted."""
    name = name.strip()  # as the one in the XML, which may stand on a line of its own
    return stated == name or Path(stated).stem.lower() == Path(name).stem.lower()


def unseen_xml(dataset: Dataset) -> list[Finding]:
    """Annotations that belong to an image by their <filename> alone, or but for the case."""
    places = [
        Place(photo.xml_path, None, f"belongs to {photo.image_path.name}", photo.image_path)
        for photo in dataset.own
        if photo.xml_path and photo.xml_path.stem != photo.image_path.stem
    ]
    return report("xml-named-otherwise", places)


def clashing_names(dataset: Dataset) -> list[Finding]:
    """Images of one folder that differ in case or ending only, and so have one XML for two."""
    groups: dict[tuple[Path, str], list[Photo]] = defaultdict(list)
    for photo in dataset.own:
        groups[photo.image_path.parent, photo.image_path.stem.lower()].append(photo)
    places = [
        Place(photo.image_path, None, f"and {group[0].image_path.name}")
        for group in groups.values()
        for photo in group[1:]
    ]
    return report("name-of-two-images", places)
