"""A trained network for inference only: batch norms folded into the convolutions.

In inference a batch norm is a factor and an offset for each channel, so the factor goes into the
kernel of the convolution before it (Jacob et al. 2018, section 3.2) and the offset becomes its
bias. Works on the graph of any traced function; knows nothing of detectors.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
import tensorflow as tf

Node: TypeAlias = tf.compat.v1.NodeDef
Graph: TypeAlias = tf.compat.v1.GraphDef

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
        graph = fold_batch_norms(freeze(function))
        self._input = function.graph.inputs[0].name
        self._outputs = [(output.name, output.shape) for output in function.graph.outputs]
        ends = [_node_of(name) for name in [self._input, *(name for name, _ in self._outputs)]]
        graph = keep_needed(graph, ends)  # drops the kernels from before
        values = {node.name: _weight(node) for node in graph.node}
        weights = {name: value for name, value in values.items() if value is not None}
        self._names = list(weights)
        self.weights = [tf.Variable(value, trainable=False) for value in weights.values()]
        self.graph = Graph(versions=graph.versions, library=graph.library)
        self.graph.node.extend(node for node in graph.node if node.name not in weights)

    def __call__(self, images: tf.Tensor) -> list[tf.Tensor]:
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


def _weight(node: Node) -> np.ndarray | None:
    """Value of a constant that is to be a variable; None for every other node."""
    if node.op != "Const" or node.attr["dtype"].type != tf.float32.as_datatype_enum:
        return None
    value = tf.make_ndarray(node.attr["value"].tensor)
    return value if value.size > SMALL else None


def freeze(function: tf.types.experimental.ConcreteFunction) -> Graph:
    """Copy the graph of a traced function, with the values of its variables as constants.

    Args:
        function: reads variables of its own only, not in functions that it calls.
    """
    captured = list(function.captured_inputs)
    placeholders = function.graph.inputs[len(function.graph.inputs) - len(captured) :]
    outside = {inner.op.name: tensor for inner, tensor in zip(placeholders, captured, strict=True)}
    graph = function.graph.as_graph_def()
    frozen = Graph(versions=graph.versions, library=graph.library)
    for node in graph.node:
        if node.op == "ReadVariableOp" and node.input[0] in outside:
            value = tf.raw_ops.ReadVariableOp(
                resource=outside[node.input[0]], dtype=tf.as_dtype(node.attr["dtype"].type)
            )
            frozen.node.append(_constant_node(node.name, value.numpy()))
        elif node.name not in outside:
            frozen.node.append(node)
        elif outside[node.name].dtype != tf.resource:
            frozen.node.append(_constant_node(node.name, outside[node.name].numpy()))
    return frozen


def keep_needed(graph: Graph, names: Iterable[str]) -> Graph:
    """Copy what the nodes of these names need, and nothing else."""
    inputs = {node.name: [_node_of(name) for name in node.input] for node in graph.node}
    needed, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting.extend(inputs[name])
    kept = Graph(versions=graph.versions, library=graph.library)
    kept.node.extend(node for node in graph.node if node.name in needed)
    return kept


def fold_batch_norms(graph: Graph) -> Graph:
    """Replace each batch norm after a convolution with constant kernel by a bias.

    Returns:
        A copy. A convolution whose result is used elsewhere too is left as it is.
    """
    nodes = {node.name: node for node in graph.node}
    users = Counter(_node_of(name) for node in graph.node for name in node.input)
    kernels: dict[str, np.ndarray] = {}  # by the name of the convolution
    biases: dict[str, np.ndarray] = {}  # by the name of the batch norm
    for norm in filter(_is_inference_norm, graph.node):
        convolution = nodes[_node_of(norm.input[0])]
        if convolution.op not in CONVOLUTIONS or users[convolution.name] != 1:
            continue
        values = [_constant(name, nodes) for name in [convolution.input[1], *norm.input[1:5]]]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            kernels[convolution.name], biases[norm.name] = _folded(convolution, norm, known)
    result = Graph(versions=graph.versions, library=graph.library)
    for node in graph.node:
        result.node.extend(_rewritten(node, kernels, biases))
    return result


def _folded(
    convolution: Node, norm: Node, values: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The new kernel and bias, float32, from kernel, gamma, beta, mean and variance."""
    kernel, gamma, beta, mean, variance = values
    factor = gamma / np.sqrt(variance.astype(np.float64) + norm.attr["epsilon"].f)
    by_channel = factor  # of a kernel [h, w, channels in, channels out]
    if convolution.op == "DepthwiseConv2dNative":  # [h, w, channels, multiplier]
        by_channel = factor.reshape(kernel.shape[2:])
    return (kernel * by_channel).astype(np.float32), (beta - mean * factor).astype(np.float32)


def _rewritten(
    node: Node, kernels: Mapping[str, np.ndarray], biases: Mapping[str, np.ndarray]
) -> list[Node]:
    """The node, or what stands for it in the folded graph."""
    new = Node()
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
        new = Node(name=node.name, op="BiasAdd", input=[node.input[0], bias.name])
        new.attr["T"].CopyFrom(node.attr["T"])
        new.attr["data_format"].CopyFrom(node.attr["data_format"])
        return [bias, new]
    return [new]


def _is_inference_norm(node: Node) -> bool:
    return node.op == "FusedBatchNormV3" and not node.attr["is_training"].b


def _constant(name: str, nodes: Mapping[str, Node]) -> np.ndarray | None:
    """Value of a constant, also behind identities; None for anything else."""
    node = nodes[_node_of(name)]
    while node.op == "Identity":
        node = nodes[_node_of(node.input[0])]
    return tf.make_ndarray(node.attr["value"].tensor) if node.op == "Const" else None


def _constant_node(name: str, value: np.ndarray) -> Node:
    node = Node(name=name, op="Const")
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    node.attr["dtype"].type = tf.as_dtype(value.dtype).as_datatype_enum
    return node


def _node_of(name: str) -> str:
    return name.removeprefix("^").split(":")[0]
