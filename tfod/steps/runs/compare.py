"""What differs between models: settings of the config by field, data, call and figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfod.config.reading import parse_config, read_text
from tfod.errors import UserError
from tfod.words import duration, figure

if TYPE_CHECKING:
    from tfod.steps.runs.runs import Run

SHORT = 10  # characters of a hash that are shown


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in all models.

    Attributes:
        group: "result", "training", "data" or "config".
        what: the figure, or the field of the config.
        values: of each model, as text; "-" where it has none.
    """

    group: str
    what: str
    values: list[str]


def compare(runs: Sequence["Run"]) -> list[Difference]:
    """List the figures of models, and whatever else differs between them."""
    found = [Difference("result", what, list(row)) for what, row in _figures(runs)]
    for group, facts in (("training", _training), ("data", _data), ("config", _config)):
        of_each = [facts(run) for run in runs]
        for what in dict.fromkeys(key for of_one in of_each for key in of_one):
            values = [of_one.get(what, "-") for of_one in of_each]
            if len(set(values)) > 1:
                found.append(Difference(group, what, values))
    return found


def described(run: "Run") -> dict[str, str]:
    """Everything that a model was made with: call, versions, data, and each field of its config."""
    return _training(run) | _data(run) | _config(run)


def _figures(runs: Sequence["Run"]) -> Iterator[tuple[str, Iterator[str]]]:
    """The figures that are shown whether they differ or not."""
    yield "mAP", (figure(run.map) for run in runs)
    yield "mAP@.50", (figure(run.ap50) for run in runs)
    yield "steps", ("-" if run.steps is None else f"{run.steps:,}" for run in runs)
    yield "time", ("-" if run.seconds is None else duration(run.seconds) for run in runs)


def _training(run: "Run") -> dict[str, str]:
    """How the last training was called and on what."""
    last = run.sessions[-1] if run.sessions else {}
    versions = last.get("versions", {})
    facts = {name: last.get(name) for name in ("call", "seed", "git", "device", "outcome")}
    checkpoint = " ".join(hashed[:SHORT] for hashed in last.get("checkpoint", {}).values())
    facts |= {"checkpoint": checkpoint, "sessions": len(run.sessions) or None}
    return {name: str(value) for name, value in (facts | versions).items() if value is not None}


def _data(run: "Run") -> dict[str, str]:
    last = run.sessions[-1] if run.sessions else {}
    hashes = {
        f"{Path(path).name} (SHA-256)": hashed[:SHORT]
        for kind in ("records", "label_map")
        for path, hashed in last.get(kind, {}).items()
    }
    return hashes | ({} if run.photos is None else {"photos": str(run.photos)})


def _config(run: "Run") -> dict[str, str]:
    """Every field that is set, by its path."""
    path = run.folder / "pipeline.config"
    try:
        return dict(_fields(parse_config(read_text(path), str(path))))
    except UserError as error:
        return {"pipeline.config": str(error)}


def _fields(message: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and value of every field of a message."""
    for field, value in message.ListFields():
        name = f"{above}{field.name}"
        values = (
            [value] if isinstance(value, (str, bytes)) or not hasattr(value, "append") else value
        )
        for number, item in enumerate(values):
            here = name if values is not value else f"{name}[{number}]"
            if field.message_type is None:
                yield here, _shown(field, item)
            elif item.ListFields():
                yield from _fields(item, f"{here}.")
            else:
                yield here, "{}"


def _shown(field: Any, value: Any) -> str:
    if field.enum_type is not None:
        return str(field.enum_type.values_by_number[value].name)
    return f"{value:g}" if isinstance(value, float) else str(value)
