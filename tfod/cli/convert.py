"""Other formats: `tfod convert`."""
