"""The types of the messages of pipeline.config for mypy and editors, made from schema.txt.

python -m tfod.config.stubs > tfod/config/messages.pyi
"""

from collections.abc import Iterator, Sequence

from tfod.config.schema import Field, fields

HEAD = '''"""The messages of pipeline.config, made from schema.txt by stubs.py."""

from typing import ClassVar, Literal

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer as Messages
from google.protobuf.internal.containers import RepeatedScalarFieldContainer as Scalars
from google.protobuf.internal.enum_type_wrapper import _EnumTypeWrapper as Enum
from google.protobuf.message import Message
'''
SCALARS = {"float": "float", "int32": "int", "uint32": "int", "bool": "bool", "string": "str"}


def stub_text() -> str:
    """Write messages.pyi."""
    classes = (_class(name, own) for name, own in fields().items())
    return HEAD + "".join(f"\n{text}" for text in classes)


def _class(name: str, own: Sequence[Field]) -> str:
    lines = [*_enums(own), *_fields(own), *_presence(own), *_choices(own)]
    return "\n".join([f"class {name}(Message):", *(f"    {line}" for line in lines or ["..."]), ""])


def _enums(own: Sequence[Field]) -> Iterator[str]:
    for field in own:
        if field.values:
            yield f"{field.type}: ClassVar[Enum[int]]"
            yield from (f"{value}: ClassVar[int]" for value in field.values)


def _fields(own: Sequence[Field]) -> Iterator[str]:
    for field in own:
        kind = "int" if field.values else SCALARS.get(field.type, field.type)
        is_message = field.type in fields()
        if field.repeated:
            kind = f"{'Messages' if is_message else 'Scalars'}[{kind}]"
        if is_message or field.repeated:  # can be changed, but not replaced
            yield f"@property\n    def {field.name}(self) -> {kind}: ..."
        else:
            yield f"{field.name}: {kind}"


def _presence(own: Sequence[Field]) -> Iterator[str]:
    single = _literal(field.name for field in own if not field.repeated)
    if single:
        yield f"def HasField(self, field_name: {single}) -> bool: ..."


def _choices(own: Sequence[Field]) -> Iterator[str]:
    oneofs = {field.oneof for field in own if field.oneof}
    for oneof in oneofs:  # one at most: more would need overloads
        members = _literal(field.name for field in own if field.oneof == oneof)
        group = f'oneof_group: Literal["{oneof}"]'
        yield f"def WhichOneof(self, {group}) -> {members} | None: ..."


def _literal(names: Iterator[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f"Literal[{listed}]" if listed else ""


if __name__ == "__main__":
    print(stub_text(), end="")
