"""From frames to batches: capture, labelled images, splits, records, augmentation, batches."""
