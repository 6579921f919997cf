"""What fuzzing found, and what it began with, is read or refused as it should be."""

import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parent / "fuzz"
sys.path.append(str(FUZZ))
import readers  # noqa: E402

FOUND = sorted(path for path in (FUZZ / "found").glob("*/*"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_found(path):
    readers.TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_files():
    assert {path.parent.name for path in FOUND} == readers.TARGETS.keys()
