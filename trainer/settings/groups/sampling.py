"""Mini-batches and their neighbours."""

from trainer.settings.setting import Group, setting
from trainer.settings.values import CountList


class SamplingSettings(Group, heading="training", listed_after="patience"):
    """Mini-batches and their neighbours."""

    batch_size: int = setting(
        0,
        "Labelled vertices per mini-batch, with sampled neighbours; for several graphs without NUM_NEIGHBORS, graphs per mini-batch; "
        "0 trains on the whole graph at once and ignores NUM_NEIGHBORS.",
        "a whole number of at least 0",
        ge=0,
    )
    num_neighbors: CountList = setting(
        [],
        "Neighbours sampled per vertex and relation: one number per layer, starting with the layer nearest to the labels, or one for all layers; -1 takes all neighbours.",
        "whole numbers above 0, or -1, one per layer",
        shown_default="10 per layer",
        several=True,
    )
