"""Look for bytes that break a reader: `python tests/fuzz/fuzz.py TARGET [libFuzzer options]`.

    pip install atheris
    python tests/fuzz/fuzz.py voc_xml -max_total_time=3600

TARGET is a function of readers.py. It begins with the files in found/TARGET/ and those in folders
given after the options, into the first of which it writes what reaches new code. A crash is written
to the current directory: move it to found/TARGET/, where tests/test_fuzz.py reads it from then on,
and correct the reader.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tfod", "defusedxml", "readers"]):
    import readers

HERE = Path(__file__).parent


def main() -> None:
    """Run libFuzzer on the target until it ends or finds something."""
    target = sys.argv.pop(1)
    words = HERE / "words" / f"{target}.dict"
    options = [f"-dict={words}"] if words.exists() else []
    # libFuzzer writes what is new into the first folder it is given
    folders = [] if any(Path(text).is_dir() for text in sys.argv[1:]) else [tempfile.mkdtemp()]
    arguments = [*sys.argv, *folders, *options, str(HERE / "found" / target)]
    atheris.Setup(arguments, readers.TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
