"""pipeline.config: the one place where the settings of a training run live."""
