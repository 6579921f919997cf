"""From records to batches: read, augment, resize, pad."""
