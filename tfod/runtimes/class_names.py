"""The class names of a model: from a label map or a list of names next to the model or in it.

A SavedModel has `label_map.pbtxt` in its folder; the exporter of the old API wrote none, only the
pipeline.config that names it. A .tflite file has a list with one name per line,
next to it or packed into it as the metadata of TFLite does, or a label map next to it.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from tfod.errors import UserError, refusal
from tfod.files import from_user
from tfod.labels import read_label_map
from tfod.listing import read_text
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy

LABEL_MAP = "label_map.pbtxt"
# next to <stem>.tflite, in the order of preference
NEXT_TO_FILE = ("{}.labels.txt", "{}_labels.txt", "{}.txt", LABEL_MAP, "labelmap.txt")
NAMELESS = ("???", "background", "")  # numbers without a class in the published files
MOST_LABELS_BYTES = 2**20  # 10,000 names take a tenth of it
PLACES_ABOVE = 4  # folders above an exported model where the paths of its config may begin
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without a limit
# of a pipeline.config, of whichever family of models
_NAMED = re.compile(
    r"""^[^#\n]*\blabel_map_path\s*:\s*(?P<quote>["'])(?P<path>.+?)(?P=quote)""", re.M
)
_NUM_CLASSES = re.compile(r"^[^#\n]*\bnum_classes\s*:\s*(\d{1,6})\b", re.M)


def find_class_names(
    model: Path, label_map: str | Path | None = None, progress: Progress = SILENT
) -> dict[int, str]:
    """Find the class names of a model.

    Args:
        model: the `saved_model` folder or the .tflite file.
        label_map: a label map, or a text file with one name per line, to use instead.
        progress: gets a note when there are no names, or only those that a config names.

    Returns:
        Name of each class id, 0-based; empty when there are no names.

    Raises:
        UserError: the names cannot be read.
    """
    if label_map is not None:
        return _read_names(from_user(label_map))
    for file in _places(model):
        if file.is_file():
            return _read_names(file)
    if model.is_file():
        names = _in_lines(_packed_labels(model))
    else:
        names = _named_by_config(model, progress)
    if not names:
        progress.note(
            f'note: the classes have no names and are called "class 1", "class 2" ...; put '
            f"the label map they were trained with here: {_places(model)[0]}"
        )
    return names


def _named_by_config(model: Path, progress: Progress) -> dict[int, str]:
    """Read the label map that the pipeline.config of an exported model names, if it is there."""
    folder = model.absolute()
    configs = [one / "pipeline.config" for one in (folder.parent, folder)]
    config = next((one for one in configs if one.is_file()), None)
    if config is None:
        return {}
    try:
        text = read_text(config, MOST_LABELS_BYTES)
    except UserError as error:
        progress.note(f"note: {error}")
        return {}
    count = _NUM_CLASSES.search(text)
    for name in dict.fromkeys(match["path"] for match in _NAMED.finditer(text)):
        for file in _files_meant(name, config.parent):
            try:
                labels = read_label_map(file, names_twice=True)
            except UserError as error:
                progress.note(f"note: {error}")
                continue
            if count is None or labels.num_classes <= int(count[1]):
                said = f"the names of the classes are those in {file}, which {config} names"
                progress.note(f"note: {said}")
                return dict(labels.class_names)
    return {}


def _files_meant(name: str, folder: Path) -> Iterator[Path]:
    """Find the files that a path in a config may mean, which was written elsewhere.

    A relative path began at the folder in which the old API was started, above the model. Of a path
    on another computer the last folders are looked for there.
    """
    parts = PureWindowsPath(name).parts  # whichever slashes it has
    ends = [Path(*parts[first:]) for first in range(1, len(parts) - 1)]
    for end in (from_user(name), *ends):
        for above in [*folder.parents][:PLACES_ABOVE]:
            if (above / end).is_file():
                yield above / end


def names_file(model: Path) -> Path:
    """Give the file that names the classes of a model, there or not.

    Args:
        model: the folder of an exported model, or a .tflite file.
    """
    if model.is_dir() or not model.suffix:
        return model / LABEL_MAP
    return _places(model)[0]


def _places(model: Path) -> list[Path]:
    if model.is_dir():
        return [model.absolute().parent / LABEL_MAP, model / LABEL_MAP]
    return [model.with_name(name.format(model.stem)) for name in NEXT_TO_FILE]


def _read_names(file: Path) -> dict[int, str]:
    if file.suffix == ".pbtxt":
        return dict(read_label_map(file, names_twice=True).class_names)
    return _in_lines(read_text(file, MOST_LABELS_BYTES).splitlines())


def _packed_labels(model: Path) -> list[str]:
    """Read the first text file of the zip archive that a model with metadata ends in."""
    if not zipfile.is_zipfile(model):
        return []
    try:
        with zipfile.ZipFile(model) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith(".txt"):
                    return _read_entry(archive, entry, model).splitlines()
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        what = f"the class names packed into the file cannot be read ({error})"
        raise refusal("class-names-damaged", model, what, remedy=Remedy.COPY_AGAIN) from error
    return []


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, model: Path) -> str:
    if entry.compress_type not in READABLE:
        raise zipfile.BadZipFile(f"{entry.filename} uses an unsupported compression")
    content = b""
    if entry.file_size <= MOST_LABELS_BYTES:  # what it says of itself; what it holds may be more
        with archive.open(entry) as file:
            content = file.read(MOST_LABELS_BYTES + 1)
    if max(len(content), entry.file_size) > MOST_LABELS_BYTES:
        raise refusal(
            "file-too-large",
            model,
            f"{ascii(entry.filename)} in the file is too large for a list of class names",
            expected=f"at most {MOST_LABELS_BYTES:,} bytes",
            got=f"{max(len(content), entry.file_size):,}",
            remedy=Remedy.COPY_AGAIN,
        )
    return content.decode("utf-8", "replace")


def _in_lines(lines: list[str]) -> dict[int, str]:
    """Number the lines from 0; a first line that stands for the background does not count."""
    names = [line.strip() for line in lines]
    if names and names[0] in NAMELESS:
        names = names[1:]
    return {number: name for number, name in enumerate(names) if name not in NAMELESS}
