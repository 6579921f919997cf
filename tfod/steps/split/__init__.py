"""The step `split`: photos into train/, test/ and val/."""
