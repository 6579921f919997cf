"""Comments in a pipeline.config: those on what people change, and those a user wrote.

Protobuf messages hold no comments, so a config that is written anew gets them from the text before.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType

from tfod.config.lines import FieldPath, dotted, find_fields

RESIZER = "model.ssd.image_resizer.fixed_shape_resizer"
RATE = "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"
TRAIN = "train_config"
# what the lines mean that people change most
EXPLAINED = {
    "model.ssd.num_classes": "as many as in the label map",
    f"{RESIZER}.height": "larger finds smaller objects, and is slower",
    f"{RESIZER}.width": "keep it equal to the height",
    f"{TRAIN}.batch_size": "images in a step; halve it when memory runs out, and the rate too",
    f"{TRAIN}.data_augmentation_options": "changes photos a little each time they are seen",
    f"{RATE}.learning_rate_base": "the highest rate; lower it when the loss is not a number",
    f"{RATE}.total_steps": "the rate is 0 here; keep it equal to num_steps",
    f"{RATE}.warmup_steps": "steps in which the rate rises; a tenth of all",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.decay": "memory of the statistics: a "
    "twentieth of the steps",
    f"{TRAIN}.num_steps": "length of the training; total_steps above goes with it",
    f"{TRAIN}.fine_tune_checkpoint": "what to start from; without it: random weights",
    f"{TRAIN}.fine_tune_checkpoint_type": "transfer: all that fits; detection: as the old API",
    "train_input_reader.tf_record_input_reader.input_path": "written by records",
    "eval_input_reader[1].name": "these photos choose the best checkpoint",
    "eval_input_reader.tf_record_input_reader.input_path": "the photos that evaluate measures on",
}

_COMMENT = re.compile(r"""(?:[^"'#\n]|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')*?(#[^\n]*)""")


def explained(text: str, reasons: Mapping[str, str] = MappingProxyType({})) -> str:
    """Add the explanations to the text of a config, as written by `config_text`.

    Args:
        reasons: path of a field -> why it has its value, said before the explanation.
    """
    after: dict[int, str] = {}
    for place in find_fields(text):
        path = dotted(place.path)
        parts = [words[path] for words in (reasons, EXPLAINED) if path in words]
        if parts:
            after[place.line] = f"# {'; '.join(parts)}"
    return _written(text, {}, after)


def with_comments_of(before: str, text: str) -> str:
    """Carry the comments of a text over to another text of the same config.

    A comment belongs to the field on its line, or to the next field below it. Those of fields that
    are gone go with them.

    Args:
        before: the text as a user may have written it.
        text: one field a line, as `config_text` writes it.
    """
    above, behind = _comments(before)
    lines = {place.path: place.line for place in find_fields(text)}
    leading = {lines[path]: found for path, found in above.items() if path in lines}
    trailing = {lines[path]: " ".join(found) for path, found in behind.items() if path in lines}
    end = above.get((), [])
    return _written(text, leading, trailing) + "".join(f"{line}\n" for line in end)


def _comments(text: str) -> tuple[dict[FieldPath, list[str]], dict[FieldPath, list[str]]]:
    """The comments above fields, and those behind them; at `()` those below the last field."""
    by_line: dict[int, list[FieldPath]] = defaultdict(list)
    for place in find_fields(text):
        by_line[place.line].append(place.path)
    above: dict[FieldPath, list[str]] = {}
    behind: dict[FieldPath, list[str]] = {}
    waiting: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        found = _COMMENT.match(line)
        fields = by_line[number]
        if fields and waiting:
            above[fields[0]], waiting = waiting, []
        if found and fields:
            behind.setdefault(fields[-1], []).append(found[1])
        elif found:
            waiting.append(found[1])
    if waiting:
        above[()] = waiting
    return above, behind


def _written(text: str, above: dict[int, list[str]], behind: dict[int, str]) -> str:
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        indent = line[: len(line) - len(line.lstrip())]
        lines += [f"{indent}{comment}" for comment in above.get(number, ())]
        lines.append(f"{line}  {behind[number]}" if number in behind else line)
    return "".join(f"{line}\n" for line in lines)
