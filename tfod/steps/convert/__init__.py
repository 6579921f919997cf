"""Labelled images in the files of others: COCO JSON, YOLO text, CSV, and folders of VOC XML.

Each format has a module that reads it into rows (`rows.py`); `check_rows.py` makes examples of the
rows, and `write.py` writes examples in each format. What a row cannot hold is lost, and counted.
`convert.py` puts these together.
"""
