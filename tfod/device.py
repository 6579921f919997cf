"""What TensorFlow computes on, and in one line why it is not a GPU."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from tfod.words import plural

DRIVER = Path("/proc/driver/nvidia/version")
DRIVER_IN_WSL = Path("/dev/dxg")


def device_name() -> str:
    """Say what TensorFlow computes on, and let a GPU's memory grow as needed."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"CPU ({plural(cpu_threads(), 'thread')}; no GPU: {why_no_gpu()})"
    for gpu in gpus:
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # already in use: set earlier in this process
            break
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "unknown")
    return f"GPU ({name})"


def why_no_gpu() -> str:
    """The likeliest reason why TensorFlow has no GPU."""
    if sys.platform == "win32":
        return "on Windows, TensorFlow sees one only inside WSL2"
    if sys.platform == "darwin":
        return "on macOS, TensorFlow computes on the CPU"
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in ("", "-1"):
        return f'CUDA_VISIBLE_DEVICES is "{hidden}", which hides it'
    if not DRIVER.exists() and not DRIVER_IN_WSL.exists():
        return "no NVIDIA driver is loaded"
    if find_spec("nvidia") is None:
        return 'the CUDA libraries are missing; pip install "tensorflow[and-cuda]"'
    return "TFOD_DEBUG=1 shows why"


def cpu_threads() -> int:
    """How many threads TensorFlow splits one operation over: as set, else the CPUs it may use."""
    import tensorflow as tf

    threads = tf.config.threading.get_intra_op_parallelism_threads()
    if threads <= 0:
        try:
            threads = int(os.environ.get("TF_NUM_INTRAOP_THREADS", ""))
        except ValueError:  # TensorFlow too goes on without
            threads = 0
    if threads > 0:
        return threads
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
