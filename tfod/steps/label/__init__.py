"""The step `label`: LabelImg on a session, and boxes a model suggests."""
