"""The messages of pipeline.config, made from schema.txt by stubs.py."""

from typing import ClassVar, Literal

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer as Messages
from google.protobuf.internal.containers import RepeatedScalarFieldContainer as Scalars
from google.protobuf.internal.enum_type_wrapper import _EnumTypeWrapper as Enum
from google.protobuf.message import Message

class TrainEvalPipelineConfig(Message):
    @property
    def model(self) -> DetectionModel: ...
    @property
    def train_config(self) -> TrainConfig: ...
    @property
    def train_input_reader(self) -> InputReader: ...
    @property
    def eval_config(self) -> EvalConfig: ...
    @property
    def eval_input_reader(self) -> Messages[InputReader]: ...
    @property
    def graph_rewriter(self) -> GraphRewriter: ...
    def HasField(self, field_name: Literal["model", "train_config", "train_input_reader", "eval_config", "graph_rewriter"]) -> bool: ...

class DetectionModel(Message):
    @property
    def faster_rcnn(self) -> FasterRcnn: ...
    @property
    def ssd(self) -> Ssd: ...
    @property
    def experimental_model(self) -> ExperimentalModel: ...
    @property
    def center_net(self) -> CenterNet: ...
    def HasField(self, field_name: Literal["faster_rcnn", "ssd", "experimental_model", "center_net"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["model"]) -> Literal["faster_rcnn", "ssd", "experimental_model", "center_net"] | None: ...

class Ssd(Message):
    num_classes: int
    @property
    def image_resizer(self) -> ImageResizer: ...
    @property
    def feature_extractor(self) -> SsdFeatureExtractor: ...
    @property
    def box_coder(self) -> BoxCoder: ...
    @property
    def matcher(self) -> Matcher: ...
    @property
    def similarity_calculator(self) -> RegionSimilarityCalculator: ...
    @property
    def box_predictor(self) -> BoxPredictor: ...
    @property
    def anchor_generator(self) -> AnchorGenerator: ...
    @property
    def post_processing(self) -> PostProcessing: ...
    normalize_loss_by_num_matches: bool
    @property
    def loss(self) -> Loss: ...
    encode_background_as_zeros: bool
    negative_class_weight: float
    normalize_loc_loss_by_codesize: bool
    inplace_batchnorm_update: bool
    freeze_batchnorm: bool
    add_background_class: bool
    use_confidences_as_targets: bool
    implicit_example_weight: float
    explicit_background_class: bool
    @property
    def mask_head_config(self) -> MaskHead: ...
    return_raw_detections_during_predict: bool
    def HasField(self, field_name: Literal["num_classes", "image_resizer", "feature_extractor", "box_coder", "matcher", "similarity_calculator", "box_predictor", "anchor_generator", "post_processing", "normalize_loss_by_num_matches", "loss", "encode_background_as_zeros", "negative_class_weight", "normalize_loc_loss_by_codesize", "inplace_batchnorm_update", "freeze_batchnorm", "add_background_class", "use_confidences_as_targets", "implicit_example_weight", "explicit_background_class", "mask_head_config", "return_raw_detections_during_predict"]) -> bool: ...

class ImageResizer(Message):
    @property
    def keep_aspect_ratio_resizer(self) -> KeepAspectRatioResizer: ...
    @property
    def fixed_shape_resizer(self) -> FixedShapeResizer: ...
    @property
    def identity_resizer(self) -> IdentityResizer: ...
    @property
    def conditional_shape_resizer(self) -> ConditionalShapeResizer: ...
    @property
    def pad_to_multiple_resizer(self) -> PadToMultipleResizer: ...
    def HasField(self, field_name: Literal["keep_aspect_ratio_resizer", "fixed_shape_resizer", "identity_resizer", "conditional_shape_resizer", "pad_to_multiple_resizer"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["image_resizer_oneof"]) -> Literal["keep_aspect_ratio_resizer", "fixed_shape_resizer", "identity_resizer", "conditional_shape_resizer", "pad_to_multiple_resizer"] | None: ...

class KeepAspectRatioResizer(Message):
    ResizeType: ClassVar[Enum[int]]
    BILINEAR: ClassVar[int]
    NEAREST_NEIGHBOR: ClassVar[int]
    BICUBIC: ClassVar[int]
    AREA: ClassVar[int]
    min_dimension: int
    max_dimension: int
    resize_method: int
    pad_to_max_dimension: bool
    convert_to_grayscale: bool
    @property
    def per_channel_pad_value(self) -> Scalars[float]: ...
    def HasField(self, field_name: Literal["min_dimension", "max_dimension", "resize_method", "pad_to_max_dimension", "convert_to_grayscale"]) -> bool: ...

class FixedShapeResizer(Message):
    ResizeType: ClassVar[Enum[int]]
    BILINEAR: ClassVar[int]
    NEAREST_NEIGHBOR: ClassVar[int]
    BICUBIC: ClassVar[int]
    AREA: ClassVar[int]
    height: int
    width: int
    resize_method: int
    convert_to_grayscale: bool
    def HasField(self, field_name: Literal["height", "width", "resize_method", "convert_to_grayscale"]) -> bool: ...

class IdentityResizer(Message):
    ...

class ConditionalShapeResizer(Message):
    ResizeCondition: ClassVar[Enum[int]]
    INVALID: ClassVar[int]
    GREATER: ClassVar[int]
    SMALLER: ClassVar[int]
    ResizeType: ClassVar[Enum[int]]
    BILINEAR: ClassVar[int]
    NEAREST_NEIGHBOR: ClassVar[int]
    BICUBIC: ClassVar[int]
    AREA: ClassVar[int]
    condition: int
    size_threshold: int
    resize_method: int
    convert_to_grayscale: bool
    def HasField(self, field_name: Literal["condition", "size_threshold", "resize_method", "convert_to_grayscale"]) -> bool: ...

class PadToMultipleResizer(Message):
    multiple: int
    convert_to_grayscale: bool
    def HasField(self, field_name: Literal["multiple", "convert_to_grayscale"]) -> bool: ...

class SsdFeatureExtractor(Message):
    type: str
    depth_multiplier: float
    min_depth: int
    @property
    def conv_hyperparams(self) -> Hyperparams: ...
    pad_to_multiple: int
    use_explicit_padding: bool
    use_depthwise: bool
    override_base_feature_extractor_hyperparams: bool
    @property
    def fpn(self) -> FeaturePyramidNetworks: ...
    replace_preprocessor_with_placeholder: bool
    num_layers: int
    @property
    def bifpn(self) -> BidirectionalFeaturePyramidNetworks: ...
    def HasField(self, field_name: Literal["type", "depth_multiplier", "min_depth", "conv_hyperparams", "pad_to_multiple", "use_explicit_padding", "use_depthwise", "override_base_feature_extractor_hyperparams", "fpn", "replace_preprocessor_with_placeholder", "num_layers", "bifpn"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["feature_pyramid_oneof"]) -> Literal["fpn", "bifpn"] | None: ...

class Hyperparams(Message):
    Op: ClassVar[Enum[int]]
    CONV: ClassVar[int]
    FC: ClassVar[int]
    Activation: ClassVar[Enum[int]]
    NONE: ClassVar[int]
    RELU: ClassVar[int]
    RELU_6: ClassVar[int]
    SWISH: ClassVar[int]
    op: int
    @property
    def regularizer(self) -> Regularizer: ...
    @property
    def initializer(self) -> Initializer: ...
    activation: int
    @property
    def batch_norm(self) -> BatchNorm: ...
    regularize_depthwise: bool
    @property
    def group_norm(self) -> GroupNorm: ...
    force_use_bias: bool
    @property
    def sync_batch_norm(self) -> BatchNorm: ...
    def HasField(self, field_name: Literal["op", "regularizer", "initializer", "activation", "batch_norm", "regularize_depthwise", "group_norm", "force_use_bias", "sync_batch_norm"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["normalizer_oneof"]) -> Literal["batch_norm", "group_norm", "sync_batch_norm"] | None: ...

class Regularizer(Message):
    @property
    def l1_regularizer(self) -> L1Regularizer: ...
    @property
    def l2_regularizer(self) -> L2Regularizer: ...
    def HasField(self, field_name: Literal["l1_regularizer", "l2_regularizer"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["regularizer_oneof"]) -> Literal["l1_regularizer", "l2_regularizer"] | None: ...

class L1Regularizer(Message):
    weight: float
    def HasField(self, field_name: Literal["weight"]) -> bool: ...

class L2Regularizer(Message):
    weight: float
    def HasField(self, field_name: Literal["weight"]) -> bool: ...

class Initializer(Message):
    @property
    def truncated_normal_initializer(self) -> TruncatedNormalInitializer: ...
    @property
    def variance_scaling_initializer(self) -> VarianceScalingInitializer: ...
    @property
    def random_normal_initializer(self) -> RandomNormalInitializer: ...
    keras_initializer_by_name: str
    def HasField(self, field_name: Literal["truncated_normal_initializer", "variance_scaling_initializer", "random_normal_initializer", "keras_initializer_by_name"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["initializer_oneof"]) -> Literal["truncated_normal_initializer", "variance_scaling_initializer", "random_normal_initializer", "keras_initializer_by_name"] | None: ...

class TruncatedNormalInitializer(Message):
    mean: float
    stddev: float
    def HasField(self, field_name: Literal["mean", "stddev"]) -> bool: ...

class VarianceScalingInitializer(Message):
    Mode: ClassVar[Enum[int]]
    FAN_IN: ClassVar[int]
    FAN_OUT: ClassVar[int]
    FAN_AVG: ClassVar[int]
    factor: float
    uniform: bool
    mode: int
    def HasField(self, field_name: Literal["factor", "uniform", "mode"]) -> bool: ...

class RandomNormalInitializer(Message):
    mean: float
    stddev: float
    def HasField(self, field_name: Literal["mean", "stddev"]) -> bool: ...

class BatchNorm(Message):
    decay: float
    center: bool
    scale: bool
    epsilon: float
    train: bool
    def HasField(self, field_name: Literal["decay", "center", "scale", "epsilon", "train"]) -> bool: ...

class GroupNorm(Message):
    ...

class FeaturePyramidNetworks(Message):
    min_level: int
    max_level: int
    additional_layer_depth: int
    def HasField(self, field_name: Literal["min_level", "max_level", "additional_layer_depth"]) -> bool: ...

class BidirectionalFeaturePyramidNetworks(Message):
    min_level: int
    max_level: int
    num_iterations: int
    num_filters: int
    combine_method: str
    def HasField(self, field_name: Literal["min_level", "max_level", "num_iterations", "num_filters", "combine_method"]) -> bool: ...

class BoxCoder(Message):
    @property
    def faster_rcnn_box_coder(self) -> FasterRcnnBoxCoder: ...
    @property
    def mean_stddev_box_coder(self) -> MeanStddevBoxCoder: ...
    @property
    def square_box_coder(self) -> SquareBoxCoder: ...
    @property
    def keypoint_box_coder(self) -> KeypointBoxCoder: ...
    def HasField(self, field_name: Literal["faster_rcnn_box_coder", "mean_stddev_box_coder", "square_box_coder", "keypoint_box_coder"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["box_coder_oneof"]) -> Literal["faster_rcnn_box_coder", "mean_stddev_box_coder", "square_box_coder", "keypoint_box_coder"] | None: ...

class FasterRcnnBoxCoder(Message):
    y_scale: float
    x_scale: float
    height_scale: float
    width_scale: float
    def HasField(self, field_name: Literal["y_scale", "x_scale", "height_scale", "width_scale"]) -> bool: ...

class MeanStddevBoxCoder(Message):
    stddev: float
    def HasField(self, field_name: Literal["stddev"]) -> bool: ...

class SquareBoxCoder(Message):
    y_scale: float
    x_scale: float
    length_scale: float
    def HasField(self, field_name: Literal["y_scale", "x_scale", "length_scale"]) -> bool: ...

class KeypointBoxCoder(Message):
    num_keypoints: int
    y_scale: float
    x_scale: float
    height_scale: float
    width_scale: float
    def HasField(self, field_name: Literal["num_keypoints", "y_scale", "x_scale", "height_scale", "width_scale"]) -> bool: ...

class Matcher(Message):
    @property
    def argmax_matcher(self) -> ArgMaxMatcher: ...
    @property
    def bipartite_matcher(self) -> BipartiteMatcher: ...
    def HasField(self, field_name: Literal["argmax_matcher", "bipartite_matcher"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["matcher_oneof"]) -> Literal["argmax_matcher", "bipartite_matcher"] | None: ...

class ArgMaxMatcher(Message):
    matched_threshold: float
    unmatched_threshold: float
    ignore_thresholds: bool
    negatives_lower_than_unmatched: bool
    force_match_for_each_row: bool
    use_matmul_gather: bool
    def HasField(self, field_name: Literal["matched_threshold", "unmatched_threshold", "ignore_thresholds", "negatives_lower_than_unmatched", "force_match_for_each_row", "use_matmul_gather"]) -> bool: ...

class BipartiteMatcher(Message):
    use_matmul_gather: bool
    def HasField(self, field_name: Literal["use_matmul_gather"]) -> bool: ...

class RegionSimilarityCalculator(Message):
    @property
    def neg_sq_dist_similarity(self) -> NegSqDistSimilarity: ...
    @property
    def iou_similarity(self) -> IouSimilarity: ...
    @property
    def ioa_similarity(self) -> IoaSimilarity: ...
    @property
    def thresholded_iou_similarity(self) -> ThresholdedIouSimilarity: ...
    def HasField(self, field_name: Literal["neg_sq_dist_similarity", "iou_similarity", "ioa_similarity", "thresholded_iou_similarity"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["region_similarity"]) -> Literal["neg_sq_dist_similarity", "iou_similarity", "ioa_similarity", "thresholded_iou_similarity"] | None: ...

class NegSqDistSimilarity(Message):
    ...

class IouSimilarity(Message):
    ...

class IoaSimilarity(Message):
    ...

class ThresholdedIouSimilarity(Message):
    iou_threshold: float
    def HasField(self, field_name: Literal["iou_threshold"]) -> bool: ...

class BoxPredictor(Message):
    @property
    def convolutional_box_predictor(self) -> ConvolutionalBoxPredictor: ...
    @property
    def mask_rcnn_box_predictor(self) -> MaskRCNNBoxPredictor: ...
    @property
    def rfcn_box_predictor(self) -> RfcnBoxPredictor: ...
    @property
    def weight_shared_convolutional_box_predictor(self) -> WeightSharedConvolutionalBoxPredictor: ...
    def HasField(self, field_name: Literal["convolutional_box_predictor", "mask_rcnn_box_predictor", "rfcn_box_predictor", "weight_shared_convolutional_box_predictor"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["box_predictor_oneof"]) -> Literal["convolutional_box_predictor", "mask_rcnn_box_predictor", "rfcn_box_predictor", "weight_shared_convolutional_box_predictor"] | None: ...

class ConvolutionalBoxPredictor(Message):
    @property
    def conv_hyperparams(self) -> Hyperparams: ...
    min_depth: int
    max_depth: int
    num_layers_before_predictor: int
    use_dropout: bool
    dropout_keep_probability: float
    kernel_size: int
    box_code_size: int
    apply_sigmoid_to_scores: bool
    class_prediction_bias_init: float
    use_depthwise: bool
    @property
    def box_encodings_clip_range(self) -> BoxEncodingsClipRange: ...
    def HasField(self, field_name: Literal["conv_hyperparams", "min_depth", "max_depth", "num_layers_before_predictor", "use_dropout", "dropout_keep_probability", "kernel_size", "box_code_size", "apply_sigmoid_to_scores", "class_prediction_bias_init", "use_depthwise", "box_encodings_clip_range"]) -> bool: ...

class BoxEncodingsClipRange(Message):
    min: float
    max: float
    def HasField(self, field_name: Literal["min", "max"]) -> bool: ...

class MaskRCNNBoxPredictor(Message):
    @property
    def fc_hyperparams(self) -> Hyperparams: ...
    use_dropout: bool
    dropout_keep_probability: float
    box_code_size: int
    @property
    def conv_hyperparams(self) -> Hyperparams: ...
    predict_instance_masks: bool
    mask_prediction_conv_depth: int
    predict_keypoints: bool
    mask_height: int
    mask_width: int
    mask_prediction_num_conv_layers: int
    masks_are_class_agnostic: bool
    share_box_across_classes: bool
    convolve_then_upsample_masks: bool
    def HasField(self, field_name: Literal["fc_hyperparams", "use_dropout", "dropout_keep_probability", "box_code_size", "conv_hyperparams", "predict_instance_masks", "mask_prediction_conv_depth", "predict_keypoints", "mask_height", "mask_width", "mask_prediction_num_conv_layers", "masks_are_class_agnostic", "share_box_across_classes", "convolve_then_upsample_masks"]) -> bool: ...

class RfcnBoxPredictor(Message):
    @property
    def conv_hyperparams(self) -> Hyperparams: ...
    num_spatial_bins_height: int
    num_spatial_bins_width: int
    depth: int
    box_code_size: int
    crop_height: int
    crop_width: int
    def HasField(self, field_name: Literal["conv_hyperparams", "num_spatial_bins_height", "num_spatial_bins_width", "depth", "box_code_size", "crop_height", "crop_width"]) -> bool: ...

class WeightSharedConvolutionalBoxPredictor(Message):
    ScoreConverter: ClassVar[Enum[int]]
    IDENTITY: ClassVar[int]
    SIGMOID: ClassVar[int]
    @property
    def conv_hyperparams(self) -> Hyperparams: ...
    depth: int
    num_layers_before_predictor: int
    kernel_size: int
    box_code_size: int
    class_prediction_bias_init: float
    use_dropout: bool
    dropout_keep_probability: float
    share_prediction_tower: bool
    use_depthwise: bool
    score_converter: int
    @property
    def box_encodings_clip_range(self) -> BoxEncodingsClipRange: ...
    apply_conv_hyperparams_to_heads: bool
    apply_conv_hyperparams_pointwise: bool
    def HasField(self, field_name: Literal["conv_hyperparams", "depth", "num_layers_before_predictor", "kernel_size", "box_code_size", "class_prediction_bias_init", "use_dropout", "dropout_keep_probability", "share_prediction_tower", "use_depthwise", "score_converter", "box_encodings_clip_range", "apply_conv_hyperparams_to_heads", "apply_conv_hyperparams_pointwise"]) -> bool: ...

class AnchorGenerator(Message):
    @property
    def grid_anchor_generator(self) -> GridAnchorGenerator: ...
    @property
    def ssd_anchor_generator(self) -> SsdAnchorGenerator: ...
    @property
    def multiscale_anchor_generator(self) -> MultiscaleAnchorGenerator: ...
    @property
    def flexible_grid_anchor_generator(self) -> FlexibleGridAnchorGenerator: ...
    def HasField(self, field_name: Literal["grid_anchor_generator", "ssd_anchor_generator", "multiscale_anchor_generator", "flexible_grid_anchor_generator"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["anchor_generator_oneof"]) -> Literal["grid_anchor_generator", "ssd_anchor_generator", "multiscale_anchor_generator", "flexible_grid_anchor_generator"] | None: ...

class GridAnchorGenerator(Message):
    height: int
    width: int
    height_stride: int
    width_stride: int
    height_offset: int
    width_offset: int
    @property
    def scales(self) -> Scalars[float]: ...
    @property
    def aspect_ratios(self) -> Scalars[float]: ...
    def HasField(self, field_name: Literal["height", "width", "height_stride", "width_stride", "height_offset", "width_offset"]) -> bool: ...

class SsdAnchorGenerator(Message):
    num_layers: int
    min_scale: float
    max_scale: float
    @property
    def aspect_ratios(self) -> Scalars[float]: ...
    reduce_boxes_in_lowest_layer: bool
    base_anchor_height: float
    base_anchor_width: float
    @property
    def height_stride(self) -> Scalars[int]: ...
    @property
    def width_stride(self) -> Scalars[int]: ...
    @property
    def height_offset(self) -> Scalars[int]: ...
    @property
    def width_offset(self) -> Scalars[int]: ...
    @property
    def scales(self) -> Scalars[float]: ...
    interpolated_scale_aspect_ratio: float
    def HasField(self, field_name: Literal["num_layers", "min_scale", "max_scale", "reduce_boxes_in_lowest_layer", "base_anchor_height", "base_anchor_width", "interpolated_scale_aspect_ratio"]) -> bool: ...

class MultiscaleAnchorGenerator(Message):
    min_level: int
    max_level: int
    anchor_scale: float
    @property
    def aspect_ratios(self) -> Scalars[float]: ...
    scales_per_octave: int
    normalize_coordinates: bool
    def HasField(self, field_name: Literal["min_level", "max_level", "anchor_scale", "scales_per_octave", "normalize_coordinates"]) -> bool: ...

class FlexibleGridAnchorGenerator(Message):
    @property
    def anchor_grid(self) -> Messages[AnchorGrid]: ...
    normalize_coordinates: bool
    def HasField(self, field_name: Literal["normalize_coordinates"]) -> bool: ...

class AnchorGrid(Message):
    @property
    def base_sizes(self) -> Scalars[float]: ...
    @property
    def aspect_ratios(self) -> Scalars[float]: ...
    height_stride: int
    width_stride: int
    height_offset: int
    width_offset: int
    def HasField(self, field_name: Literal["height_stride", "width_stride", "height_offset", "width_offset"]) -> bool: ...

class PostProcessing(Message):
    ScoreConverter: ClassVar[Enum[int]]
    IDENTITY: ClassVar[int]
    SIGMOID: ClassVar[int]
    SOFTMAX: ClassVar[int]
    @property
    def batch_non_max_suppression(self) -> BatchNonMaxSuppression: ...
    score_converter: int
    logit_scale: float
    @property
    def calibration_config(self) -> CalibrationConfig: ...
    def HasField(self, field_name: Literal["batch_non_max_suppression", "score_converter", "logit_scale", "calibration_config"]) -> bool: ...

class BatchNonMaxSuppression(Message):
    score_threshold: float
    iou_threshold: float
    max_detections_per_class: int
    max_total_detections: int
    use_static_shapes: bool
    use_class_agnostic_nms: bool
    max_classes_per_detection: int
    soft_nms_sigma: float
    use_partitioned_nms: bool
    use_combined_nms: bool
    change_coordinate_frame: bool
    use_hard_nms: bool
    use_cpu_nms: bool
    def HasField(self, field_name: Literal["score_threshold", "iou_threshold", "max_detections_per_class", "max_total_detections", "use_static_shapes", "use_class_agnostic_nms", "max_classes_per_detection", "soft_nms_sigma", "use_partitioned_nms", "use_combined_nms", "change_coordinate_frame", "use_hard_nms", "use_cpu_nms"]) -> bool: ...

class CalibrationConfig(Message):
    @property
    def function_approximation(self) -> FunctionApproximation: ...
    @property
    def class_id_function_approximations(self) -> ClassIdFunctionApproximations: ...
    @property
    def sigmoid_calibration(self) -> SigmoidCalibration: ...
    @property
    def class_id_sigmoid_calibrations(self) -> ClassIdSigmoidCalibrations: ...
    @property
    def temperature_scaling_calibration(self) -> TemperatureScalingCalibration: ...
    def HasField(self, field_name: Literal["function_approximation", "class_id_function_approximations", "sigmoid_calibration", "class_id_sigmoid_calibrations", "temperature_scaling_calibration"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["calibrator"]) -> Literal["function_approximation", "class_id_function_approximations", "sigmoid_calibration", "class_id_sigmoid_calibrations", "temperature_scaling_calibration"] | None: ...

class FunctionApproximation(Message):
    @property
    def x_y_pairs(self) -> XYPairs: ...
    def HasField(self, field_name: Literal["x_y_pairs"]) -> bool: ...

class XYPairs(Message):
    TrainingDataType: ClassVar[Enum[int]]
    DATA_TYPE_UNKNOWN: ClassVar[int]
    ALL_CLASSES: ClassVar[int]
    CLASS_SPECIFIC: ClassVar[int]
    @property
    def x_y_pair(self) -> Messages[XYPair]: ...
    training_data_type: int
    def HasField(self, field_name: Literal["training_data_type"]) -> bool: ...

class XYPair(Message):
    x: float
    y: float
    def HasField(self, field_name: Literal["x", "y"]) -> bool: ...

class ClassIdFunctionApproximations(Message):
    @property
    def class_id_xy_pairs_map(self) -> Messages[ClassIdXyPairsMapEntry]: ...

class ClassIdXyPairsMapEntry(Message):
    key: int
    @property
    def value(self) -> XYPairs: ...
    def HasField(self, field_name: Literal["key", "value"]) -> bool: ...

class SigmoidCalibration(Message):
    @property
    def sigmoid_parameters(self) -> SigmoidParameters: ...
    def HasField(self, field_name: Literal["sigmoid_parameters"]) -> bool: ...

class SigmoidParameters(Message):
    a: float
    b: float
    def HasField(self, field_name: Literal["a", "b"]) -> bool: ...

class ClassIdSigmoidCalibrations(Message):
    @property
    def class_id_sigmoid_parameters_map(self) -> Messages[ClassIdSigmoidParametersMapEntry]: ...

class ClassIdSigmoidParametersMapEntry(Message):
    key: int
    @property
    def value(self) -> SigmoidParameters: ...
    def HasField(self, field_name: Literal["key", "value"]) -> bool: ...

class TemperatureScalingCalibration(Message):
    scaler: float
    def HasField(self, field_name: Literal["scaler"]) -> bool: ...

class Loss(Message):
    ExpectedLossWeights: ClassVar[Enum[int]]
    NONE: ClassVar[int]
    EXPECTED_SAMPLING: ClassVar[int]
    REWEIGHTING_UNMATCHED_ANCHORS: ClassVar[int]
    @property
    def localization_loss(self) -> LocalizationLoss: ...
    @property
    def classification_loss(self) -> ClassificationLoss: ...
    @property
    def hard_example_miner(self) -> HardExampleMiner: ...
    classification_weight: float
    localization_weight: float
    @property
    def random_example_sampler(self) -> RandomExampleSampler: ...
    @property
    def equalization_loss(self) -> EqualizationLoss: ...
    expected_loss_weights: int
    min_num_negative_samples: float
    desired_negative_sampling_ratio: float
    def HasField(self, field_name: Literal["localization_loss", "classification_loss", "hard_example_miner", "classification_weight", "localization_weight", "random_example_sampler", "equalization_loss", "expected_loss_weights", "min_num_negative_samples", "desired_negative_sampling_ratio"]) -> bool: ...

class LocalizationLoss(Message):
    @property
    def weighted_l2(self) -> WeightedL2LocalizationLoss: ...
    @property
    def weighted_smooth_l1(self) -> WeightedSmoothL1LocalizationLoss: ...
    @property
    def weighted_iou(self) -> WeightedIOULocalizationLoss: ...
    @property
    def l1_localization_loss(self) -> L1LocalizationLoss: ...
    @property
    def weighted_giou(self) -> WeightedGIOULocalizationLoss: ...
    def HasField(self, field_name: Literal["weighted_l2", "weighted_smooth_l1", "weighted_iou", "l1_localization_loss", "weighted_giou"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["localization_loss"]) -> Literal["weighted_l2", "weighted_smooth_l1", "weighted_iou", "l1_localization_loss", "weighted_giou"] | None: ...

class WeightedL2LocalizationLoss(Message):
    anchorwise_output: bool
    def HasField(self, field_name: Literal["anchorwise_output"]) -> bool: ...

class WeightedSmoothL1LocalizationLoss(Message):
    anchorwise_output: bool
    delta: float
    def HasField(self, field_name: Literal["anchorwise_output", "delta"]) -> bool: ...

class WeightedIOULocalizationLoss(Message):
    ...

class L1LocalizationLoss(Message):
    ...

class WeightedGIOULocalizationLoss(Message):
    ...

class ClassificationLoss(Message):
    @property
    def weighted_sigmoid(self) -> WeightedSigmoidClassificationLoss: ...
    @property
    def weighted_softmax(self) -> WeightedSoftmaxClassificationLoss: ...
    @property
    def bootstrapped_sigmoid(self) -> BootstrappedSigmoidClassificationLoss: ...
    @property
    def weighted_sigmoid_focal(self) -> SigmoidFocalClassificationLoss: ...
    @property
    def weighted_logits_softmax(self) -> WeightedSoftmaxClassificationAgainstLogitsLoss: ...
    @property
    def penalty_reduced_logistic_focal_loss(self) -> PenaltyReducedLogisticFocalLoss: ...
    @property
    def weighted_dice_classification_loss(self) -> WeightedDiceClassificationLoss: ...
    def HasField(self, field_name: Literal["weighted_sigmoid", "weighted_softmax", "bootstrapped_sigmoid", "weighted_sigmoid_focal", "weighted_logits_softmax", "penalty_reduced_logistic_focal_loss", "weighted_dice_classification_loss"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["classification_loss"]) -> Literal["weighted_sigmoid", "weighted_softmax", "bootstrapped_sigmoid", "weighted_sigmoid_focal", "weighted_logits_softmax", "penalty_reduced_logistic_focal_loss", "weighted_dice_classification_loss"] | None: ...

class WeightedSigmoidClassificationLoss(Message):
    anchorwise_output: bool
    def HasField(self, field_name: Literal["anchorwise_output"]) -> bool: ...

class WeightedSoftmaxClassificationLoss(Message):
    anchorwise_output: bool
    logit_scale: float
    def HasField(self, field_name: Literal["anchorwise_output", "logit_scale"]) -> bool: ...

class WeightedSoftmaxClassificationAgainstLogitsLoss(Message):
    anchorwise_output: bool
    logit_scale: float
    def HasField(self, field_name: Literal["anchorwise_output", "logit_scale"]) -> bool: ...

class BootstrappedSigmoidClassificationLoss(Message):
    alpha: float
    hard_bootstrap: bool
    anchorwise_output: bool
    def HasField(self, field_name: Literal["alpha", "hard_bootstrap", "anchorwise_output"]) -> bool: ...

class SigmoidFocalClassificationLoss(Message):
    anchorwise_output: bool
    gamma: float
    alpha: float
    def HasField(self, field_name: Literal["anchorwise_output", "gamma", "alpha"]) -> bool: ...

class PenaltyReducedLogisticFocalLoss(Message):
    alpha: float
    beta: float
    def HasField(self, field_name: Literal["alpha", "beta"]) -> bool: ...

class WeightedDiceClassificationLoss(Message):
    squared_normalization: bool
    def HasField(self, field_name: Literal["squared_normalization"]) -> bool: ...

class HardExampleMiner(Message):
    LossType: ClassVar[Enum[int]]
    BOTH: ClassVar[int]
    CLASSIFICATION: ClassVar[int]
    LOCALIZATION: ClassVar[int]
    num_hard_examples: int
    iou_threshold: float
    loss_type: int
    max_negatives_per_positive: int
    min_negatives_per_image: int
    def HasField(self, field_name: Literal["num_hard_examples", "iou_threshold", "loss_type", "max_negatives_per_positive", "min_negatives_per_image"]) -> bool: ...

class RandomExampleSampler(Message):
    positive_sample_fraction: float
    def HasField(self, field_name: Literal["positive_sample_fraction"]) -> bool: ...

class EqualizationLoss(Message):
    weight: float
    @property
    def exclude_prefixes(self) -> Scalars[str]: ...
    def HasField(self, field_name: Literal["weight"]) -> bool: ...

class MaskHead(Message):
    mask_height: int
    mask_width: int
    masks_are_class_agnostic: bool
    mask_prediction_conv_depth: int
    mask_prediction_num_conv_layers: int
    convolve_then_upsample_masks: bool
    mask_loss_weight: float
    mask_loss_sample_size: int
    @property
    def conv_hyperparams(self) -> Hyperparams: ...
    initial_crop_size: int
    def HasField(self, field_name: Literal["mask_height", "mask_width", "masks_are_class_agnostic", "mask_prediction_conv_depth", "mask_prediction_num_conv_layers", "convolve_then_upsample_masks", "mask_loss_weight", "mask_loss_sample_size", "conv_hyperparams", "initial_crop_size"]) -> bool: ...

class TrainConfig(Message):
    CheckpointVersion: ClassVar[Enum[int]]
    UNKNOWN: ClassVar[int]
    V1: ClassVar[int]
    V2: ClassVar[int]
    batch_size: int
    @property
    def data_augmentation_options(self) -> Messages[PreprocessingStep]: ...
    sync_replicas: bool
    keep_checkpoint_every_n_hours: float
    @property
    def optimizer(self) -> Optimizer: ...
    gradient_clipping_by_norm: float
    fine_tune_checkpoint: str
    from_detection_checkpoint: bool
    num_steps: int
    startup_delay_steps: float
    bias_grad_multiplier: float
    @property
    def freeze_variables(self) -> Scalars[str]: ...
    replicas_to_aggregate: int
    batch_queue_capacity: int
    num_batch_queue_threads: int
    prefetch_queue_capacity: int
    merge_multiple_label_boxes: bool
    add_regularization_loss: bool
    load_all_detection_checkpoint_vars: bool
    max_number_of_boxes: int
    unpad_groundtruth_tensors: bool
    fine_tune_checkpoint_type: str
    retain_original_images: bool
    use_multiclass_scores: bool
    @property
    def update_trainable_variables(self) -> Scalars[str]: ...
    use_bfloat16: bool
    summarize_gradients: bool
    fine_tune_checkpoint_version: int
    run_fine_tune_checkpoint_dummy_computation: bool
    def HasField(self, field_name: Literal["batch_size", "sync_replicas", "keep_checkpoint_every_n_hours", "optimizer", "gradient_clipping_by_norm", "fine_tune_checkpoint", "from_detection_checkpoint", "num_steps", "startup_delay_steps", "bias_grad_multiplier", "replicas_to_aggregate", "batch_queue_capacity", "num_batch_queue_threads", "prefetch_queue_capacity", "merge_multiple_label_boxes", "add_regularization_loss", "load_all_detection_checkpoint_vars", "max_number_of_boxes", "unpad_groundtruth_tensors", "fine_tune_checkpoint_type", "retain_original_images", "use_multiclass_scores", "use_bfloat16", "summarize_gradients", "fine_tune_checkpoint_version", "run_fine_tune_checkpoint_dummy_computation"]) -> bool: ...

class PreprocessingStep(Message):
    @property
    def normalize_image(self) -> NormalizeImage: ...
    @property
    def random_horizontal_flip(self) -> RandomHorizontalFlip: ...
    @property
    def random_pixel_value_scale(self) -> RandomPixelValueScale: ...
    @property
    def random_image_scale(self) -> RandomImageScale: ...
    @property
    def random_rgb_to_gray(self) -> RandomRGBtoGray: ...
    @property
    def random_adjust_brightness(self) -> RandomAdjustBrightness: ...
    @property
    def random_adjust_contrast(self) -> RandomAdjustContrast: ...
    @property
    def random_adjust_hue(self) -> RandomAdjustHue: ...
    @property
    def random_adjust_saturation(self) -> RandomAdjustSaturation: ...
    @property
    def random_distort_color(self) -> RandomDistortColor: ...
    @property
    def random_jitter_boxes(self) -> RandomJitterBoxes: ...
    @property
    def random_crop_image(self) -> RandomCropImage: ...
    @property
    def random_pad_image(self) -> RandomPadImage: ...
    @property
    def random_crop_pad_image(self) -> RandomCropPadImage: ...
    @property
    def random_crop_to_aspect_ratio(self) -> RandomCropToAspectRatio: ...
    @property
    def random_black_patches(self) -> RandomBlackPatches: ...
    @property
    def random_resize_method(self) -> RandomResizeMethod: ...
    @property
    def scale_boxes_to_pixel_coordinates(self) -> ScaleBoxesToPixelCoordinates: ...
    @property
    def resize_image(self) -> ResizeImage: ...
    @property
    def subtract_channel_mean(self) -> SubtractChannelMean: ...
    @property
    def ssd_random_crop(self) -> SSDRandomCrop: ...
    @property
    def ssd_random_crop_pad(self) -> SSDRandomCropPad: ...
    @property
    def ssd_random_crop_fixed_aspect_ratio(self) -> SSDRandomCropFixedAspectRatio: ...
    @property
    def ssd_random_crop_pad_fixed_aspect_ratio(self) -> SSDRandomCropPadFixedAspectRatio: ...
    @property
    def random_vertical_flip(self) -> RandomVerticalFlip: ...
    @property
    def random_rotation90(self) -> RandomRotation90: ...
    @property
    def rgb_to_gray(self) -> RGBtoGray: ...
    @property
    def convert_class_logits_to_softmax(self) -> ConvertClassLogitsToSoftmax: ...
    @property
    def random_absolute_pad_image(self) -> RandomAbsolutePadImage: ...
    @property
    def random_self_concat_image(self) -> RandomSelfConcatImage: ...
    @property
    def autoaugment_image(self) -> AutoAugmentImage: ...
    @property
    def drop_label_probabilistically(self) -> DropLabelProbabilistically: ...
    @property
    def remap_labels(self) -> RemapLabels: ...
    @property
    def random_jpeg_quality(self) -> RandomJpegQuality: ...
    @property
    def random_downscale_to_target_pixels(self) -> RandomDownscaleToTargetPixels: ...
    @property
    def random_patch_gaussian(self) -> RandomPatchGaussian: ...
    @property
    def random_square_crop_by_scale(self) -> RandomSquareCropByScale: ...
    @property
    def random_scale_crop_and_pad_to_square(self) -> RandomScaleCropAndPadToSquare: ...
    @property
    def adjust_gamma(self) -> AdjustGamma: ...
    def HasField(self, field_name: Literal["normalize_image", "random_horizontal_flip", "random_pixel_value_scale", "random_image_scale", "random_rgb_to_gray", "random_adjust_brightness", "random_adjust_contrast", "random_adjust_hue", "random_adjust_saturation", "random_distort_color", "random_jitter_boxes", "random_crop_image", "random_pad_image", "random_crop_pad_image", "random_crop_to_aspect_ratio", "random_black_patches", "random_resize_method", "scale_boxes_to_pixel_coordinates", "resize_image", "subtract_channel_mean", "ssd_random_crop", "ssd_random_crop_pad", "ssd_random_crop_fixed_aspect_ratio", "ssd_random_crop_pad_fixed_aspect_ratio", "random_vertical_flip", "random_rotation90", "rgb_to_gray", "convert_class_logits_to_softmax", "random_absolute_pad_image", "random_self_concat_image", "autoaugment_image", "drop_label_probabilistically", "remap_labels", "random_jpeg_quality", "random_downscale_to_target_pixels", "random_patch_gaussian", "random_square_crop_by_scale", "random_scale_crop_and_pad_to_square", "adjust_gamma"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["preprocessing_step"]) -> Literal["normalize_image", "random_horizontal_flip", "random_pixel_value_scale", "random_image_scale", "random_rgb_to_gray", "random_adjust_brightness", "random_adjust_contrast", "random_adjust_hue", "random_adjust_saturation", "random_distort_color", "random_jitter_boxes", "random_crop_image", "random_pad_image", "random_crop_pad_image", "random_crop_to_aspect_ratio", "random_black_patches", "random_resize_method", "scale_boxes_to_pixel_coordinates", "resize_image", "subtract_channel_mean", "ssd_random_crop", "ssd_random_crop_pad", "ssd_random_crop_fixed_aspect_ratio", "ssd_random_crop_pad_fixed_aspect_ratio", "random_vertical_flip", "random_rotation90", "rgb_to_gray", "convert_class_logits_to_softmax", "random_absolute_pad_image", "random_self_concat_image", "autoaugment_image", "drop_label_probabilistically", "remap_labels", "random_jpeg_quality", "random_downscale_to_target_pixels", "random_patch_gaussian", "random_square_crop_by_scale", "random_scale_crop_and_pad_to_square", "adjust_gamma"] | None: ...

class NormalizeImage(Message):
    original_minval: float
    original_maxval: float
    target_minval: float
    target_maxval: float
    def HasField(self, field_name: Literal["original_minval", "original_maxval", "target_minval", "target_maxval"]) -> bool: ...

class RandomHorizontalFlip(Message):
    @property
    def keypoint_flip_permutation(self) -> Scalars[int]: ...
    probability: float
    def HasField(self, field_name: Literal["probability"]) -> bool: ...

class RandomPixelValueScale(Message):
    minval: float
    maxval: float
    def HasField(self, field_name: Literal["minval", "maxval"]) -> bool: ...

class RandomImageScale(Message):
    min_scale_ratio: float
    max_scale_ratio: float
    def HasField(self, field_name: Literal["min_scale_ratio", "max_scale_ratio"]) -> bool: ...

class RandomRGBtoGray(Message):
    probability: float
    def HasField(self, field_name: Literal["probability"]) -> bool: ...

class RandomAdjustBrightness(Message):
    max_delta: float
    def HasField(self, field_name: Literal["max_delta"]) -> bool: ...

class RandomAdjustContrast(Message):
    min_delta: float
    max_delta: float
    def HasField(self, field_name: Literal["min_delta", "max_delta"]) -> bool: ...

class RandomAdjustHue(Message):
    max_delta: float
    def HasField(self, field_name: Literal["max_delta"]) -> bool: ...

class RandomAdjustSaturation(Message):
    min_delta: float
    max_delta: float
    def HasField(self, field_name: Literal["min_delta", "max_delta"]) -> bool: ...

class RandomDistortColor(Message):
    color_ordering: int
    def HasField(self, field_name: Literal["color_ordering"]) -> bool: ...

class RandomJitterBoxes(Message):
    JitterMode: ClassVar[Enum[int]]
    DEFAULT: ClassVar[int]
    EXPAND: ClassVar[int]
    SHRINK: ClassVar[int]
    EXPAND_SYMMETRIC: ClassVar[int]
    SHRINK_SYMMETRIC: ClassVar[int]
    EXPAND_SYMMETRIC_XY: ClassVar[int]
    SHRINK_SYMMETRIC_XY: ClassVar[int]
    ratio: float
    jitter_mode: int
    def HasField(self, field_name: Literal["ratio", "jitter_mode"]) -> bool: ...

class RandomCropImage(Message):
    min_object_covered: float
    min_aspect_ratio: float
    max_aspect_ratio: float
    min_area: float
    max_area: float
    overlap_thresh: float
    random_coef: float
    clip_boxes: bool
    def HasField(self, field_name: Literal["min_object_covered", "min_aspect_ratio", "max_aspect_ratio", "min_area", "max_area", "overlap_thresh", "random_coef", "clip_boxes"]) -> bool: ...

class RandomPadImage(Message):
    min_image_height: int
    min_image_width: int
    max_image_height: int
    max_image_width: int
    @property
    def pad_color(self) -> Scalars[float]: ...
    def HasField(self, field_name: Literal["min_image_height", "min_image_width", "max_image_height", "max_image_width"]) -> bool: ...

class RandomCropPadImage(Message):
    min_object_covered: float
    min_aspect_ratio: float
    max_aspect_ratio: float
    min_area: float
    max_area: float
    overlap_thresh: float
    random_coef: float
    @property
    def min_padded_size_ratio(self) -> Scalars[float]: ...
    @property
    def max_padded_size_ratio(self) -> Scalars[float]: ...
    @property
    def pad_color(self) -> Scalars[float]: ...
    clip_boxes: bool
    def HasField(self, field_name: Literal["min_object_covered", "min_aspect_ratio", "max_aspect_ratio", "min_area", "max_area", "overlap_thresh", "random_coef", "clip_boxes"]) -> bool: ...

class RandomCropToAspectRatio(Message):
    aspect_ratio: float
    overlap_thresh: float
    clip_boxes: bool
    def HasField(self, field_name: Literal["aspect_ratio", "overlap_thresh", "clip_boxes"]) -> bool: ...

class RandomBlackPatches(Message):
    max_black_patches: int
    probability: float
    size_to_image_ratio: float
    def HasField(self, field_name: Literal["max_black_patches", "probability", "size_to_image_ratio"]) -> bool: ...

class RandomResizeMethod(Message):
    target_height: int
    target_width: int
    def HasField(self, field_name: Literal["target_height", "target_width"]) -> bool: ...

class ScaleBoxesToPixelCoordinates(Message):
    ...

class ResizeImage(Message):
    Method: ClassVar[Enum[int]]
    AREA: ClassVar[int]
    BICUBIC: ClassVar[int]
    BILINEAR: ClassVar[int]
    NEAREST_NEIGHBOR: ClassVar[int]
    new_height: int
    new_width: int
    method: int
    def HasField(self, field_name: Literal["new_height", "new_width", "method"]) -> bool: ...

class SubtractChannelMean(Message):
    @property
    def means(self) -> Scalars[float]: ...

class SSDRandomCrop(Message):
    @property
    def operations(self) -> Messages[SSDRandomCropOperation]: ...

class SSDRandomCropOperation(Message):
    min_object_covered: float
    min_aspect_ratio: float
    max_aspect_ratio: float
    min_area: float
    max_area: float
    overlap_thresh: float
    random_coef: float
    clip_boxes: bool
    def HasField(self, field_name: Literal["min_object_covered", "min_aspect_ratio", "max_aspect_ratio", "min_area", "max_area", "overlap_thresh", "random_coef", "clip_boxes"]) -> bool: ...

class SSDRandomCropPad(Message):
    @property
    def operations(self) -> Messages[SSDRandomCropPadOperation]: ...

class SSDRandomCropPadOperation(Message):
    min_object_covered: float
    min_aspect_ratio: float
    max_aspect_ratio: float
    min_area: float
    max_area: float
    overlap_thresh: float
    random_coef: float
    @property
    def min_padded_size_ratio(self) -> Scalars[float]: ...
    @property
    def max_padded_size_ratio(self) -> Scalars[float]: ...
    pad_color_r: float
    pad_color_g: float
    pad_color_b: float
    clip_boxes: bool
    def HasField(self, field_name: Literal["min_object_covered", "min_aspect_ratio", "max_aspect_ratio", "min_area", "max_area", "overlap_thresh", "random_coef", "pad_color_r", "pad_color_g", "pad_color_b", "clip_boxes"]) -> bool: ...

class SSDRandomCropFixedAspectRatio(Message):
    @property
    def operations(self) -> Messages[SSDRandomCropFixedAspectRatioOperation]: ...
    aspect_ratio: float
    def HasField(self, field_name: Literal["aspect_ratio"]) -> bool: ...

class SSDRandomCropFixedAspectRatioOperation(Message):
    min_object_covered: float
    min_area: float
    max_area: float
    overlap_thresh: float
    random_coef: float
    clip_boxes: bool
    def HasField(self, field_name: Literal["min_object_covered", "min_area", "max_area", "overlap_thresh", "random_coef", "clip_boxes"]) -> bool: ...

class SSDRandomCropPadFixedAspectRatio(Message):
    @property
    def operations(self) -> Messages[SSDRandomCropPadFixedAspectRatioOperation]: ...
    aspect_ratio: float
    @property
    def min_padded_size_ratio(self) -> Scalars[float]: ...
    @property
    def max_padded_size_ratio(self) -> Scalars[float]: ...
    def HasField(self, field_name: Literal["aspect_ratio"]) -> bool: ...

class SSDRandomCropPadFixedAspectRatioOperation(Message):
    min_object_covered: float
    min_aspect_ratio: float
    max_aspect_ratio: float
    min_area: float
    max_area: float
    overlap_thresh: float
    random_coef: float
    clip_boxes: bool
    def HasField(self, field_name: Literal["min_object_covered", "min_aspect_ratio", "max_aspect_ratio", "min_area", "max_area", "overlap_thresh", "random_coef", "clip_boxes"]) -> bool: ...

class RandomVerticalFlip(Message):
    @property
    def keypoint_flip_permutation(self) -> Scalars[int]: ...
    probability: float
    def HasField(self, field_name: Literal["probability"]) -> bool: ...

class RandomRotation90(Message):
    @property
    def keypoint_rot_permutation(self) -> Scalars[int]: ...
    probability: float
    def HasField(self, field_name: Literal["probability"]) -> bool: ...

class RGBtoGray(Message):
    ...

class ConvertClassLogitsToSoftmax(Message):
    temperature: float
    def HasField(self, field_name: Literal["temperature"]) -> bool: ...

class RandomAbsolutePadImage(Message):
    max_height_padding: int
    max_width_padding: int
    @property
    def pad_color(self) -> Scalars[float]: ...
    def HasField(self, field_name: Literal["max_height_padding", "max_width_padding"]) -> bool: ...

class RandomSelfConcatImage(Message):
    concat_vertical_probability: float
    concat_horizontal_probability: float
    def HasField(self, field_name: Literal["concat_vertical_probability", "concat_horizontal_probability"]) -> bool: ...

class AutoAugmentImage(Message):
    policy_name: str
    def HasField(self, field_name: Literal["policy_name"]) -> bool: ...

class DropLabelProbabilistically(Message):
    label: int
    drop_probability: float
    def HasField(self, field_name: Literal["label", "drop_probability"]) -> bool: ...

class RemapLabels(Message):
    @property
    def original_labels(self) -> Scalars[int]: ...
    new_label: int
    def HasField(self, field_name: Literal["new_label"]) -> bool: ...

class RandomJpegQuality(Message):
    random_coef: float
    min_jpeg_quality: int
    max_jpeg_quality: int
    def HasField(self, field_name: Literal["random_coef", "min_jpeg_quality", "max_jpeg_quality"]) -> bool: ...

class RandomDownscaleToTargetPixels(Message):
    random_coef: float
    min_target_pixels: int
    max_target_pixels: int
    def HasField(self, field_name: Literal["random_coef", "min_target_pixels", "max_target_pixels"]) -> bool: ...

class RandomPatchGaussian(Message):
    random_coef: float
    min_patch_size: int
    max_patch_size: int
    min_gaussian_stddev: float
    max_gaussian_stddev: float
    def HasField(self, field_name: Literal["random_coef", "min_patch_size", "max_patch_size", "min_gaussian_stddev", "max_gaussian_stddev"]) -> bool: ...

class RandomSquareCropByScale(Message):
    max_border: int
    scale_min: float
    scale_max: float
    num_scales: int
    def HasField(self, field_name: Literal["max_border", "scale_min", "scale_max", "num_scales"]) -> bool: ...

class RandomScaleCropAndPadToSquare(Message):
    output_size: int
    scale_min: float
    scale_max: float
    def HasField(self, field_name: Literal["output_size", "scale_min", "scale_max"]) -> bool: ...

class AdjustGamma(Message):
    gamma: float
    gain: float
    def HasField(self, field_name: Literal["gamma", "gain"]) -> bool: ...

class Optimizer(Message):
    @property
    def rms_prop_optimizer(self) -> RMSPropOptimizer: ...
    @property
    def momentum_optimizer(self) -> MomentumOptimizer: ...
    @property
    def adam_optimizer(self) -> AdamOptimizer: ...
    use_moving_average: bool
    moving_average_decay: float
    def HasField(self, field_name: Literal["rms_prop_optimizer", "momentum_optimizer", "adam_optimizer", "use_moving_average", "moving_average_decay"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["optimizer"]) -> Literal["rms_prop_optimizer", "momentum_optimizer", "adam_optimizer"] | None: ...

class RMSPropOptimizer(Message):
    @property
    def learning_rate(self) -> LearningRate: ...
    momentum_optimizer_value: float
    decay: float
    epsilon: float
    def HasField(self, field_name: Literal["learning_rate", "momentum_optimizer_value", "decay", "epsilon"]) -> bool: ...

class LearningRate(Message):
    @property
    def constant_learning_rate(self) -> ConstantLearningRate: ...
    @property
    def exponential_decay_learning_rate(self) -> ExponentialDecayLearningRate: ...
    @property
    def manual_step_learning_rate(self) -> ManualStepLearningRate: ...
    @property
    def cosine_decay_learning_rate(self) -> CosineDecayLearningRate: ...
    def HasField(self, field_name: Literal["constant_learning_rate", "exponential_decay_learning_rate", "manual_step_learning_rate", "cosine_decay_learning_rate"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["learning_rate"]) -> Literal["constant_learning_rate", "exponential_decay_learning_rate", "manual_step_learning_rate", "cosine_decay_learning_rate"] | None: ...

class ConstantLearningRate(Message):
    learning_rate: float
    def HasField(self, field_name: Literal["learning_rate"]) -> bool: ...

class ExponentialDecayLearningRate(Message):
    initial_learning_rate: float
    decay_steps: int
    decay_factor: float
    staircase: bool
    burnin_learning_rate: float
    burnin_steps: int
    min_learning_rate: float
    def HasField(self, field_name: Literal["initial_learning_rate", "decay_steps", "decay_factor", "staircase", "burnin_learning_rate", "burnin_steps", "min_learning_rate"]) -> bool: ...

class ManualStepLearningRate(Message):
    initial_learning_rate: float
    @property
    def schedule(self) -> Messages[LearningRateSchedule]: ...
    warmup: bool
    def HasField(self, field_name: Literal["initial_learning_rate", "warmup"]) -> bool: ...

class LearningRateSchedule(Message):
    step: int
    learning_rate: float
    def HasField(self, field_name: Literal["step", "learning_rate"]) -> bool: ...

class CosineDecayLearningRate(Message):
    learning_rate_base: float
    total_steps: int
    warmup_learning_rate: float
    warmup_steps: int
    hold_base_rate_steps: int
    def HasField(self, field_name: Literal["learning_rate_base", "total_steps", "warmup_learning_rate", "warmup_steps", "hold_base_rate_steps"]) -> bool: ...

class MomentumOptimizer(Message):
    @property
    def learning_rate(self) -> LearningRate: ...
    momentum_optimizer_value: float
    def HasField(self, field_name: Literal["learning_rate", "momentum_optimizer_value"]) -> bool: ...

class AdamOptimizer(Message):
    @property
    def learning_rate(self) -> LearningRate: ...
    epsilon: float
    def HasField(self, field_name: Literal["learning_rate", "epsilon"]) -> bool: ...

class InputReader(Message):
    InstanceMaskType: ClassVar[Enum[int]]
    DEFAULT: ClassVar[int]
    NUMERICAL_MASKS: ClassVar[int]
    PNG_MASKS: ClassVar[int]
    InputType: ClassVar[Enum[int]]
    INPUT_DEFAULT: ClassVar[int]
    TF_EXAMPLE: ClassVar[int]
    TF_SEQUENCE_EXAMPLE: ClassVar[int]
    label_map_path: str
    shuffle: bool
    queue_capacity: int
    min_after_dequeue: int
    num_epochs: int
    num_readers: int
    load_instance_masks: bool
    @property
    def tf_record_input_reader(self) -> TFRecordInputReader: ...
    @property
    def external_input_reader(self) -> ExternalInputReader: ...
    mask_type: int
    shuffle_buffer_size: int
    filenames_shuffle_buffer_size: int
    prefetch_size: int
    num_parallel_map_calls: int
    read_block_length: int
    num_keypoints: int
    use_display_name: bool
    num_additional_channels: int
    num_parallel_batches: int
    num_prefetch_batches: int
    max_number_of_boxes: int
    sample_1_of_n_examples: int
    name: str
    load_multiclass_scores: bool
    load_context_features: bool
    @property
    def keypoint_type_weight(self) -> Scalars[float]: ...
    include_source_id: bool
    expand_labels_hierarchy: bool
    input_type: int
    load_dense_pose: bool
    frame_index: int
    load_track_id: bool
    @property
    def sample_from_datasets_weights(self) -> Scalars[float]: ...
    drop_remainder: bool
    load_context_image_ids: bool
    load_keypoint_depth_features: bool
    def HasField(self, field_name: Literal["label_map_path", "shuffle", "queue_capacity", "min_after_dequeue", "num_epochs", "num_readers", "load_instance_masks", "tf_record_input_reader", "external_input_reader", "mask_type", "shuffle_buffer_size", "filenames_shuffle_buffer_size", "prefetch_size", "num_parallel_map_calls", "read_block_length", "num_keypoints", "use_display_name", "num_additional_channels", "num_parallel_batches", "num_prefetch_batches", "max_number_of_boxes", "sample_1_of_n_examples", "name", "load_multiclass_scores", "load_context_features", "include_source_id", "expand_labels_hierarchy", "input_type", "load_dense_pose", "frame_index", "load_track_id", "drop_remainder", "load_context_image_ids", "load_keypoint_depth_features"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["input_reader"]) -> Literal["tf_record_input_reader", "external_input_reader"] | None: ...

class TFRecordInputReader(Message):
    @property
    def input_path(self) -> Scalars[str]: ...

class ExternalInputReader(Message):
    ...

class EvalConfig(Message):
    num_visualizations: int
    num_examples: int
    eval_interval_secs: int
    max_evals: int
    save_graph: bool
    visualization_export_dir: str
    eval_master: str
    @property
    def metrics_set(self) -> Scalars[str]: ...
    export_path: str
    ignore_groundtruth: bool
    use_moving_averages: bool
    eval_instance_masks: bool
    min_score_threshold: float
    max_num_boxes_to_visualize: int
    skip_scores: bool
    skip_labels: bool
    visualize_groundtruth_boxes: bool
    groundtruth_box_visualization_color: str
    keep_image_id_for_visualization_export: bool
    retain_original_images: bool
    include_metrics_per_category: bool
    batch_size: int
    recall_lower_bound: float
    recall_upper_bound: float
    retain_original_image_additional_channels: bool
    force_no_resize: bool
    use_dummy_loss_in_eval: bool
    @property
    def parameterized_metric(self) -> Messages[ParameterizedMetric]: ...
    @property
    def keypoint_edge(self) -> Messages[KeypointEdge]: ...
    skip_predictions_for_unlabeled_class: bool
    @property
    def super_categories(self) -> Messages[SuperCategoriesEntry]: ...
    all_metrics_per_category: bool
    def HasField(self, field_name: Literal["num_visualizations", "num_examples", "eval_interval_secs", "max_evals", "save_graph", "visualization_export_dir", "eval_master", "export_path", "ignore_groundtruth", "use_moving_averages", "eval_instance_masks", "min_score_threshold", "max_num_boxes_to_visualize", "skip_scores", "skip_labels", "visualize_groundtruth_boxes", "groundtruth_box_visualization_color", "keep_image_id_for_visualization_export", "retain_original_images", "include_metrics_per_category", "batch_size", "recall_lower_bound", "recall_upper_bound", "retain_original_image_additional_channels", "force_no_resize", "use_dummy_loss_in_eval", "skip_predictions_for_unlabeled_class", "all_metrics_per_category"]) -> bool: ...

class ParameterizedMetric(Message):
    @property
    def coco_keypoint_metrics(self) -> CocoKeypointMetrics: ...
    def HasField(self, field_name: Literal["coco_keypoint_metrics"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["parameterized_metric"]) -> Literal["coco_keypoint_metrics"] | None: ...

class CocoKeypointMetrics(Message):
    class_label: str
    @property
    def keypoint_label_to_sigmas(self) -> Messages[KeypointLabelToSigmasEntry]: ...
    def HasField(self, field_name: Literal["class_label"]) -> bool: ...

class KeypointLabelToSigmasEntry(Message):
    key: str
    value: float
    def HasField(self, field_name: Literal["key", "value"]) -> bool: ...

class SuperCategoriesEntry(Message):
    key: str
    value: str
    def HasField(self, field_name: Literal["key", "value"]) -> bool: ...

class KeypointEdge(Message):
    start: int
    end: int
    def HasField(self, field_name: Literal["start", "end"]) -> bool: ...

class GraphRewriter(Message):
    @property
    def quantization(self) -> Quantization: ...
    def HasField(self, field_name: Literal["quantization"]) -> bool: ...

class Quantization(Message):
    delay: int
    weight_bits: int
    activation_bits: int
    symmetric: bool
    def HasField(self, field_name: Literal["delay", "weight_bits", "activation_bits", "symmetric"]) -> bool: ...

class FasterRcnn(Message):
    ...

class ExperimentalModel(Message):
    ...

class CenterNet(Message):
    ...
