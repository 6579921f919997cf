"""What every test may use: the shared data beside the repository, and a workspace folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from desktop import Desktop, running_desktop
from hypothesis import settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
settings.register_profile("tfod", deadline=None)  # a busy machine is not a fault
settings.load_profile("tfod")
# float32 sums are cut by threads, so figures of the old API repeat only with as many as it had
os.environ["TF_NUM_INTRAOP_THREADS"] = "2"
for name in [name for name in os.environ if name.startswith("TFOD_")]:
    del os.environ[name]  # what a user has set

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; skips the test where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("needs the shared test data (../shared), which is not here")
    return SHARED


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Path:
    """An empty workspace folder that is the current directory during the test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def desktop() -> Iterator[Desktop]:
    """A screen of its own to open windows on; skips the test where Xvfb or xdotool is missing."""
    with running_desktop() as desktop:
        yield desktop
