"""Claim: most boxes that a model of 10 photos suggests need no correction.

Takes five photos of each class (chosen by --seed) out of a folder of photos with LabelImg XML,
fine-tunes a published checkpoint on them (defaults of `tfod config`, 320x320, batch 8), lets the
model suggest boxes for the other photos, and compares these with the boxes people drew: ready
(IoU >= 0.8, right class), to move (0.5 to 0.8), to draw (missed or of a wrong class), to delete.

python benchmarks/suggest.py DATA/datasets/mask/train DATA/pre-trained/NAME
"""

import argparse
import os
import random
import shutil
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from tfod import boxes as box_sums
from tfod.config.templates import new_config, set_data
from tfod.data.example import Example
from tfod.data.photo_folder import read_folder
from tfod.data.voc import read_voc
from tfod.runtimes.load import load_detector
from tfod.steps.export.export import export
from tfod.steps.label.suggest import suggest
from tfod.steps.records.records import write_records
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace

SIDE = 320
BATCH_SIZE = 8
READY, TO_MOVE = 0.8, 0.5  # least IoU with the box of a person
MIN_SCORES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)

Photo = tuple[Path, Path, Example]


def choose(photos: list[Photo], per_class: int, seed: int) -> list[Photo]:
    """Draw photos of each class, by the class of the first box."""
    dice = random.Random(seed)
    classes = sorted({example.names[0] for _, _, example in photos if example.names})
    chosen = []
    for name in classes:
        of_class = [photo for photo in photos if photo[2].names[:1] == (name,)]
        chosen += dice.sample(of_class, per_class)
    return chosen


def make_model(photos: list[Photo], folder: Path, checkpoint: Path, steps: int, seed: int) -> Path:
    """Train on the photos and export."""
    (folder / "photos").mkdir()
    for image_path, xml_path, _ in photos:
        for path in (image_path, xml_path):
            shutil.copy(path, folder / "photos")
    record, label_map = folder / "train.record", folder / "label_map.pbtxt"
    result = write_records(folder / "photos", record, label_map)
    config = new_config(
        Workspace(folder),
        len(result.classes),
        checkpoint,
        size=SIDE,
        num_steps=steps,
        batch_size=BATCH_SIZE,
    )
    set_data(config, label_map, [record], [record])
    workspace = Workspace(folder)
    train(workspace, config, folder / "model", TrainOptions(seed=seed))
    export(workspace, config, folder / "model", folder / "exported")
    return folder / "exported"


def compare(truth: Example, suggested: Example | None) -> np.ndarray:
    """Count the boxes that are ready, to move, to draw and to delete, each used once."""
    if suggested is None:
        return np.array([0, 0, len(truth.names), 0])
    overlaps = box_sums.iou(truth.boxes, suggested.boxes)
    same = np.array(truth.names)[:, None] == np.array(suggested.names)[None, :]
    overlaps = np.where(same, overlaps, 0)
    ready = moved = 0
    while overlaps.size and overlaps.max() >= TO_MOVE:
        row, column = np.unravel_index(overlaps.argmax(), overlaps.shape)
        ready += overlaps[row, column] >= READY
        moved += overlaps[row, column] < READY
        overlaps[row], overlaps[:, column] = 0, 0
    matched = ready + moved
    return np.array([ready, moved, len(truth.names) - matched, len(suggested.names) - matched])


def measure(photos: list[Photo], exported: Path, folder: Path) -> None:
    """Suggest at each min_score and print what a person has to do."""
    folder.mkdir()
    for image_path, _, _ in photos:
        shutil.copy(image_path, folder)
    detector = load_detector(exported)
    boxes = sum(len(example.names) for _, _, example in photos)
    print(f"{len(photos)} photos with {boxes} boxes of people")
    print("min_score  ready  move  draw  delete  need no correction")
    for min_score in MIN_SCORES:
        suggest(folder, detector, "benchmark", min_score=min_score)
        found = dict(read_folder(folder).pairs)
        counts = np.zeros(4, int)
        for image_path, _, truth in photos:
            xml_path = found[folder / image_path.name]
            counts += compare(truth, read_voc(xml_path) if xml_path else None)
        ready, moved, drawn, deleted = counts
        print(
            f"{min_score:9.1f} {ready:6} {moved:5} {drawn:5} {deleted:7} "
            f"{ready}/{boxes} = {ready / boxes:.2f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, help="folder of photos with their XML")
    parser.add_argument("checkpoint", type=Path, help="folder of the zoo's layout")
    parser.add_argument("--per-class", type=int, default=5, help="photos to train on")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--most", type=int, help="photos to suggest for; all others if absent")
    parser.add_argument("--seed", type=int, default=0, help="of the choice and the training")
    flags = parser.parse_args()
    pairs = read_folder(flags.photos).pairs
    photos = [(image, xml, read_voc(xml)) for image, xml in pairs if xml is not None]
    chosen = choose(photos, flags.per_class, flags.seed)
    names = {image for image, _, _ in chosen}
    print("trained on:", ", ".join(sorted(image.stem for image in names)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        exported = make_model(chosen, folder, flags.checkpoint, flags.steps, flags.seed)
        print(f"{flags.steps} steps and the export: {time.perf_counter() - start:.0f} s")
        others = [photo for photo in photos if photo[0] not in names]
        random.Random(flags.seed).shuffle(others)
        measure(others[: flags.most], exported, folder / "session")


if __name__ == "__main__":
    main()
