"""A model file becomes a detector: an image in, `Detections` out."""
