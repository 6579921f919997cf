"""Photos from a camera or a film: `step.py` is the step, the rest is when, which and how shown."""
