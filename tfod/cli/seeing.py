"""Commands that look at pictures with a model: detect, live, demo."""
