"""`python -m tfod` is `tfod`."""

import sys

from tfod.cli import main

if __name__ == "__main__":
    sys.exit(main())
