"""Split and records with keywords, in the current folder, as most tests call them."""

from pathlib import Path

from tfod.steps.records import records as records_step
from tfod.steps.records.records import RecordsOptions
from tfod.steps.split import split as split_step
from tfod.steps.split.split import SplitOptions
from tfod.workspace import Workspace


def split(images_dir=None, output_dir=None, **options):
    """Split a folder, or workspace/images."""
    images_dir = images_dir and Path(images_dir)
    output_dir = output_dir and Path(output_dir)
    given = SplitOptions(images_dir=images_dir, output_dir=output_dir, **options)
    return split_step.split(Workspace(Path()), given)


def write_records(images_dir, record_path, label_map, **options):
    """Write the record of one folder."""
    given = RecordsOptions(**options)
    return records_step.write_records(images_dir, record_path, label_map, given)


def write_parts(images_dir, output_dir, label_map, **options):
    """Write the records of all parts: part -> what was written."""
    places = {"images_dir": images_dir, "output_dir": output_dir, "label_map": label_map}
    return records_step.write_parts(Workspace(Path()), RecordsOptions(**places, **options)).parts
