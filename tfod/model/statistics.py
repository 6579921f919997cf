"""Batch-norm statistics of the current weights, measured over images without training.

The moving statistics of a training trail behind the weights: with a decay of 0.997, 150 steps leave
64 % of what they were before. Here they are the plain mean over batches instead.
"""

from collections.abc import Iterable, Mapping

import tensorflow as tf

from tfod.model.batch_norm import BatchNorm
from tfod.model.ssd import SSD


def reestimate(model: SSD, batches: Iterable[Mapping[str, tf.Tensor]]) -> int:
    """Set the moving statistics of every norm to their mean over batches; weights do not change.

    Norms that do not learn in training keep theirs.

    Args:
        batches: a few tens of them, of the batch size of the training; `image` float32
            [B, H, W, 3] as the network eats it.

    Returns:
        The number of batches. Without any nothing changes.
    """
    norms = [layer for layer in model.network.layers if isinstance(layer, BatchNorm)]
    before = [norm.momentum for norm in norms]
    momentum = tf.Variable(0.0, trainable=False)  # of batch n it is (n - 1) / n
    for norm in norms:
        norm.momentum = momentum
    try:
        run = tf.function(lambda images: model(images, training=True)["box_encodings"][0, 0, 0])
        count = 0
        for count, batch in enumerate(batches, 1):
            momentum.assign((count - 1) / count)
            run(batch["image"])
    finally:
        for norm, value in zip(norms, before, strict=True):
            norm.momentum = value
    return count
