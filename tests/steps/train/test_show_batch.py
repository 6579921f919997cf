"""The picture of a batch: augmented photos with their boxes, and nothing of the padding."""

import numpy as np
import pytest
from refusals import raises_problem
from test_train import small_config

from tfod.camera.scenes import draw_scene
from tfod.cli import main
from tfod.config import write_config
from tfod.data.images import read_image
from tfod.show.colours import class_colour
from tfod.steps.train.show_batch import LEAST_PX, MARGIN_PX, show_batch
from tfod.workspace import Workspace


@pytest.fixture
def config(tmp_path):
    """Of six drawn scenes of 96 px; each batch shows some of them more than once."""
    made = small_config(tmp_path, range(6), "train_input_reader.shuffle=false")
    del made.train_config.data_augmentation_options[:]
    return made


def photo(sheet, row, column):
    """One photo of the sheet, as large as the network sees it, without its heading."""
    across = sheet.shape[1] // 4 - MARGIN_PX
    high = sheet.shape[0] // 4
    cell = sheet[row * high :, column * (across + MARGIN_PX) :][: high - MARGIN_PX, :across]
    return cell[-across:]


def edges_in_colour(image, boxes, names):
    """Share of the pixels along the left edges of boxes that have the colour of their class."""
    high, wide = image.shape[:2]
    shares = []
    for (top, left, bottom, _), name in zip(boxes, names, strict=True):
        rows = slice(round(top * high) + 4, round(bottom * high) - 4)
        strip = image[rows, round(left * wide) : round(left * wide) + 2].mean(axis=1)
        colour = class_colour(["circle", "square", "triangle"].index(name))
        shares.append((np.abs(strip - colour).max(axis=1) < 70).mean())
    return min(shares)


def test_photos_and_boxes_are_those_of_the_records_and_a_flip_moves_both(config, tmp_path):
    original, boxes, names = draw_scene(0, size=(96, 96))
    mirrored = boxes[:, [0, 3, 2, 1]] * [1, -1, 1, -1] + [0, 1, 0, 1]
    drawn = show_batch(config, tmp_path / "model")
    assert drawn.picture == tmp_path / "model/batch.jpg"
    assert drawn.files == [f"scene_{index % 6}.png" for index in range(16)]
    shown = photo(read_image(drawn.picture), 0, 0)
    times = shown.shape[0] // 96
    assert shown.shape[0] >= LEAST_PX
    # most pixels are those of the photo, not those of the network, which lie in -1..1
    enlarged = original.astype(int).repeat(times, axis=0).repeat(times, axis=1)
    assert np.median(np.abs(shown - enlarged)) < 8
    assert edges_in_colour(shown, boxes, names) > 0.6 > edges_in_colour(shown, mirrored, names)

    config.train_config.data_augmentation_options.add().random_horizontal_flip.probability = 1.0
    shown = photo(read_image(show_batch(config, tmp_path).picture), 0, 0)
    assert edges_in_colour(shown, mirrored, names) > 0.6 > edges_in_colour(shown, boxes, names)


def test_a_seed_shows_the_same_again(config, tmp_path):
    config.train_config.data_augmentation_options.add().random_adjust_brightness.max_delta = 0.4
    pictures = [show_batch(config, tmp_path, seed).picture.read_bytes() for seed in (1, 1, 2)]
    assert pictures[0] == pictures[1] != pictures[2]


def test_the_command_draws_and_does_not_train(config, tmp_path, capsys):
    model = tmp_path / "workspace/models/tiny"
    write_config(config, model / "pipeline.config", Workspace(tmp_path))
    assert main(["train", "tiny", "--show-batch", "--workspace", str(tmp_path)]) == 0
    assert f"wrote: {model / 'batch.jpg'}" in capsys.readouterr().out
    assert {path.name for path in model.iterdir()} == {"pipeline.config", "batch.jpg"}
    (tmp_path / "scenes.record").unlink()
    with raises_problem("config-file-missing"):
        show_batch(config, model)
