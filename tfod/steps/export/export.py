"""Turn a checkpoint into an exported model that any TensorFlow can run, without `tfod`.

    exported-models/<name>/
        pipeline.config      as run
        label_map.pbtxt      the class names, when there is a label map
        thresholds.json      the score at which each class counts, when it was evaluated
        checkpoint/ckpt-0    the weights, for later fine-tuning
        saved_model/         signature serving_default, also callable: model(image)

The layout, the signature and the outputs are those of the old API; class ids are 1-based in the
outputs. The batch norms of the network are folded into its convolutions (`fold.py`).

Run it with `tfod export NAME`.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tfod.class_numbers import LABEL_MAP, agree, check_rename, keep_renamed, label_map_of
from tfod.config import write_config
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.detections import DEFAULT_SCORE
from tfod.errors import refusal
from tfod.files import refuse_file, whole_folder
from tfod.labels import LabelMap, read_fitting_label_map, write_label_map
from tfod.model.checkpoints.format import Checkpoint, read_checkpoint
from tfod.model.checkpoints.restore import restore_model
from tfod.model.checkpoints.save import save_exporter_checkpoint
from tfod.model.ssd import SSD
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.runtimes.thresholds import THRESHOLDS, measured_thresholds, scores_in, scores_in_words
from tfod.steps.evaluate.recalibrate import recalibrate
from tfod.steps.export.saved_model import check_input_type, save_exported
from tfod.workspace import Workspace

OURS = ("pipeline.config", LABEL_MAP, THRESHOLDS, "checkpoint", "saved_model")


@dataclass(frozen=True)
class ExportOptions:
    """How to export.

    Attributes:
        input_type: "image_tensor" (uint8 [1, H, W, 3]), "float_image_tensor" (float32, 0..255),
            "encoded_image_string_tensor" (one image file) or "tf_example" (one record).
        label_map: its file; the config's when None.
        rename: name in the weights -> name in the label map, of classes that got another name.
        recalibrated: re-estimate the statistics of the batch norms over the training photos.
    """

    input_type: str = "image_tensor"
    label_map: Path | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    recalibrated: bool = False


@dataclass(frozen=True)
class ExportResult:
    """What an export made.

    Attributes:
        folder: the exported model.
        checkpoint: prefix of the checkpoint the weights came from.
        input_type: what the model takes.
        image_size: (height, width) the model resizes to, px.
        num_classes: without background.
        class_names: by 0-based class id; empty without label map.
        min_scores: 0-based class id -> score at which its detections count; empty when these
            weights were not evaluated.
    """

    folder: Path
    checkpoint: Path
    input_type: str
    image_size: tuple[int, int]
    num_classes: int
    class_names: dict[int, str]
    min_scores: dict[int, float] = field(default_factory=dict)

    def notes(self) -> list[str]:
        """What the user should know: classes without names, at which scores detections count."""
        counts = "was not evaluated, so its detections count from a score of"
        said = [f"note: this checkpoint {counts} {DEFAULT_SCORE}"]
        if self.min_scores:
            scores = scores_in_words(self.min_scores, self.class_names)
            said = [f"detections count from {scores}, which evaluate found best"]
        if self.class_names:
            return said
        return [
            "note: there is no label map (label_map_path in pipeline.config), so detections will "
            "have numbers instead of names. Copy it to the exported folder as label_map.pbtxt.",
            *said,
        ]


def export(
    workspace: Workspace,
    config: TrainEvalPipelineConfig,
    checkpoint: Path,
    output_dir: Path,
    options: ExportOptions = ExportOptions(),
    progress: Progress = SILENT,
) -> ExportResult:
    """Export a trained model; an earlier export is replaced when the new one is complete.

    Args:
        checkpoint: prefix of a checkpoint, or a folder (its latest).
        output_dir: the exported model's own folder.
        progress: gets a note of classes that cannot be compared, or are not the same.

    Raises:
        UserError: no checkpoint, or of another model; an unknown input type; a label map that does
            not fit, or has other classes than the weights; an output folder that holds something
            else.
    """
    input_type = options.input_type
    check_input_type(input_type)
    folder = Path(output_dir)
    others = _other_files(folder)
    stored = read_checkpoint(checkpoint)
    labels = _labels(config, stored, options, folder, progress)
    model = SSD(config.model.ssd)
    report = restore_model(model, stored, "all")
    if options.recalibrated:
        recalibrate(config, model, progress)
    if labels and options.rename:
        keep_renamed(labels, stored.path)
    thresholds = measured_thresholds(stored.path)
    with whole_folder(folder) as temporary:
        _copy(others, temporary)
        save_exported(model, input_type, temporary / "saved_model")
        save_exporter_checkpoint(temporary / "checkpoint", model)
        write_config(config, temporary / "pipeline.config", workspace)
        if labels:
            write_label_map(temporary / LABEL_MAP, labels)
        if thresholds:
            text = json.dumps(thresholds, indent=2)
            (temporary / THRESHOLDS).write_text(f"{text}\n", encoding="utf-8")
    return ExportResult(
        folder,
        report.path,
        input_type,
        model.image_size,
        model.num_classes,
        dict(labels.class_names) if labels else {},
        scores_in(thresholds, folder / THRESHOLDS) if thresholds else {},
    )


def _labels(
    config: TrainEvalPipelineConfig,
    stored: Checkpoint,
    options: ExportOptions,
    folder: Path,
    progress: Progress,
) -> LabelMap | None:
    """The classes of the weights, where these are named, compared with those of the data.

    These are in the label map that is given, that of the config, or that of the last export.
    """
    path = options.label_map
    if path is None:
        readers = [config.train_input_reader, *config.eval_input_reader]
        paths = [Path(reader.label_map_path) for reader in readers if reader.label_map_path]
        paths += [one for one in (label_map_of(stored.path), folder / LABEL_MAP) if one]
        path = next((path for path in paths if path.is_file()), None)
    if path is None:
        check_rename(options.rename, None)
        return None
    labels = read_fitting_label_map(path, config.model.ssd.num_classes, names_twice=True)
    is_given = options.label_map is not None and label_map_of(stored.path) is None
    return labels if is_given else agree(stored.path, labels, path, options.rename, progress)


def _other_files(folder: Path) -> list[Path]:
    """Files a user keeps in an exported model's folder, to be kept."""
    refuse_file(folder)
    if not folder.exists():
        return []
    paths = sorted(folder.iterdir())
    if paths and not (folder / "saved_model").is_dir():
        raise refusal(
            "folder-not-exported-model",
            folder,
            "contains other files, and exporting replaces the whole folder",
            expected="an exported model, or a new folder",
            got=paths[0].name,
            remedy=Remedy.CHOOSE_FOLDER,
        )
    return [path for path in paths if path.name not in OURS]


def _copy(paths: list[Path], folder: Path) -> None:
    for path in paths:
        if path.is_dir():
            shutil.copytree(path, folder / path.name)
        else:
            shutil.copy2(path, folder / path.name)
