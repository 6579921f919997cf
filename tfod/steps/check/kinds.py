"""Everything a check can find: how bad it is, what it is, and what to do about it.

A noun and what follows it: "12 boxes" "without area". The check fills in the names in braces, and
the remedy where that depends on the data.
"""

from typing import Literal, NamedTuple

from tfod.remedies import Advice, Remedy
from tfod.words import plural

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


class Kind(NamedTuple):
    """One thing that a check can find."""

    severity: Severity
    noun: str
    rest: str
    remedy: Advice | Remedy | None = None

    def words(self, count: int, **gaps: object) -> str:
        """Say what was found, without the count."""
        noun = plural(count, self.noun).partition(" ")[2]
        return f"{noun} {self.rest.format(**gaps)}"


FIX, LOOK, DELETE, EDIT = Remedy.FIX, Remedy.LOOK_AT, Remedy.DELETE, Remedy.EDIT_LINE
RENAME, REPLACE, REDRAW = Remedy.RENAME, Remedy.REPLACE_FILE, Remedy.DRAW_AGAIN
PIXELS, JPEG = Remedy.WRITE_PIXELS, Remedy.CONVERT_TO_JPEG
LABEL, CAPTURE = Remedy.RUN(step="label"), Remedy.RUN(step="capture")
SPLIT, RECORDS = Remedy.RUN(step="split"), Remedy.RUN(step="records")
BY_SESSION = Remedy.RUN(step="split", by="session")
LARGER = Remedy.RUN(step="config", name="NAME", size=1024)

# training would crash or silently learn garbage
ERRORS: dict[str, tuple[str, str, Advice | Remedy | None]] = {
    "image-unreadable": ("image", "that cannot be read", REPLACE),
    "xml-unreadable": ("annotation", "that cannot be read", REPLACE),
    "size-mismatch": ("image", "resized after labelling", REDRAW),
    "nothing-labelled": ("image", "and not one is labelled", LABEL),
    "box-outside-image": ("box", "reaching outside the image", FIX),
    "box-zero-area": ("box", "without area", FIX),
    "box-swapped": ("box", "with swapped sides", FIX),
    "box-not-a-number": ("box", "with a side that is not a number", EDIT),
    "box-without-class": ("box", "without a class", LABEL),
    "box-missing": ("object", "without a rectangle; polygons and lines cannot be used", REDRAW),
    "box-fractions": ("box", "in fractions of the image, not in pixels", PIXELS),
    "class-unknown": ("box", "of class {name}, which {label_map} lacks", LABEL),
    "duplicate-across-parts": ("image", "in two parts: the model is tested on what it saw", SPLIT),
    "class-not-in-train": ("class", "in test or val but not in train, so never learned", SPLIT),
    "part-empty": ("part", "of the split without labelled images", SPLIT),
    "record-unreadable": ("record file", "that cannot be read", RECORDS),
    "record-without-image": ("record", "without an image", RECORDS),
    "record-boxes-differ": ("record", "with other objects than the XML", RECORDS),
    "record-image-differs": ("record", "with other pixels than the image", RECORDS),
    "record-box-outside": ("record", "with boxes that no image can have", FIX),
    "record-class-number": ("record", "whose classes are not those of the label map", RECORDS),
    "label-map-unusable": ("problem", "in the label map", EDIT),
    "config-unusable": ("problem", "in pipeline.config", EDIT),
    "config-too-few-classes": ("config", "with too few classes for the label map", None),
    "label-map-of-config": ("label map", "of the config, other than that of the data", None),
}

# what costs accuracy, or loses photos
WARNINGS: dict[str, tuple[str, str, Advice | Remedy | None]] = {
    "exif-rotation-unclear": ("image", "turned by EXIF, with XML for one side or the other", LOOK),
    "wrong-extension": ("image", "of another format than the name says", FIX),
    "image-not-read": ("photo", "in a format that is not read", JPEG),
    "folder-too-deep": ("folder", "inside a session, with images that nothing reads", None),
    "xml-missing": ("image", "without XML, left out", LABEL),
    "suggestion-unchecked": ("annotation", "by a model, left out until a person saves it", LABEL),
    "xml-orphan": ("XML file", "without an image, left out", RENAME),
    "name-of-other-image": ("annotation", "naming another image, which exists too", LOOK),
    "name-of-two-images": ("image", "named like another one but for case or ending", RENAME),
    "box-one-pixel": ("box", "of one pixel in height or width", LABEL),
    "box-duplicate": ("box", "drawn twice", FIX),
    "box-of-two-classes": ("box", "on a box of another class", LABEL),
    "boxes-too-many": ("image", "with more boxes than the {most} training takes", None),
    "class-misspelt": ("box", "of class {name}; {meant}", None),
    "class-rare": ("class", "in fewer than {least} images", CAPTURE),
    "class-imbalance": ("class", "with under a {share}th of the boxes of the largest one", CAPTURE),
    "class-unused": ("class", "of the label map without a box", LABEL),
    "label-map-gap": ("number", "missing in the label map; the model gets a class for it", EDIT),
    "label-map-alike": ("class", "of the label map alike but for case or separators", EDIT),
    "duplicate-labels-differ": ("image", "with a copy that has other labels", DELETE),
    "near-duplicate-across-parts": (
        "test photo",
        "{of} looking like one in train, which flatters the figures",
        BY_SESSION,
    ),
    "class-not-in-test": ("class", "in train but not in test or val, so never tested", SPLIT),
    "split-outdated": ("annotation", "changed after the split", SPLIT),
    "split-lacks-photos": ("labelled photo", "in no part of the split", SPLIT),
    "photo-in-no-part": ("labelled photo", "in no part of the split", None),
    "box-tiny-in-training": ("box", "under 8 px wide or high at {size} ({classes})", LARGER),
    "box-fits-no-anchor": ("box", "below IoU {least} with any anchor at {size}: {which}", None),
    "batch-too-large": ("image", "in a batch, but only {labelled} labelled to train on", None),
    "record-of-no-image": ("record", "without a labelled image in this part", RECORDS),
    "val-record-left": ("record file", "of an earlier split; train may hold its photos", DELETE),
    "record-missing": ("labelled image", "in no record", RECORDS),
    "record-twice": ("image", "in a record file twice", RECORDS),
    "config-too-many-classes": ("config", "with more classes than the label map has", None),
    "config-file-missing": ("file", "named in the config but missing", RECORDS),
    "config-evaluates-on-train": ("record file", "both trained on and evaluated with", None),
}

# good to know
INFOS: dict[str, tuple[str, str, Advice | Remedy | None]] = {
    "size-wrong": ("annotation", "with a wrong <size>, whose boxes fit the image", FIX),
    "exif-rotation": ("image", "turned by EXIF, with the boxes", FIX),
    "image-format": ("image", "not in plain 8-bit JPEG or PNG, converted for the records", FIX),
    "name-mismatch": ("annotation", "naming another file than the image", FIX),
    "xml-named-otherwise": ("XML file", "not named like its image, as LabelImg expects", RENAME),
    "box-cut": ("box", "up to one pixel over the edge, cut there", None),
    "image-without-boxes": ("image", "with an XML without boxes, {share} of the labelled", LOOK),
    "duplicate-image": ("image", "exactly equal to another one", DELETE),
    "near-duplicates": ("group", "of images that look alike, {alike} of {total} images", None),
    "split-keeps-photos": ("photo", "in the split whose original is in no session now", SPLIT),
    "photo-stretched": ("photo", "changed in shape by more than 2:1 at {size}", None),
}

KINDS: dict[str, Kind] = {
    code: Kind(severity, *words)
    for severity, kinds in zip(SEVERITIES, (ERRORS, WARNINGS, INFOS), strict=True)
    for code, words in kinds.items()
}
