"""A trained network as constants, for inference only: batch norms folded into the convolutions.

In inference a batch norm is a factor and an offset for each channel, so the factor goes into the
kernel of the convolution before it (Jacob et al. 2018, section 3.2) and the offset becomes its
bias. Works on the graph of any traced function; knows nothing of detectors.
"""

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")


def freeze(function: tf.types.experimental.ConcreteFunction):
    """Copy a traced function without variables and without batch norms after convolutions.

    Args:
        function: takes one tensor, returns a tuple of tensors.

    Returns:
        A function of the same argument that returns the same tuple.
    """
    frozen = convert_variables_to_constants_v2(function, lower_control_flow=False)
    graph = fold_batch_norms(frozen.graph.as_graph_def())
    ends = [_node_of(tensor.name) for tensor in [*frozen.inputs, *frozen.outputs]]
    graph = keep_needed(graph, ends)  # drops the old kernels
    wrapped = tf.compat.v1.wrap_function(lambda: tf.graph_util.import_graph_def(graph, name=""), [])
    take = wrapped.graph.get_tensor_by_name
    return wrapped.prune(
        take(frozen.inputs[0].name), tuple(take(output.name) for output in frozen.outputs)
    )


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
