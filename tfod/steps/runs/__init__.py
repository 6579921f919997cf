"""The step `runs`: the trainings of a workspace, listed and compared."""
