"""Capture photos with a webcam: a door to `tfod capture`, with the same flags.

python capture_images.py --classes Mask No-mask --number 20 --every 2
"""

import sys

from tfod.cli import main

if __name__ == "__main__":
    sys.exit(main(["capture", *sys.argv[1:]]))
