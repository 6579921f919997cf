"""The step `train`: where it starts, the loop, how it stops, what it logs."""
