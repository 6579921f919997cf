import numpy as np
import pytest
from detector_config import ssd_config

from tfod.model.anchors import anchor_boxes, anchors_per_location, feature_map_sizes


@pytest.mark.parametrize(("side", "count"), [(320, 12_804), (640, 51_150)])
def test_equal_to_the_old_api(shared, side, count):
    golden = np.load(shared / f"golden/golden_{side}.npz")["anchors"]
    anchors = anchor_boxes(ssd_config(), (side, side))
    assert anchors.dtype == np.float32
    assert anchors.shape == (count, 4) == golden.shape
    np.testing.assert_allclose(anchors, golden, rtol=0, atol=1e-6)


def test_sizes_round_up_at_every_stride():
    assert feature_map_sizes(ssd_config(), (320, 300)) == [
        (40, 38),
        (20, 19),
        (10, 10),
        (5, 5),
        (3, 3),
    ]
    padded = ssd_config("feature_extractor { pad_to_multiple: 32 }")
    assert feature_map_sizes(padded, (320, 300))[0] == (40, 40)


def test_order_is_y_x_ratio_scale():
    config = ssd_config()
    anchors = anchor_boxes(config, (320, 640))
    height, width = feature_map_sizes(config, (320, 640))[0]
    count = anchors_per_location(config)
    assert count == 6
    first_level = anchors[: height * width * count].reshape(height, width, count, 4)
    centres = (first_level[..., :2] + first_level[..., 2:]) / 2
    np.testing.assert_allclose(centres[:, 3, 0, 0] * 320, np.arange(height) * 8 + 4, atol=1e-3)
    np.testing.assert_allclose(centres[5, :, 2, 1] * 640, np.arange(width) * 8 + 4, atol=1e-3)
    sizes_px = (first_level[7, 9, :, 2:] - first_level[7, 9, :, :2]) * [320, 640]
    np.testing.assert_allclose(sizes_px[0], [32, 32], atol=1e-3)
    np.testing.assert_allclose(sizes_px[1], np.sqrt(2) * np.array([32, 32]), atol=1e-3)
    np.testing.assert_allclose(sizes_px[2], [32 / np.sqrt(2), 32 * np.sqrt(2)], atol=1e-3)
    np.testing.assert_allclose(sizes_px[4], [32 * np.sqrt(2), 32 / np.sqrt(2)], atol=1e-3)


def test_every_setting_of_the_generator_counts():
    settings = "min_level: 2 max_level: 6 anchor_scale: 3.0 aspect_ratios: 3.0 scales_per_octave: 3"
    config = ssd_config("anchor_generator { multiscale_anchor_generator { " + settings + " } }")
    assert anchors_per_location(config) == 12
    anchors = anchor_boxes(config, (320, 320))
    assert len(anchors) == (40**2 + 20**2 + 10**2 + 5**2 + 3**2) * 12
    assert (anchors[0, 2] - anchors[0, 0]) * 320 == pytest.approx(3 * 4)
    assert (anchors[2, 2] - anchors[2, 0]) * 320 == pytest.approx(3 * 4 * 2 ** (2 / 3))
    tall, wide = (anchors[9, 2:] - anchors[9, :2]) * 320
    assert wide / tall == pytest.approx(3.0, rel=1e-5)
