"""Labelled images of other formats: read into rows, checked, written as examples."""
