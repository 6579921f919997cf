"""pipeline.config: the one place where the settings of a training run live."""

from tfod.config.files import checkpoint_prefix, missing_paths
from tfod.config.honoured import check_config
from tfod.config.overrides import apply_overrides
from tfod.config.reading import config_text, parse_config, read_config, write_config
from tfod.config.schema import enum_name, message_class, new_message

__all__ = [
    "apply_overrides",
    "check_config",
    "checkpoint_prefix",
    "config_text",
    "enum_name",
    "message_class",
    "missing_paths",
    "new_message",
    "parse_config",
    "read_config",
    "write_config",
]
