"""Looking at a data set before it is trained on: what would crash or silently teach garbage."""
