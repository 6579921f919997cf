"""Everything a check can find: how bad it is, what it is, and what to do about it.

`what` follows the count ("12 boxes have no area"); "{}" in it is filled in by the check, as is the
remedy that depends on the data.
"""

from typing import Literal

from tfod.errors import Problem
from tfod.remedies import Remedy

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

FIX = Remedy.FIX
LOOK = Remedy.LOOK_AT
RENAME = Remedy.RENAME
REPLACE = Remedy.REPLACE_FILE
DELETE = Remedy.DELETE
EDIT = Remedy.EDIT_LINE
REDRAW = Remedy.DRAW_AGAIN
PIXELS = Remedy.WRITE_PIXELS
JPEG = Remedy.CONVERT_TO_JPEG
LABEL = Remedy.RUN(step="label")
CAPTURE = Remedy.RUN(step="capture")
SPLIT = Remedy.RUN(step="split")
SPLIT_BY_SESSION = Remedy.RUN(step="split", by="session")
RECORDS = Remedy.RUN(step="records")
LARGER = Remedy.RUN(step="config", name="NAME", size=1024)

# training would crash or silently learn garbage
ERRORS = (
    Problem("image-unreadable", what="images cannot be read", remedy=REPLACE),
    Problem("xml-unreadable", what="annotations cannot be read", remedy=REPLACE),
    Problem("size-mismatch", what="images were resized after they were labelled", remedy=REDRAW),
    Problem("nothing-labelled", what="{}, but none are labelled", remedy=LABEL),
    Problem("box-outside-image", what="boxes extend outside the image", remedy=FIX),
    Problem("box-zero-area", what="boxes have no area", remedy=FIX),
    Problem("box-swapped", what="boxes have swapped sides", remedy=FIX),
    Problem("box-not-a-number", what="boxes have a side that is not a number", remedy=EDIT),
    Problem("box-without-class", what="boxes have no class", remedy=LABEL),
    Problem(
        "box-missing",
        what="objects have no rectangle; polygons and lines cannot be used",
        remedy=REDRAW,
    ),
    Problem("box-fractions", what="boxes are fractions of the image, not pixels", remedy=PIXELS),
    Problem("class-unknown", what="boxes have the class {}", remedy=LABEL),
    Problem(
        "duplicate-across-parts",
        what="images are in two parts of the split, so the model is tested on images it has seen",
        remedy=SPLIT,
    ),
    Problem(
        "class-not-in-train",
        what="classes are in test or val but not in train, so the model cannot find them",
        remedy=SPLIT,
    ),
    Problem("part-empty", what="parts of the split have no labelled images", remedy=SPLIT),
    Problem("record-unreadable", what="record files cannot be read", remedy=RECORDS),
    Problem("record-without-image", what="records hold no image", remedy=RECORDS),
    Problem(
        "record-boxes-differ", what="records have different objects than the XML", remedy=RECORDS
    ),
    Problem(
        "record-image-differs", what="records have different pixels than the image", remedy=RECORDS
    ),
    Problem("record-box-outside", what="records have boxes that no image can have", remedy=FIX),
    Problem(
        "record-class-number",
        what="records have class names or numbers that differ from the label map",
        remedy=RECORDS,
    ),
    Problem("label-map-unusable", what="problems in the label map", remedy=EDIT),
    Problem("config-unusable", what="problems in pipeline.config", remedy=EDIT),
    Problem(
        "config-too-few-classes",
        what="config has fewer classes than the label map, so training would stop or crash",
    ),
    Problem(
        "label-map-of-config", what="label maps in the config differ from the label map of the data"
    ),
)

# what costs accuracy, or loses photos
WARNINGS = (
    Problem(
        "exif-rotation-unclear",
        what="images are rotated by EXIF, and their XML does not say which way up it was drawn",
        remedy=LOOK,
    ),
    Problem("wrong-extension", what="images have the wrong extension for their format", remedy=FIX),
    Problem("image-not-read", what="photos are in an unsupported format", remedy=JPEG),
    Problem("folder-too-deep", what="folders inside a session contain images that are ignored"),
    Problem("xml-missing", what="images have no XML and are left out", remedy=LABEL),
    Problem(
        "suggestion-unchecked",
        what="annotations were suggested by a model and are left out until you save them",
        remedy=LABEL,
    ),
    Problem("xml-orphan", what="XML files have no image and are left out", remedy=RENAME),
    Problem(
        "name-of-other-image",
        what="annotations name a different image, which also exists",
        remedy=LOOK,
    ),
    Problem(
        "name-of-two-images",
        what="images share a name with another one, except for case or extension",
        remedy=RENAME,
    ),
    Problem("box-one-pixel", what="boxes are one pixel high or wide", remedy=LABEL),
    Problem("box-duplicate", what="boxes are drawn twice", remedy=FIX),
    Problem("box-of-two-classes", what="boxes coincide with a box of another class", remedy=LABEL),
    Problem("boxes-too-many", what="images have more than the {} boxes that training uses"),
    Problem("class-misspelt", what="boxes have the class {}"),
    Problem("class-rare", what="classes are in fewer than {} images", remedy=CAPTURE),
    Problem(
        "class-imbalance",
        what="classes have less than a {}th of the boxes of the most frequent one",
        remedy=CAPTURE,
    ),
    Problem("class-unused", what="classes of the label map have no box", remedy=LABEL),
    Problem(
        "label-map-gap",
        what="ids are missing from the label map; the model still gets a class for each",
        remedy=EDIT,
    ),
    Problem(
        "label-map-alike",
        what="classes of the label map differ only in case, spaces, hyphens or underscores",
        remedy=EDIT,
    ),
    Problem(
        "duplicate-labels-differ", what="images have a copy with different labels", remedy=DELETE
    ),
    Problem(
        "near-duplicate-across-parts",
        what="test photos {} look like a training photo, so results will look too good",
        remedy=SPLIT_BY_SESSION,
    ),
    Problem(
        "class-not-in-test",
        what="classes are in train but not in test or val, so their accuracy cannot be measured",
        remedy=SPLIT,
    ),
    Problem("split-outdated", what="annotations changed after the split", remedy=SPLIT),
    Problem("split-lacks-photos", what="labelled photos are in no part of the split", remedy=SPLIT),
    Problem("photo-in-no-part", what="labelled photos are in no part of the split"),
    Problem(
        "box-tiny-in-training",
        what="boxes are less than 8 px wide or high when the image is resized to {}",
        remedy=LARGER,
    ),
    Problem("box-fits-no-anchor", what="boxes {}"),
    Problem("batch-too-large", what="images in a batch, but only {} labelled photos to train on"),
    Problem(
        "record-of-no-image",
        what="records come from images that are missing, in another part, or not labelled",
        remedy=RECORDS,
    ),
    Problem(
        "val-record-left",
        what="record files come from an earlier split; their photos may now be in train",
        remedy=DELETE,
    ),
    Problem("record-missing", what="labelled images are in no record", remedy=RECORDS),
    Problem("record-twice", what="images are in a record file twice", remedy=RECORDS),
    Problem(
        "config-too-many-classes",
        what="config has more classes than the label map; the extra ones are never seen",
    ),
    Problem("config-file-missing", what="files named in the config do not exist", remedy=RECORDS),
    Problem(
        "config-evaluates-on-train",
        what="record files are used to train and to evaluate, so the results mean nothing",
    ),
)

# good to know
INFOS = (
    Problem(
        "size-wrong",
        what="annotations have a wrong <size>, but their boxes fit the image",
        remedy=FIX,
    ),
    Problem("exif-rotation", what="images are rotated by EXIF, and so are their boxes", remedy=FIX),
    Problem(
        "image-format",
        what="images are not plain 8-bit JPEG or PNG, and are converted for the records",
        remedy=FIX,
    ),
    Problem("name-mismatch", what="annotations name a file that is not their image", remedy=FIX),
    Problem(
        "xml-named-otherwise",
        what="annotations are not named like their image; LabelImg would save a second XML",
        remedy=RENAME,
    ),
    Problem("box-cut", what="boxes extend up to one pixel over the edge and are cut off there"),
    Problem(
        "image-without-boxes",
        what="images have an XML without boxes ({} of the labelled ones)",
        remedy=LOOK,
    ),
    Problem("duplicate-image", what="images are exact copies of another image", remedy=DELETE),
    Problem("near-duplicates", what="groups of images that look alike, {}"),
    Problem(
        "split-keeps-photos",
        what="copies in the split no longer have an original in a session",
        remedy=SPLIT,
    ),
    Problem("photo-stretched", what="photos are stretched by more than 2:1 when resized to {}"),
)

KINDS: dict[str, tuple[Severity, Problem]] = {
    problem.code: (severity, problem)
    for severity, problems in zip(SEVERITIES, (ERRORS, WARNINGS, INFOS), strict=True)
    for problem in problems
}
