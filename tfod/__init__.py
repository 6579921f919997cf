"""A training workspace for TensorFlow object detection that works today.

The way of the data: camera -> images + XML -> records -> batches -> SSD -> checkpoint -> export
-> Detections. One module a step, named like its command; docs/architecture.md is the map.
"""

__version__ = "0.2.0"
