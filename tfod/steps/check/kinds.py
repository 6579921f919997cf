"""Everything a check can find: how bad it is, what it is, and what to do about it.

A noun and what follows it: "12 boxes" "without area". The check fills in the names in braces, and
the remedy where that depends on the data.
"""

from typing import Literal, NamedTuple

from tfod.listing import HEIC_READER
from tfod.remedies import Advice, Remedy
from tfod.words import plural

Group = Literal["stops-records", "spoils-training", "good-to-know"]
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
FRESH = Remedy.RUN(step="split", fresh=True)
BY_SESSION = Remedy.RUN(step="split", by="session", fresh=True)

# training would crash or silently learn garbage
ERRORS: dict[str, tuple[str, str, Advice | Remedy | None]] = {
    "image-unreadable": ("image", "that cannot be read", REPLACE),
    "xml-unreadable": ("annotation", "that cannot be read", REPLACE),
    "size-mismatch": ("image", "resized after labelling", REDRAW),
    "nothing-labelled": ("image", "of which none is labelled", LABEL),
    "box-outside-image": ("box", "extending outside the image", FIX),
    "box-zero-area": ("box", "without area", FIX),
    "box-swapped": ("box", "with swapped sides", FIX),
    "box-not-a-number": ("box", "with a side that is not a number", EDIT),
    "box-without-class": ("box", "without a class", LABEL),
    "box-missing": ("object", "without a rectangle; polygons and lines cannot be used", REDRAW),
    "box-fractions": ("box", "in fractions of the image, not in pixels", PIXELS),
    "class-unknown": ("box", "of class {name}, which is not in {label_map}", LABEL),
    "duplicate-across-parts": (
        "image",
        "in two parts, so the model is tested on what it saw",
        FRESH,
    ),
    "class-not-in-train": ("class", "in test or val but not in train, so never learned", FRESH),
    "part-empty": ("part", "of the split without labelled images", SPLIT),
    "record-unreadable": ("record file", "that cannot be read", RECORDS),
    "record-without-image": ("record", "without an image", RECORDS),
    "record-boxes-differ": ("record", "with different objects than the XML", RECORDS),
    "record-image-differs": ("record", "with different pixels than the image", RECORDS),
    "record-box-outside": ("record", "with impossible boxes", FIX),
    "record-class-number": ("record", "whose classes do not match the label map", RECORDS),
    "label-map-unusable": ("problem", "in the label map", EDIT),
    "config-unusable": ("problem", "in pipeline.config", EDIT),
    "config-too-few-classes": ("config", "with too few classes for the label map", None),
    "label-map-of-config": (
        "label map",
        "in the config that differs from the label map of the data",
        None,
    ),
}

# what costs accuracy, or loses photos
WARNINGS: dict[str, tuple[str, str, Advice | Remedy | None]] = {
    "exif-rotation-unclear": ("image", "rotated by EXIF; it is unclear if the XML is, too", LOOK),
    "wrong-extension": ("image", "whose format does not match the extension", FIX),
    "image-not-read": ("photo", "in an unsupported format", JPEG),
    "heic-not-read": ("photo", "in HEIC, left out: reading it needs a package", HEIC_READER),
    "folder-too-deep": ("folder", "inside a session whose images are ignored", None),
    "xml-missing": ("image", "without XML, left out", LABEL),
    "other-labels": ("image", "without XML, but with labels in {title}", None),
    "suggestion-unchecked": (
        "photo",
        "with suggestions that nobody has gone through, left out until then",
        LABEL,
    ),
    "xml-orphan": ("XML file", "without an image, left out", RENAME),
    "name-of-other-image": ("annotation", "naming a different image, which also exists", LOOK),
    "name-of-two-images": ("image", "named like another one but for case or ending", RENAME),
    "box-one-pixel": ("box", "one pixel high or wide", LABEL),
    "box-duplicate": ("box", "drawn twice", FIX),
    "box-near-duplicate": ("box", "next to nearly the same box of its class", LABEL),
    "box-of-two-classes": ("box", "on top of a box of another class", LABEL),
    "boxes-too-many": ("image", "with more than the {most} boxes that training uses", None),
    "class-misspelt": ("box", "of class {name}; {meant}", None),
    "class-rare": ("class", "in fewer than {least} images", CAPTURE),
    "class-rare-in-train": ("class", "in fewer than {least} images of train", FRESH),
    "class-rare-in-test": ("class", "in a single test image, so its figures say little", FRESH),
    "class-in-one-session": (
        "class",
        "with images from one session only, so the background may be learned",
        CAPTURE,
    ),
    "class-imbalance": ("class", "with under a {share}th of the boxes of the largest one", CAPTURE),
    "class-unused": ("class", "of the label map without a box", LABEL),
    "label-map-gap": ("number", "missing from the label map, though the model has the class", EDIT),
    "label-map-alike": ("class", "of the label map that a reader takes for another one", EDIT),
    "duplicate-labels-differ": ("image", "with a copy that has different labels", DELETE),
    "near-duplicate-across-parts": (
        "test photo",
        "{of} looking like a training photo, so results will look too good",
        BY_SESSION,
    ),
    "copy-across-parts": (
        "image",
        "named like an altered copy of one in another part, so results will look too good",
        FRESH,
    ),
    "class-not-in-test": ("class", "in train but not in test or val, so never tested", FRESH),
    "split-outdated": ("annotation", "changed after the split", SPLIT),
    "split-lacks-photos": ("labelled photo", "in no part of the split", SPLIT),
    "photo-in-no-part": ("labelled photo", "in no part of the split", None),
    "box-tiny-in-training": ("box", "under 8 px wide or high at {size}: {which}", None),
    "box-fits-no-anchor": ("box", "below IoU {least} with every anchor at {size}: {which}", None),
    "batch-too-large": ("image", "in a batch, but only {labelled} labelled to train on", None),
    "record-of-no-image": ("record", "without a labelled image in this part", RECORDS),
    "val-record-left": (
        "record file",
        "from an earlier split; train may now have its photos",
        DELETE,
    ),
    "record-missing": ("labelled image", "in no record", RECORDS),
    "record-twice": ("image", "in a record file twice", RECORDS),
    "config-too-many-classes": ("config", "with more classes than the label map", None),
    "config-file-missing": ("file", "named in the config but missing", RECORDS),
    "config-evaluates-on-train": ("record file", "used both to train and to evaluate", None),
}

# good to know
INFOS: dict[str, tuple[str, str, Advice | Remedy | None]] = {
    "size-wrong": ("annotation", "with a wrong <size>, though the boxes fit the image", FIX),
    "exif-rotation": ("image", "rotated by EXIF along with the boxes", FIX),
    "image-format": ("image", "not in plain 8-bit JPEG or PNG, converted for the records", FIX),
    "name-mismatch": ("annotation", "naming a file that is not its image", FIX),
    "xml-named-otherwise": ("XML file", "not named like its image, as LabelImg expects", RENAME),
    "box-cut": ("box", "up to one pixel over the edge, cut off there", None),
    "image-without-boxes": (
        "image",
        "with an XML but no boxes, {share} of the labelled ones",
        None,
    ),
    "val-is-test": ("folder", "used as test images, because there are no others", None),
    "duplicate-image": ("image", "identical to another one", DELETE),
    "near-duplicates": ("group", "of images that look alike, {alike} of {total} images", None),
    "split-keeps-photos": ("photo", "in the split whose original is no longer in a session", SPLIT),
    "photo-stretched": ("photo", "stretched by more than 2:1 at {size}", None),
}

KINDS: dict[str, Kind] = {
    code: Kind(severity, *words)
    for severity, kinds in zip(SEVERITIES, (ERRORS, WARNINGS, INFOS), strict=True)
    for code, words in kinds.items()
}

# what `records` refuses, and nobody can accept
STOPS_RECORDS = frozenset(
    {
        *("image-unreadable", "xml-unreadable", "nothing-labelled", "part-empty"),
        *("box-outside-image", "box-zero-area", "box-swapped", "box-not-a-number"),
        *("box-without-class", "box-missing", "box-fractions"),
        *("class-unknown", "label-map-unusable"),
    }
)
# with nothing to do about them when they are but good to know
QUIET = frozenset(
    {
        *("box-cut", "image-without-boxes", "near-duplicates"),
        *("box-tiny-in-training", "box-fits-no-anchor"),
    }
)
HEADINGS: dict[Group, str] = {
    "stops-records": "Stops the records:",
    "spoils-training": "Spoils the training, or leaves photos out of it:",
    "good-to-know": "Good to know:",
}
