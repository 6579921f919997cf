"""Which photos are copies of each other by their names: flipped, turned, tinted, exported anew.

Such copies do not look alike (`near_duplicates.py`), but a model that saw one knows the others. A
number alone says nothing: IMG_1 and IMG_2 are two photos. Knows names, nothing of pixels.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

Family = tuple[str, str]  # the folder of the original, "" when it is not there; its stem

# Roboflow names every export x_jpg.rf.<hash>.jpg
_EXPORTED = re.compile(r"(.+?)(?:[_.](?:jpe?g|png|bmp|gif|webp|tiff?))?\.rf\.[0-9a-z]{16,}")
_CHANGED = (
    "aug(?:mented|mentation)?|[hv]?flip(?:ped)?(?:_?(?:lr|ud|h|v|x|y))?|mirror(?:ed)?"
    "|rot(?:ate|ated|ation)?|turned"
)
_MAYBE = (
    "blur(?:red)?|nois[ey]|bright(?:ness|er)?|dark(?:er)?|contrast|crop(?:ped)?|hue|saturation"
    "|gr[ae]y(?:scale)?|colou?r|jitter|scaled?|zoom|shift(?:ed)?|translated?|shear(?:ed)?|copy"
)
_WORD = rf"(?:{_CHANGED}|{_MAYBE})(?:[ _-]?\d{{1,3}})?"
_ENDING = re.compile(rf"(?:[ _.-]+{_WORD})+$")
_BEGINNING = re.compile(rf"(?:(?:{_CHANGED})(?:[ _-]?\d{{1,3}})?[ _.-]+)+")
_NUMBERED = re.compile(r"(.+?) ?\(\d+\)")
_SURE = re.compile(rf".*[ _.-](?:{_CHANGED})(?:[ _-]?\d{{1,3}})?")
# a number that stands for one photo, and no year: 2026_aug_1 was taken in August
_OF_ONE_PHOTO = re.compile(r".*\d{3,}(?<!(?<!\d)(?:19|20)\d\d)")
MOST_NUMBERED = 9  # copies: "download (87).jpg" is what a browser calls any photo


@dataclass
class _Known:
    """The names of a data set: stem -> folders of such photos, exported stems, x of "x (1)"."""

    folders: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    exports: set[str] = field(default_factory=set)
    copies: Counter[str] = field(default_factory=Counter)


def families(names: Sequence[tuple[str, str]]) -> list[Family]:
    """Tell for each photo of whom it is a copy, by name; without copies, of itself.

    A name like x_flip is that of a copy when there is a photo x: in the same folder, or only one
    anywhere. Without it the other copies of x are known by a number of x, as IMG_0001_flip.

    Args:
        names: (folder, stem of the file) of each photo of a data set.

    Returns:
        The same pair for all photos of a family.
    """
    exported = [_without_export(stem.casefold()) for _, stem in names]
    known = _Known()
    for (folder, _), (stem, is_export) in zip(names, exported, strict=True):
        if is_export:
            known.exports.add(stem)
        else:
            known.folders[stem].add(folder)
        if match := _NUMBERED.fullmatch(stem):
            known.copies[match[1]] += 1
    return [
        _family(folder, stem, is_export, known)
        for (folder, _), (stem, is_export) in zip(names, exported, strict=True)
    ]


def _family(folder: str, stem: str, is_export: bool, known: _Known) -> Family:
    bases = _bases(stem, known)
    for of in [*bases, stem] if is_export else bases:
        folders = known.folders.get(of, set())
        if folder in folders:
            return folder, of
        if len(folders) == 1:
            return next(iter(folders)), of
        if not folders and of in known.exports:
            return "", of
    is_sure = bases and _SURE.fullmatch(stem) and _OF_ONE_PHOTO.fullmatch(bases[0])
    if is_sure or is_export:
        return "", bases[0] if is_sure else stem
    return folder, stem


def _bases(stem: str, known: _Known) -> list[str]:
    """What a photo may be a copy of, by its name: the shortest first."""
    if match := _NUMBERED.fullmatch(stem):
        is_copy = known.copies[match[1]] <= MOST_NUMBERED
        return [*_bases(match[1], known), match[1]] if is_copy else []
    ending, beginning = _ENDING.search(stem), _BEGINNING.match(stem)
    before = [stem[: ending.start()]] if ending and ending.start() else []
    after = [stem[beginning.end() :]] if beginning and beginning.end() < len(stem) else []
    return before + after


def _without_export(stem: str) -> tuple[str, bool]:
    match = _EXPORTED.fullmatch(stem)
    return (match[1], True) if match else (stem, False)
