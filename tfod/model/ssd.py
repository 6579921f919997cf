"""The detector: one network from `model { ssd { ... } }` of pipeline.config.

    model = SSD(config.model.ssd)
    predictions = model(model.preprocess(images), training=True)
    losses = model.losses(predictions, batch)
    losses["Loss/total_loss"]

Reading order: `build_network`, then mobilenet_v2.py, fpn.py, box_predictor.py. Knows nothing of
files; checkpoints/ finds the variables by their keys.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from tfod.config.messages import Ssd
from tfod.model.anchors import anchor_boxes, anchors_per_location
from tfod.model.box_predictor import Layers, box_predictor
from tfod.model.fpn import feature_pyramid
from tfod.model.hyperparams import make_style
from tfod.model.losses import detection_losses
from tfod.model.mobilenet_v2 import default_style, mobilenet_v2
from tfod.model.postprocess import postprocess
from tfod.model.preprocess import image_size, make_preprocess
from tfod.model.targets import assign_targets

Maps = Any  # keras tensor, float [B, h, w, C]


class SSD:
    """SSD MobileNetV2 FPN(-Lite).

    Attributes:
        config: the `Ssd` message it was made from.
        num_classes: without background.
        image_size: (height, width) of the images in the network, px.
        anchors: float32 [A, 4], see anchors.py.
        network: keras.Model, float32 [B, H, W, 3] -> the dict `__call__` returns.
        preprocess: function of RGB images 0..255, see preprocess.py.
        variables_by_key: keras variables by their key in a checkpoint of the old API, without
            the suffix `/.ATTRIBUTES/VARIABLE_VALUE`.
    """

    def __init__(self, ssd_config: Ssd, seed: int | None = None):
        """Build the network with new weights.

        Args:
            ssd_config: of a pipeline.config that `check_config` accepts.
            seed: of the weights; None draws one.
        """
        self.config = ssd_config
        self.num_classes = ssd_config.num_classes
        self.image_size = image_size(ssd_config)
        self.preprocess = make_preprocess(ssd_config)
        self.network, layers = build_network(ssd_config, self.image_size, seed)
        self.variables_by_key: dict[str, keras.Variable] = {
            f"{key}/{name}": variable
            for key, layer in layers.items()
            for name, variable in layer_variables(layer).items()
        }
        self.anchors = anchor_boxes(ssd_config, self.image_size)
        predicted = self.network.output["box_encodings"].shape[1]
        if len(self.anchors) != predicted:
            raise ValueError(f"{len(self.anchors)} anchors for {predicted} predicted boxes")

    def freeze(self, patterns: Iterable[str]) -> list[str]:
        """Keep layers as they are in training: their weights, and the statistics of their norms.

        Args:
            patterns: regular expressions for the beginning of a layer's name in `network`, such
                as "block_1_" or "Conv1|bn_Conv1|block_[1-5]_".

        Returns:
            The names of the layers that have weights and are frozen.
        """
        frozen = [
            layer
            for layer in self.network.layers
            if layer.weights and any(re.match(pattern, layer.name) for pattern in patterns)
        ]
        for layer in frozen:
            layer.trainable = False
        return [layer.name for layer in frozen]

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """The kernels, biases, gammas and betas, as keras variables."""
        return self.network.trainable_variables

    def __call__(self, images: tf.Tensor, training: bool = False) -> dict[str, Any]:
        """Predict for preprocessed images.

        Args:
            images: float32 [B, H, W, 3] from `preprocess`.
            training: use and update the statistics of the batch.

        Returns:
            `box_encodings` [B, A, 4], `class_logits` [B, A, num_classes + 1] with the
            background first, and `feature_maps`, a list of [B, h, w, C], finest first.
        """
        predictions: dict[str, Any] = self.network(images, training=training)
        converter = self.config.box_predictor.weight_shared_convolutional_box_predictor
        if converter.score_converter == type(converter).SIGMOID and not training:
            # the old predictor converts only outside training
            predictions["class_logits"] = ops.sigmoid(predictions["class_logits"])
        return predictions

    def losses(
        self,
        predictions: Mapping[str, tf.Tensor],
        batch: Mapping[str, tf.Tensor],
        add_regularization_loss: bool = True,
    ) -> dict[str, tf.Tensor]:
        """Return the losses of a batch, float32 scalars under the names of the old API.

        Args:
            batch: `boxes` [B, M, 4], `class_ids` [B, M] and `weights` [B, M].
            add_regularization_loss: as in `train_config`; without it the loss has no such part.
        """
        targets = assign_targets(
            batch["boxes"], batch["class_ids"], batch["weights"],
            self.anchors, self.config, self.num_classes,
        )  # fmt: skip
        losses = detection_losses(
            predictions["box_encodings"], predictions["class_logits"], targets, self.config
        )
        if add_regularization_loss:
            losses["Loss/regularization_loss"] = self.regularization_loss()
        losses["Loss/total_loss"] = sum(losses.values())
        return losses

    def regularization_loss(self) -> tf.Tensor:
        """Sum of the losses of all regularised kernels, a float32 scalar."""
        terms = [
            variable.regularizer(variable.value)
            for variable in self.trainable_variables
            if variable.regularizer is not None
        ]
        return sum(terms) if terms else ops.zeros((), "float32")

    def postprocess(self, predictions: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Turn predictions into detections, see postprocess.py."""
        return postprocess(
            predictions["box_encodings"], predictions["class_logits"], self.anchors, self.config
        )


def build_network(
    ssd_config: Ssd, size: tuple[int, int], seed: int | None = None
) -> tuple[keras.Model, Layers]:
    """Build the network for images (height, width), and its layers by key in a checkpoint."""
    predictor = ssd_config.box_predictor.weight_shared_convolutional_box_predictor
    seeds = keras.random.SeedGenerator(seed)
    images = keras.Input((*size, 3), name="images")
    levels, extractor_layers = feature_extractor(images, ssd_config, seeds)
    style = make_style(predictor.conv_hyperparams, seeds, ssd_config.freeze_batchnorm)
    boxes, logits, predictor_layers = box_predictor(
        levels, predictor, style, anchors_per_location(ssd_config), ssd_config.num_classes + 1
    )
    layers = {f"model/_feature_extractor/{key}": layer for key, layer in extractor_layers.items()}
    layers |= {f"model/_box_predictor/{key}": layer for key, layer in predictor_layers.items()}
    outputs = {"box_encodings": boxes, "class_logits": logits, "feature_maps": levels}
    return keras.Model(images, outputs, name="ssd"), layers


def feature_extractor(
    images: Maps, ssd_config: Ssd, seeds: keras.random.SeedGenerator
) -> tuple[list[Maps], Layers]:
    """Apply backbone and pyramid to [B, H, W, 3]: maps, finest first, and layers by key."""
    config, frozen = ssd_config.feature_extractor, ssd_config.freeze_batchnorm
    style = make_style(config.conv_hyperparams, seeds, frozen)
    backbone_style = style
    if not config.override_base_feature_extractor_hyperparams:
        backbone_style = default_style(seeds, frozen)
    padded = pad_to_multiple(images, config.pad_to_multiple)
    endpoints, backbone_layers = mobilenet_v2(padded, backbone_style, config)
    levels, fpn_layers = feature_pyramid(endpoints, style, config)
    layers = {
        f"classification_backbone/layer_with_weights-{number}": layer
        for number, layer in enumerate(backbone_layers)
    }
    return levels, layers | fpn_layers


def pad_to_multiple(images: Maps, multiple: int) -> Maps:
    """Pad images [B, H, W, 3] with zeros at the bottom and right to multiples of `multiple`."""
    down, right = (-side % max(multiple, 1) for side in images.shape[1:3])
    if not down and not right:
        return images
    return keras.layers.ZeroPadding2D(((0, down), (0, right)), name="pad_to_multiple")(images)


def layer_variables(layer: keras.Layer) -> dict[str, keras.Variable]:
    """Return the variables of a layer by their name in a checkpoint of the old API."""
    is_depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    old_names = {"kernel": "depthwise_kernel"} if is_depthwise else {}
    return {old_names.get(variable.name, variable.name): variable for variable in layer.variables}
