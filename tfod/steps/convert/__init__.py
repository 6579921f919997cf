"""Labelled images in the files of others: COCO JSON, YOLO text, CSV, and folders of VOC XML.

Each format has a module with `read_...(path, images) -> Labelled` and `write_...(...)`; all of
them meet in `Example`, so whatever an Example cannot hold is lost, and counted. `step.py` puts a
reader and a writer together; `tfod convert FROM TO` runs it.
"""
