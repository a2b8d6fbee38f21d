"""Mini-batches and their neighbours."""

from trainer.settings.setting import Group, setting
from trainer.settings.values import CountList


class SamplingSettings(Group, heading="training", listed_after="patience"):
    """Mini-batches and their neighbours."""

    batch_size: int = setting(
        0,
        "Labelled vertices per mini-batch, with sampled neighbours; graphs per mini-batch for several graphs without NUM_NEIGHBORS; "
        "0 trains on the whole graph at once, whatever NUM_NEIGHBORS says.",
        "a whole number of at least 0",
        ge=0,
    )
    num_neighbors: CountList = setting(
        [],
        "Neighbours drawn per vertex and relation in mini-batches: one number per layer, the layer nearest the labels first, or one for all; -1 takes all.",
        "whole numbers above 0, or -1, one per layer",
        shown_default="10 per layer",
        several=True,
    )
