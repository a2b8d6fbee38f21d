"""How long the files may be that a run or a prediction reads back from a folder or a bucket."""

from __future__ import annotations

from trainer.bounds.bound import MIB, Bound

LONGEST_NOTE_BYTES = MIB
LONGEST_METRICS_BYTES = 64 * MIB
LONGEST_MODEL_BYTES = 768 * MIB
LONGEST_CHECKPOINT_BYTES = 256 * MIB
CHECKPOINT_BYTES_A_WEIGHT = 24

BOUNDS = (
    Bound("LONGEST_NOTE_BYTES", "`owner.json` and `stop.json`", "they are a few hundred bytes"),
    Bound("LONGEST_METRICS_BYTES", "`metrics.json`", "200,000 epochs are 40 MB; a thousand classes are 2 MB"),
    Bound(
        "LONGEST_MODEL_BYTES",
        "the model of a prediction",
        "200 million weights; 50,000 features and 1,024 hidden channels are 410 MB",
    ),
    Bound(
        "LONGEST_CHECKPOINT_BYTES",
        "a checkpoint, and 24 bytes besides for each weight of the run's own model",
        "weights, the best ones and two moments of each are 16 bytes a weight; the rest is the history of epochs",
    ),
)
