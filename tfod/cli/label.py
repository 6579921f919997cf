"""Drawing boxes: `tfod label`."""
