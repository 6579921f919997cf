"""The step `evaluate`: the COCO metrics of a checkpoint, and pictures."""
