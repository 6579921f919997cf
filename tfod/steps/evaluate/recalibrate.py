"""Statistics of the batch norms that fit the weights, measured over the training photos.

For configs of the old API, whose decay of 0.997 leaves them behind after a short training. A config
of `tfod config` has a decay that fits its steps and needs none of this.
"""

from tfod.config.messages import TrainEvalPipelineConfig
from tfod.data.batches.pipeline import train_batches
from tfod.data.records.check import open_records
from tfod.model.ssd import SSD
from tfod.model.statistics import reestimate
from tfod.progress import SILENT, Progress
from tfod.words import plural

MOST_PHOTOS = 400  # more change nothing that can be measured
SEED = 0  # the same photos each time


def recalibrate(config: TrainEvalPipelineConfig, model: SSD, progress: Progress = SILENT) -> int:
    """Re-estimate the statistics of a model; return over how many photos.

    Raises:
        UserError: the training photos cannot be used.
    """
    records = open_records(config.train_input_reader, model.num_classes, names_twice=True)
    batch_size = config.train_config.batch_size
    count = -(-min(records.count, MOST_PHOTOS) // batch_size)
    batches = train_batches(config, records, model.preprocess, SEED)
    with records.problems():
        shown = progress.track(batches.take(count), "re-estimating", count)
        photos = batch_size * reestimate(model, shown)
    progress.note(f"statistics of the batch norms re-estimated over {plural(photos, 'photo')}")
    return photos
