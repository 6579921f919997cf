"""Photos into train/, test/ and val/: `step.py` is the step, the rest who stays with whom."""
