"""The step `detect`: a model on images or a video."""
