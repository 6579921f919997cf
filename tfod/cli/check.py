"""Looking for what is wrong with the data: `tfod check`."""
