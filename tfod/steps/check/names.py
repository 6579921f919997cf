"""Checks of names: which image and which XML belong together, and which are alone."""

import difflib
from collections import defaultdict
from pathlib import Path

from tfod.data.scan import Photo
from tfod.steps.check.finding import Finding, Place, found
from tfod.steps.check.scan import Dataset


def unlabelled(dataset: Dataset) -> list[Finding]:
    """Images without an XML; split leaves them out."""
    places = [Place(photo.image_path) for photo in dataset.own if photo.xml_path is None]
    stems = {place.path.stem.lower() for place in places}
    elsewhere = [path for path in dataset.orphans if path.stem.lower() in stems]
    if elsewhere:
        remedy = (
            f"{len(elsewhere)} XML files are in {elsewhere[0].parent}: put each beside its image."
        )
    else:
        remedy = "Label them: `tfod label`; an image without objects needs an XML without objects."
    if len(places) == len(dataset.own):
        what = "images, and none is labelled"
        if not elsewhere:
            remedy = "Label them, `tfod label`, or bring labels of another form, `tfod convert`."
        return found("nothing-labelled", "error", what, remedy, places)
    return found("xml-missing", "warning", "images have no XML and are left out", remedy, places)


def unlooked_suggestions(dataset: Dataset) -> list[Finding]:
    """Boxes that a model drew and nobody has looked at."""
    places = [
        Place(photo.xml_path, None, f"by {photo.example.suggested_by}", photo.image_path)
        for photo in dataset.own
        if photo.xml_path and photo.example and photo.example.suggested_by
    ]
    return found(
        "suggestion-unchecked",
        "warning",
        "annotations were suggested by a model, nobody has looked at them, and they are left out",
        "Open them with `tfod label`, correct and save them.",
        places,
    )


def orphans(dataset: Dataset) -> list[Finding]:
    """XML files without an image, with the image that may be meant."""
    by_stem: dict[str, list[Photo]] = defaultdict(list)
    by_folder: dict[Path, dict[str, Photo]] = defaultdict(dict)
    for photo in dataset.photos:
        by_stem[photo.image_path.stem.lower()].append(photo)
        if photo.xml_path is None:
            by_folder[photo.image_path.parent][photo.image_path.stem] = photo
    places: list[Place] = []
    for path in dataset.orphans:
        same = by_stem.get(path.stem.lower(), [])
        here = [photo for photo in same if photo.image_path.parent == path.parent]
        free = by_folder.get(path.parent, {})
        near = difflib.get_close_matches(path.stem, free, 1, 0.8) if len(places) < 100 else []
        if here and here[0].xml_path:
            detail = f"{here[0].image_path.name} has {here[0].xml_path.name} already"
        elif same:
            detail = f"its image is {same[0].image_path}"
        elif near:
            detail = f"did you mean {free[near[0]].image_path.name}?"
        else:
            detail = "there is no image of this name"
        places.append(Place(path, None, detail))
    return found(
        "xml-orphan",
        "warning",
        "XML files have no image and are left out",
        "Put the image beside the XML under the same name, or delete the XML.",
        places,
    )


def name_mismatch(dataset: Dataset) -> list[Finding]:
    """Annotations whose <filename> is another one than that of their image."""
    images = {photo.image_path for photo in dataset.photos}
    other: list[Place] = []
    renamed: list[Place] = []
    for photo in dataset.own:
        stated = photo.annotation.file_name if photo.annotation else ""
        if not (photo.xml_path and stated) or _same(stated, photo.image_path.name):
            continue
        there = photo.image_path.with_name(stated) in images
        detail = f"names {stated}, which is there too" if there else f"names {stated}"
        place = Place(photo.xml_path, None, detail, photo.image_path)
        (other if there else renamed).append(place)
    return found(
        "name-of-other-image",
        "warning",
        "annotations name another image, which is there too",
        "Look at the boxes in the report (`--html`); `tfod check --fix` puts the right name in.",
        other,
    ) + found(
        "name-mismatch",
        "info",
        "annotations give another file name than that of their image (renamed?)",
        "Nothing to do here, the name of the XML counts; `tfod check --fix` puts the name in.",
        renamed,
    )


def unseen_xml(dataset: Dataset) -> list[Finding]:
    """Annotations that belong to an image by their <filename> alone, or but for the case."""
    places = [
        Place(photo.xml_path, None, f"is of {photo.image_path.name}", photo.image_path)
        for photo in dataset.own
        if photo.xml_path and photo.xml_path.stem != photo.image_path.stem
    ]
    return found(
        "xml-named-otherwise",
        "info",
        "annotations are not called like their image",
        "LabelImg does not show them and would save a second XML: rename them before you go on.",
        places,
    )


def _same(stated: str, name: str) -> bool:
    """Whether two names are of one image; the format may have been converted."""
    name = name.strip()  # as the one in the XML, which may stand in a line of its own
    return stated == name or Path(stated).stem.lower() == Path(name).stem.lower()


def clashing_names(dataset: Dataset) -> list[Finding]:
    """Images of one folder that differ in upper and lower case only, or have one XML for two."""
    case: list[Place] = []
    stem: list[Place] = []
    groups: dict[tuple[Path, str], list[Photo]] = defaultdict(list)
    for photo in dataset.own:
        groups[photo.image_path.parent, photo.image_path.stem.lower()].append(photo)
    for group in groups.values():
        first = group[0].image_path
        for photo in group[1:]:
            same = photo.image_path.name.lower() == first.name.lower()
            (case if same else stem).append(Place(photo.image_path, None, f"and {first.name}"))
    return found(
        "name-differs-in-case",
        "warning",
        "images have a name that differs from another one in upper and lower case only",
        "Rename one with its XML: on Windows and macOS one overwrites the other.",
        case,
    ) + found(
        "name-of-two-images",
        "warning",
        "images share their name with another one but for its ending, so there is one XML for two",
        "Rename one, with its XML.",
        stem,
    )
