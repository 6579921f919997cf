"""TFRecord files: written (`write.py`, `example.py`, `file.py`), read and checked."""
