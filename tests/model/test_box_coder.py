import numpy as np
from detector_config import ssd_config
from keras import ops

from tfod.model.box_coder import decode, encode


def random_boxes(rng, *shape):
    low = rng.uniform(-0.2, 0.9, (*shape, 2))
    return np.concatenate([low, low + rng.uniform(0.01, 0.5, (*shape, 2))], -1).astype(np.float32)


def test_decode_undoes_encode():
    rng = np.random.default_rng(0)
    boxes, anchors = random_boxes(rng, 3, 500), random_boxes(rng, 500)
    coder = ssd_config("box_coder { faster_rcnn_box_coder { y_scale: 3 width_scale: 7 } }")
    codes = encode(boxes, anchors, coder.box_coder)
    assert codes.shape == (3, 500, 4)
    back = ops.convert_to_numpy(decode(codes, anchors, coder.box_coder))
    np.testing.assert_allclose(back, boxes, atol=2e-6)


def test_numbers_by_hand():
    coder = "box_coder { faster_rcnn_box_coder { y_scale: 2 x_scale: 3 height_scale: 4 "
    coder = ssd_config(coder + "width_scale: 6 } }").box_coder
    box, anchor = np.float32([[0.3, 0.2, 0.7, 1.0]]), np.float32([[0.2, 0.2, 0.4, 0.6]])
    codes = ops.convert_to_numpy(encode(box, anchor, coder))
    expected = [[2 * 0.2 / 0.2, 3 * 0.2 / 0.4, 4 * np.log(2), 6 * np.log(2)]]
    np.testing.assert_allclose(codes, expected, rtol=1e-5)


def test_box_without_area_stays_finite():
    anchors = np.float32([[0.1, 0.1, 0.3, 0.3]])
    codes = encode(np.zeros((1, 4), np.float32), anchors, ssd_config().box_coder)
    assert np.isfinite(ops.convert_to_numpy(codes)).all()
