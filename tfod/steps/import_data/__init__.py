"""A data set of any layout brought into the workspace."""
