"""The message classes of pipeline.config by name, made from schema.txt when they are asked for.

    from tfod.config.messages import Ssd, TrainEvalPipelineConfig

messages.pyi names their fields and types for mypy and for editors; `stubs.py` makes it.
"""

from typing import Any

from tfod.config.schema import fields, message_class


def __getattr__(name: str) -> Any:
    if name not in fields():
        raise AttributeError(f"{name} is not a message of pipeline.config")
    return message_class(name)
