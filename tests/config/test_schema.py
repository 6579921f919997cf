"""The schema against the facts of the old API, and the marks against the words for them."""

import re

import pytest

from tfod.config import enum_name, messages, new_message
from tfod.config.honoured import REASONS, WARNINGS
from tfod.config.schema import REFUSED, WARNED, fields, message_class
from tfod.config.stubs import stub_text

LINE = re.compile(
    r"- (\w+)#(\d+) (repeated )?(\w+)(\{[^}]*\})?(?: \(no default: .*?\)| = (.*?))?"
    r"(?: \(oneof (\w+)\))?"
)

MARKS = {
    (message, field.name): field.mark for message, members in fields().items() for field in members
}


def test_every_field_as_in_the_old_api(shared):
    seen = 0
    for line in (shared / "od_api/SCHEMA.txt").read_text().splitlines():
        if line.startswith("### "):
            message = message_class(line[4:].rpartition(".")[2]).DESCRIPTOR
            continue
        name, number, repeated, kind, values, default, oneof = LINE.fullmatch(line).groups()
        field = message.fields_by_name[name]
        seen += 1
        assert field.number == int(number)
        assert bool(field.is_repeated) == bool(repeated)
        assert (field.containing_oneof.name if field.containing_oneof else None) == oneof
        if values:
            pairs = ",".join(f"{v.name}={v.number}" for v in field.enum_type.values)
            assert f"{{{pairs}}}" == values
            if default:
                assert enum_name(message_class(message.name)(), name) == default.strip("'")
        elif field.message_type:
            assert field.message_type.name == kind
        elif kind != "string" and not repeated:
            default = {"True": 1, "False": 0}.get(default, (default or "0").strip("'"))
            assert getattr(message_class(message.name)(), name) == pytest.approx(float(default))
    # the old list has no fields for the three other architectures and counts two messages twice
    assert seen == sum(len(own) for own in fields().values()) + 2


def test_every_mark_has_its_words_and_no_word_is_left_over():
    by_name = {f"{message}.{field}": mark for (message, field), mark in MARKS.items()}
    assert set(WARNINGS) == {name for name, mark in by_name.items() if mark == WARNED}
    assert all(by_name[name] == REFUSED for name in REASONS)


def test_fields_of_a_refused_message_are_refused():
    reached, waiting = set(), ["TrainEvalPipelineConfig"]
    while waiting:
        message = waiting.pop()
        if message not in reached:
            reached.add(message)
            waiting += [f.type for f in fields()[message] if f.type in fields() and f.mark in "+~"]
    for (message, field), mark in MARKS.items():
        if message not in reached:
            assert mark == REFUSED, (message, field)


def test_choices_exclude_each_other():
    config = new_message()
    config.train_config.optimizer.adam_optimizer.epsilon = 1e-7
    config.train_config.optimizer.momentum_optimizer.momentum_optimizer_value = 0.9
    assert config.train_config.optimizer.WhichOneof("optimizer") == "momentum_optimizer"
    assert not config.train_config.optimizer.HasField("adam_optimizer")


def test_the_types_are_those_of_the_schema(root):
    stubs = (root / "tfod/config/messages.pyi").read_text(encoding="utf-8")
    assert stubs == stub_text(), "python -m tfod.config.stubs > tfod/config/messages.pyi"


def test_messages_by_name():
    assert messages.Ssd is message_class("Ssd")
    assert isinstance(new_message(), messages.TrainEvalPipelineConfig)
    with pytest.raises(AttributeError, match="Sds"):
        messages.Sds  # noqa: B018


def test_a_message_has_one_choice_at_most():
    """The types know no more."""
    for own in fields().values():
        assert len({field.oneof for field in own if field.oneof}) <= 1
