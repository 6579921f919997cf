"""Published checkpoints: `tfod fetch`."""
