"""The step `records`: labelled images into TFRecord files."""
