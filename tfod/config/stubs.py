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
    classes = (_class(name, members) for name, members in fields().items())
    return HEAD + "".join(f"\n{text}" for text in classes)


def _class(name: str, members: Sequence[Field]) -> str:
    lines = [*_enums(members), *_fields(members), *_presence(members), *_choices(members)]
    return "\n".join([f"class {name}(Message):", *(f"    {line}" for line in lines or ["..."]), ""])


def _enums(members: Sequence[Field]) -> Iterator[str]:
    for field in members:
        if field.values:
            yield f"{field.type}: ClassVar[Enum[int]]"
            yield from (f"{value}: ClassVar[int]" for value in field.values)


def _fields(members: Sequence[Field]) -> Iterator[str]:
    for field in members:
        kind = "int" if field.values else SCALARS.get(field.type, field.type)
        is_message = field.type in fields()
        if field.repeated:
            kind = f"{'Messages' if is_message else 'Scalars'}[{kind}]"
        if is_message or field.repeated:  # can be changed, but not replaced
            yield f"@property\n    def {field.name}(self) -> {kind}: ..."
        else:
            yield f"{field.name}: {kind}"


def _presence(members: Sequence[Field]) -> Iterator[str]:
    single = _literal(field.name for field in members if not field.repeated)
    if single:
        yield f"def HasField(self, field_name: {single}) -> bool: ..."


def _choices(members: Sequence[Field]) -> Iterator[str]:
    oneofs = {field.oneof for field in members if field.oneof}
    for oneof in oneofs:  # one at most: more would need overloads
        choices = _literal(field.name for field in members if field.oneof == oneof)
        group = f'oneof_group: Literal["{oneof}"]'
        yield f"def WhichOneof(self, {group}) -> {choices} | None: ..."


def _literal(names: Iterator[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f"Literal[{listed}]" if listed else ""


if __name__ == "__main__":
    print(stub_text(), end="")
