"""The object-based checkpoint format of the old API: tensors by key, and the graph of objects.

A checkpoint `ckpt-3` is two files: `ckpt-3.index` (keys, shapes, places) and
`ckpt-3.data-00000-of-00001` (numbers). Inside, every key ends in `/.ATTRIBUTES/VARIABLE_VALUE` and
the state of the optimiser sits at `<variable>/.OPTIMIZER_SLOT/optimizer/<slot>`; here keys go
without these endings. Which folders hold checkpoints is `files.py`; which variables a
model takes from one is `restore.py`. Source: FACTS 1.1 to 1.4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

from tfod.errors import Problem, UserError, refusal
from tfod.model.checkpoints.files import checkpoint_files, find_checkpoint, half_copied
from tfod.remedies import Remedy

VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
SLOT = "/.OPTIMIZER_SLOT/optimizer/"
GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds.

    Attributes:
        path: prefix of its files, for example `workspace/models/masks/ckpt-3`.
        variables: key -> array as stored, for example
            "model/_feature_extractor/classification_backbone/layer_with_weights-0/kernel"; also
            "step", "save_counter" (int64) and "optimizer/iter" where they are stored.
        slots: slot name ("momentum") -> key of the variable -> float32 array of its shape.
    """

    path: Path
    variables: dict[str, np.ndarray]
    slots: dict[str, dict[str, np.ndarray]]

    @property
    def step(self) -> int:
        """Global step it was saved at; 0 when it has none."""
        return int(self.variables.get("step", 0))


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read all variables of a checkpoint.

    Args:
        path: prefix, one of its files, or a folder (then its latest checkpoint).

    Raises:
        UserError: there is none, it is half-copied or damaged, or it is not object-based.
    """
    prefix = find_checkpoint(path)
    try:
        reader = tf.train.load_checkpoint(str(prefix))
        shapes = reader.get_variable_to_shape_map()
        types = reader.get_variable_to_dtype_map()
        _check_data_files(prefix, shapes, types)
        if GRAPH not in shapes:
            raise UserError(_not_object_based(prefix, shapes))
        reader.get_tensor(GRAPH)  # not needed, but a checkpoint without it is not whole
        arrays = {
            key.removesuffix(VALUE): reader.get_tensor(key)
            for key in sorted(shapes)
            if key.endswith(VALUE) and types[key] != tf.string
        }
    except (tf.errors.OpError, IndexError, RuntimeError, ValueError) as error:  # TF raises any
        what = f"the checkpoint is damaged or half-copied ({error})"
        raise refusal("checkpoint-damaged", prefix, what, remedy=Remedy.COPY_AGAIN) from error
    variables = {key: array for key, array in arrays.items() if SLOT not in key}
    slots: dict[str, dict[str, np.ndarray]] = {}
    for key, array in arrays.items():
        variable, found, slot = key.partition(SLOT)
        if found:
            slots.setdefault(slot, {})[variable] = array
    return Checkpoint(prefix, variables, slots)


def write_tensors(
    prefix: Path, variables: Mapping[str, np.ndarray], slots: Mapping[str, Mapping[str, np.ndarray]]
) -> None:
    """Write the two files of a checkpoint; the same content gives the same bytes."""
    tensors: dict[str, Any] = {key + VALUE: np.asarray(value) for key, value in variables.items()}
    for slot, values in slots.items():
        for key, value in values.items():
            tensors[key + SLOT + slot + VALUE] = np.asarray(value)
    graph = object_graph(variables, slots)
    tensors[GRAPH] = np.array(graph.SerializeToString(deterministic=True), dtype=object)
    keys = sorted(tensors)
    with tf.device("CPU"):
        tf.raw_ops.SaveV2(
            prefix=str(prefix),
            tensor_names=keys,
            shape_and_slices=[""] * len(keys),
            tensors=[tf.convert_to_tensor(tensors[key]) for key in keys],
        )


def object_graph(
    variables: Iterable[str], slots: Mapping[str, Iterable[str]]
) -> TrackableObjectGraph:
    """Describe the tree of objects the keys come from, as `tf.train.Checkpoint` wants it.

    Each part of a key is a node, "0" in ".../conv_layers/0" too. Slots hang on the node of the
    optimiser and point to the node of their variable.
    """
    tree = _Tree()
    for key in sorted(variables):
        tree.hold_value(tree.node_of(key), key, key)
    for slot in sorted(slots):
        for key in sorted(slots[slot]):
            slot_node = tree.add_node()
            tree.hold_value(slot_node, key + SLOT + slot, f"{key}/{slot}")
            tree.graph.nodes[tree.node_of("optimizer")].slot_variables.add(
                original_variable_node_id=tree.node_of(key),
                slot_name=slot,
                slot_variable_node_id=slot_node,
            )
    return tree.graph


class _Tree:
    """A graph that grows a node for each part of a key."""

    def __init__(self) -> None:
        self.graph = TrackableObjectGraph()
        self.nodes = {"": self.add_node()}

    def add_node(self) -> int:
        self.graph.nodes.add().has_checkpoint_values.value = True
        return len(self.graph.nodes) - 1

    def node_of(self, path: str) -> int:
        if path not in self.nodes:
            parent, _, name = path.rpartition("/")
            parent_id = self.node_of(parent)
            self.nodes[path] = self.add_node()
            self.graph.nodes[parent_id].children.add(node_id=self.nodes[path], local_name=name)
        return self.nodes[path]

    def hold_value(self, node: int, key: str, name: str) -> None:
        self.graph.nodes[node].attributes.add(
            name="VARIABLE_VALUE", full_name=name, checkpoint_key=key + VALUE
        )


def _check_data_files(prefix: Path, shapes: Mapping[str, Any], types: Mapping[str, Any]) -> None:
    """Refuse a checkpoint whose data files are missing or shorter than its tensors."""
    found = [file for file in checkpoint_files(prefix) if file.suffix != ".index"]
    expected = int(found[0].name[-5:]) if found else 1
    if len(found) < expected:
        names = {f"{prefix.name}.data-{i:05d}-of-{expected:05d}" for i in range(expected)}
        missing = sorted(names - {file.name for file in found})
        raise half_copied(prefix, missing, f"{prefix.name}.index")
    needed_bytes = sum(
        int(np.prod(shape)) * types[key].size
        for key, shape in shapes.items()
        if types[key] != tf.string
    )
    actual_bytes = sum(file.stat().st_size for file in found)
    if actual_bytes < needed_bytes:
        raise refusal(
            "checkpoint-half-copied",
            found[-1],
            "the checkpoint is half-copied: the file is too short",
            expected=f"{needed_bytes:,} bytes or more",
            got=f"{actual_bytes:,}",
            remedy=Remedy.COPY_AGAIN,
        )


def _not_object_based(prefix: Path, shapes: Mapping[str, Any]) -> Problem:
    first = ", ".join(sorted(shapes)[:3])
    what = f"a TensorFlow 1 checkpoint (first variables: {first})"
    expected = "the TensorFlow 2 version of this model"
    return Problem("checkpoint-of-tensorflow-1", prefix, what, expected=expected)
