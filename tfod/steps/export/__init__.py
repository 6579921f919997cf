"""The step `export`: a checkpoint becomes a SavedModel."""
