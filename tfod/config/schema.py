"""The fields of pipeline.config: protobuf message classes made from schema.txt.

`schema.txt` next to this file is the one list of every field with its number, type, default and
mark (honoured, harmless, warned about, refused). Here it becomes dynamic protobuf classes, so no
compiler and no generated code is needed. What the fields mean is not known here.
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

if TYPE_CHECKING:  # they are made of what is here
    from tfod.config.messages import TrainEvalPipelineConfig

PACKAGE = "tfod"
ROOT_MESSAGE = "TrainEvalPipelineConfig"
HONOURED, HARMLESS, WARNED, REFUSED = "+.~-"

_Kind = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "float": _Kind.TYPE_FLOAT,
    "int32": _Kind.TYPE_INT32,
    "bool": _Kind.TYPE_BOOL,
    "string": _Kind.TYPE_STRING,
    "uint32": _Kind.TYPE_UINT32,
}
_FIELD = re.compile(
    r"  (?P<mark>[+.~-]) (?P<number>\d+) (?P<name>\w+) (?P<repeated>repeated )?(?P<type>\w+)"
    r"(?:\{(?P<values>[^}]*)\})?(?: = (?P<default>\S+))?(?: \| (?P<oneof>\w+))?"
)


class Field(NamedTuple):
    """One field of one message as schema.txt states it."""

    mark: str
    number: int
    name: str
    repeated: bool
    type: str
    values: dict[str, int]  # of an enum, else empty
    default: str
    oneof: str


@cache
def fields() -> dict[str, list[Field]]:
    """Read schema.txt: message name -> its fields."""
    messages: dict[str, list[Field]] = {}
    text = (Path(__file__).parent / "schema.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        if not line.startswith(" "):
            members = messages[line] = []
            continue
        match = _FIELD.fullmatch(line)
        if match is None:
            raise ValueError(f"schema.txt: not a field: {line!r}")
        pairs = [pair.split("=") for pair in (match["values"] or "").split(",") if pair]
        members.append(
            Field(
                mark=match["mark"],
                number=int(match["number"]),
                name=match["name"],
                repeated=bool(match["repeated"]),
                type=match["type"],
                values={name: int(value) for name, value in pairs},
                default=match["default"] or "",
                oneof=match["oneof"] or "",
            )
        )
    return messages


@cache
def message_class(name: str = ROOT_MESSAGE) -> Any:
    """Make the protobuf class of a message, for example `message_class("TrainConfig")`."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))


def enum_name(message: Message, field: str) -> str:
    """Give the name of an enum field's value: `enum_name(resizer, "resize_method")` -> "AREA"."""
    kind = message.DESCRIPTOR.fields_by_name[field].enum_type
    assert kind is not None, f"{field} is not an enum"
    return str(kind.values_by_number[getattr(message, field)].name)


def new_message() -> "TrainEvalPipelineConfig":
    """Make an empty pipeline.config."""
    config: TrainEvalPipelineConfig = message_class()()
    return config


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name="pipeline.proto", package=PACKAGE)
    messages = fields()
    for name, members in messages.items():
        message = file.message_type.add(name=name)
        oneofs: list[str] = []
        for field in members:
            _add_field(message, field, oneofs, is_message=field.type in messages)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def _add_field(
    message: descriptor_pb2.DescriptorProto, field: Field, oneofs: list[str], is_message: bool
) -> None:
    added = message.field.add(
        name=field.name,
        number=field.number,
        label=_Kind.LABEL_REPEATED if field.repeated else _Kind.LABEL_OPTIONAL,
    )
    if is_message:
        added.type, added.type_name = _Kind.TYPE_MESSAGE, f".{PACKAGE}.{field.type}"
    elif field.values:
        added.type, added.type_name = _Kind.TYPE_ENUM, f".{PACKAGE}.{message.name}.{field.type}"
        enum = message.enum_type.add(name=field.type)
        for name, number in field.values.items():
            enum.value.add(name=name, number=number)
    else:
        added.type = _TYPES[field.type]
    if field.default:
        added.default_value = field.default
    if field.oneof:
        if field.oneof not in oneofs:
            oneofs.append(field.oneof)
            message.oneof_decl.add(name=field.oneof)
        added.oneof_index = oneofs.index(field.oneof)
