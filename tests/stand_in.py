"""A model that is nothing but variables by key, and the same as a tree of tf.Modules."""

from types import SimpleNamespace

import keras
import numpy as np
import tensorflow as tf

from tfod.config import parse_config
from tfod.steps.train.optimizer import Optimizer

SMALL = {
    "model/_feature_extractor/classification_backbone/layer_with_weights-0/kernel": (3, 3, 3, 4),
    "model/_feature_extractor/classification_backbone/layer_with_weights-1/moving_mean": (4,),
    "model/_feature_extractor/_fpn_features_generator/top_layers/0/kernel": (1, 1, 4, 8),
    "model/_box_predictor/_box_prediction_head/_box_encoder_layers/0/bias": (24,),
    "model/_box_predictor/_prediction_heads/class_predictions_with_background"
    "/_class_predictor_layers/0/bias": (18,),
}
OPTIMIZER = """train_config { optimizer { %s {
    learning_rate { constant_learning_rate { learning_rate: .1 } } } } }"""


def stand_in(shapes=SMALL, seed=0):
    """Make a model of random variables; key -> shape."""
    draw = np.random.default_rng(seed).normal
    variables = {
        key: keras.Variable(draw(size=shape).astype(np.float32), trainable="moving_" not in key)
        for key, shape in shapes.items()
    }
    trainable = [variable for variable in variables.values() if variable.trainable]
    return SimpleNamespace(variables_by_key=variables, trainable_variables=trainable)


def listed_keys(path):
    """Read a list of checkpoint keys: key without ending -> shape; slots left out."""
    shapes = {}
    for line in path.read_text().splitlines():
        key, shape = line.replace("\t", " ").split("]")[0].split(" [")
        if ".OPTIMIZER_SLOT" not in key:
            sizes = tuple(int(size) for size in shape.split(",") if size.strip())
            shapes[key.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE")] = sizes
    return shapes


def built_optimizer(model, kind="momentum_optimizer", seed=0):
    """Make an optimizer for the model, with random state after five updates."""
    optimizer = Optimizer(parse_config(OPTIMIZER % kind, "test.config").train_config)
    trainable = {key: v for key, v in model.variables_by_key.items() if v.trainable}
    optimizer.build(trainable)
    draw = np.random.default_rng(seed).normal
    for variables in optimizer.slots_by_name.values():
        for variable in variables.values():
            variable.assign(np.abs(draw(size=variable.shape)))  # Adam has no negative v
    optimizer.iterations.assign(5)
    return optimizer


def values_of(variables):
    """Copy variables to arrays, by key."""
    return {key: np.array(value.numpy()) for key, value in variables.items()}


def module_tree(shapes):
    """The same variables as the old API holds them: objects in objects; and by key."""
    root, by_key = tf.Module(), {}
    for key, shape in shapes.items():
        node = root
        *parts, name = key.split("/")
        for part in parts:
            if not hasattr(node, part):
                setattr(node, part, tf.Module())
            node = getattr(node, part)
        by_key[key] = tf.Variable(tf.zeros(shape), trainable="moving_" not in name)
        setattr(node, name, by_key[key])
    return root, by_key
