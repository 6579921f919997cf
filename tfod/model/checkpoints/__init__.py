"""Checkpoints in the object-based format of the TensorFlow Object Detection API."""
