"""Photos from a camera (`capture.py`) or from a video (`film.py`)."""
