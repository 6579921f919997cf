"""TFRecord files: `step.py` writes them; what is in one, read and checked, beside it."""
