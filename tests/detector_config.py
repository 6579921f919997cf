"""The sections of pipeline.config that anchors, targets, losses and post-processing read."""

from tfod.config.reading import parse_config

SSD = """
num_classes: 2
image_resizer { fixed_shape_resizer { height: 320 width: 320 } }
feature_extractor { type: "ssd_mobilenet_v2_fpn_keras" fpn { min_level: 3 max_level: 7 } }
box_coder { faster_rcnn_box_coder { } }
matcher { argmax_matcher { force_match_for_each_row: true } }
similarity_calculator { iou_similarity { } }
encode_background_as_zeros: true
anchor_generator { multiscale_anchor_generator {
  aspect_ratios: 1.0 aspect_ratios: 2.0 aspect_ratios: 0.5 } }
post_processing {
  batch_non_max_suppression { score_threshold: 1e-8 iou_threshold: 0.6 }
  score_converter: SIGMOID
}
loss {
  localization_loss { weighted_smooth_l1 { } }
  classification_loss { weighted_sigmoid_focal { gamma: 2.0 alpha: 0.25 } }
}
normalize_loc_loss_by_codesize: true
"""


def ssd_config(extra: str = ""):
    """Message `Ssd` of the usual sections; `extra` is appended, scalars in it win."""
    return parse_config("model { ssd {" + SSD + extra + "} }", "test").model.ssd
