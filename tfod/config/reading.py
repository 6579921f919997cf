"""Reading and writing pipeline.config, strictly: what is not understood names file and line.

Knows text and the schema, not what the settings mean (honoured.py does).
"""

import re
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

from google.protobuf import text_format

from tfod import files, listing
from tfod.config.explain import NEW_CONFIG, explain
from tfod.config.files import resolve_paths, unresolve_paths
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.config.overrides import apply_overrides
from tfod.config.schema import new_message
from tfod.errors import UserError, refusal
from tfod.workspace import Workspace

MOST_BYTES = 5_000_000

_PATH_VALUE = re.compile(
    r"""(?P<before>\b(?:label_map_path|input_path|fine_tune_checkpoint)\s*:\s*\[?\s*)"""
    r"""(?P<value>(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""(?:[\s,]*(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))*)"""
)
# of the escapes of the text format only these make sense in a path: a backslash, a quote, and the
# octal bytes from 0x80 up, in which protobuf writes letters outside ASCII
_ESCAPE = re.compile(r"""\\(?P<code>[23][0-7]{2}|.)""")
_IN_PATHS = re.compile(r"""[23][0-7]{2}|[\\"']""")


def read_config(
    path: Path, workspace: Workspace, overrides: Sequence[str] = ()
) -> TrainEvalPipelineConfig:
    """Read a pipeline.config, apply `--set` overrides, and resolve the paths it names.

    Args:
        path: the file; with or without byte order mark, with either line ending.
        overrides: settings of the form "train_config.batch_size=4" (see `apply_overrides`).

    Returns:
        The message, with the fields of the old API; its paths are those of this system.

    Raises:
        UserError: the file cannot be read or understood; names the line.
    """
    config, _ = read_with_text(path, workspace)
    apply_overrides(config, overrides, workspace)
    return config


def read_with_text(path: Path, workspace: Workspace) -> tuple[TrainEvalPipelineConfig, str]:
    """Read a pipeline.config as `read_config` does; give its text too, for `check_config`."""
    text = read_text(Path(path))
    config = parse_config(text, str(path))
    resolve_paths(config, workspace)
    return config, text


def read_text(path: Path) -> str:
    """Read the text of a config file, which must not be empty."""
    text = listing.read_text(path, MOST_BYTES)
    if not text.strip():
        raise refusal("config-empty", path, "the file is empty", remedy=NEW_CONFIG)
    return text


def parse_config(text: str, name: str = "pipeline.config") -> TrainEvalPipelineConfig:
    """Read the text of a pipeline.config.

    As in the old API a field given twice counts the last time; `check_config` warns of it.

    Args:
        name: what messages call the text, the path of its file.

    Raises:
        UserError: an unknown field, a wrong type, another architecture or broken syntax.
    """
    config = new_message()
    text = _double_lone_backslashes(text)
    try:
        text_format.Merge(text, config)
    except text_format.ParseError as error:
        raise UserError(explain(error, text, name)) from error
    return config


def write_config(config: TrainEvalPipelineConfig, path: Path, workspace: Workspace) -> None:
    """Write a config whole or not at all, numbers in their short form (0.08)."""
    with files.whole_file(Path(path)) as temporary:
        temporary.write_text(config_text(config, workspace), encoding="utf-8", newline="\n")


def config_text(config: TrainEvalPipelineConfig, workspace: Workspace | None = None) -> str:
    """Write a config as text, as `write_config` does; its paths as they are without a workspace."""
    if workspace is not None:
        config = deepcopy(config)
        unresolve_paths(config, workspace)
    return str(text_format.MessageToString(config, as_utf8=True))


def _double_lone_backslashes(text: str) -> str:
    r"""Mend Windows paths as people type them: "C:\train\new" with single backslashes."""

    def mend_escape(escape: re.Match[str]) -> str:
        is_meant = _IN_PATHS.fullmatch(escape["code"])
        return escape.group() if is_meant else "\\\\" + escape["code"]

    def mend_value(match: re.Match[str]) -> str:
        return match["before"] + _ESCAPE.sub(mend_escape, match["value"])

    return _PATH_VALUE.sub(mend_value, text)
