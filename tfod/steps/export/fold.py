"""A trained network for inference only: batch norms folded into the convolutions.

In inference a batch norm is a factor and an offset for each channel, so the factor goes into the
kernel of the convolution before it (Jacob et al. 2018, section 3.2) and the offset becomes its
bias. Works on the graph of any traced function; knows nothing of detectors.
"""

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")
SMALL = 64  # numbers; smaller constants stay in the graph


class Folded(tf.Module):
    """The folded network; call it inside a `tf.function`.

    Its weights are variables, not constants of the graph: as quick, but a loaded model holds them
    once instead of in every copy of its graph (measured: 805 instead of 975 MiB in all).
    """

    def __init__(self, function: tf.types.experimental.ConcreteFunction):
        """Fold a traced function that takes one tensor and returns a tuple of tensors."""
        super().__init__()
        frozen = convert_variables_to_constants_v2(function, lower_control_flow=False)
        graph = fold_batch_norms(frozen.graph.as_graph_def())
        self._input = frozen.inputs[0].name
        self._outputs = [(output.name, output.shape) for output in frozen.outputs]
        ends = [_node_of(name) for name in [self._input, *(name for name, _ in self._outputs)]]
        graph = keep_needed(graph, ends)  # drops the kernels from before
        values = {node.name: _weight(node) for node in graph.node}
        self._names = [name for name, value in values.items() if value is not None]
        self.weights = [tf.Variable(values[name], trainable=False) for name in self._names]
        self.graph = tf.compat.v1.GraphDef(versions=graph.versions, library=graph.library)
        self.graph.node.extend(node for node in graph.node if values[node.name] is None)

    def __call__(self, images) -> list:
        """Return what the traced function returned, for an argument of its shape."""
        weights = [tf.convert_to_tensor(weight) for weight in self.weights]
        outputs = tf.graph_util.import_graph_def(
            self.graph,
            input_map=dict(zip(self._names, weights, strict=True)) | {self._input: images},
            return_elements=[name for name, _ in self._outputs],
            name="folded",
        )
        for output, (_, shape) in zip(outputs, self._outputs, strict=True):
            output.set_shape(shape)
        return outputs


def _weight(node) -> np.ndarray | None:
    """Value of a constant that is to be a variable; None for every other node."""
    if node.op != "Const" or node.attr["dtype"].type != tf.float32.as_datatype_enum:
        return None
    value = tf.make_ndarray(node.attr["value"].tensor)
    return value if value.size > SMALL else None


def keep_needed(graph: tf.compat.v1.GraphDef, names: list[str]) -> tf.compat.v1.GraphDef:
    """Copy what the nodes of these names need, and nothing else."""
    inputs = {node.name: [_node_of(name) for name in node.input] for node in graph.node}
    needed, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting.extend(inputs[name])
    kept = tf.compat.v1.GraphDef(versions=graph.versions, library=graph.library)
    kept.node.extend(node for node in graph.node if node.name in needed)
    return kept


def fold_batch_norms(graph: tf.compat.v1.GraphDef) -> tf.compat.v1.GraphDef:
    """Replace each batch norm after a convolution with constant kernel by a bias.

    Args:
        graph: with constants in place of variables.

    Returns:
        A copy. A convolution whose result is used elsewhere too is left as it is.
    """
    nodes = {node.name: node for node in graph.node}
    users = _count_users(graph)
    folded = tf.compat.v1.GraphDef(versions=graph.versions, library=graph.library)
    kernels, biases = {}, {}  # by the name of the convolution, and of the batch norm
    for norm in graph.node:
        convolution = nodes.get(_node_of(norm.input[0])) if norm.input else None
        if not _is_inference_norm(norm) or convolution.op not in CONVOLUTIONS:
            continue
        values = [_constant(name, nodes) for name in [convolution.input[1], *norm.input[1:5]]]
        if users[convolution.name] != 1 or any(value is None for value in values):
            continue
        kernel, gamma, beta, mean, variance = values
        factor = gamma / np.sqrt(variance.astype(np.float64) + norm.attr["epsilon"].f)
        if convolution.op == "DepthwiseConv2dNative":  # [h, w, channels, multiplier]
            kernel = kernel * factor.reshape(kernel.shape[2:])
        else:
            kernel = kernel * factor
        kernels[convolution.name] = kernel.astype(np.float32)
        biases[norm.name] = (beta - mean * factor).astype(np.float32)
    for node in graph.node:
        folded.node.extend(_rewritten(node, kernels, biases))
    return folded


def _rewritten(node, kernels, biases) -> list:
    """The node, or what stands for it in the folded graph."""
    new = tf.compat.v1.NodeDef()
    new.CopyFrom(node)
    # what must run first was reading variables; it would keep the old kernels in the graph
    del new.input[:]
    new.input.extend(name for name in node.input if not name.startswith("^"))
    if node.name in kernels:
        kernel = _constant_node(f"{node.name}/folded_kernel", kernels[node.name])
        new.input[1] = kernel.name
        return [kernel, new]
    if node.name in biases:
        bias = _constant_node(f"{node.name}/folded_bias", biases[node.name])
        new = tf.compat.v1.NodeDef(name=node.name, op="BiasAdd", input=[node.input[0], bias.name])
        new.attr["T"].CopyFrom(node.attr["T"])
        new.attr["data_format"].CopyFrom(node.attr["data_format"])
        return [bias, new]
    return [new]


def _is_inference_norm(node) -> bool:
    return node.op == "FusedBatchNormV3" and not node.attr["is_training"].b


def _count_users(graph) -> dict[str, int]:
    users = {node.name: 0 for node in graph.node}
    for node in graph.node:
        for name in node.input:
            users[_node_of(name)] += 1
    return users


def _constant(name, nodes) -> np.ndarray | None:
    """Value of a constant, also behind identities; None for anything else."""
    node = nodes[_node_of(name)]
    while node.op == "Identity":
        node = nodes[_node_of(node.input[0])]
    return tf.make_ndarray(node.attr["value"].tensor) if node.op == "Const" else None


def _constant_node(name, value):
    node = tf.compat.v1.NodeDef(name=name, op="Const")
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    node.attr["dtype"].type = tf.float32.as_datatype_enum
    return node


def _node_of(name: str) -> str:
    return name.removeprefix("^").split(":")[0]
