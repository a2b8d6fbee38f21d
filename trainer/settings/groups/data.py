"""What of the graph is learned from, and what is predicted."""

from typing import Annotated

from trainer.registry.models import weighted_models
from trainer.settings.setting import Group, setting
from trainer.settings.values import LabelList, NameList, choice

ROUTING_WORD = "gnn-trainer"
"""A start message holds `target` twice; this value is the service's name, never a label."""


class DataSettings(Group, heading="graph"):
    """What of the graph is learned from, and what is predicted."""

    features: NameList = setting(
        [],
        "The vertex attributes to learn from.",
        "a list of attribute names",
        shown_default="all numeric attributes that are neither keys, nor time, nor label-like",
        several=True,
    )
    target: str | None = setting(
        None,
        "The vertex attribute to predict.",
        "the name of an attribute",
        shown_default="the first of target, label, y, price_up; else the only future_*",
        not_set=(ROUTING_WORD,),
    )
    target_collection: NameList = setting(
        [],
        "The vertex collection whose labels are learned; several, or a pattern such as `*_candles`, when they hold the same entity. "
        "Others of that entity stay in the graph, unlabelled, and are predicted too.",
        "the name of a vertex collection",
        shown_default="the one entity that has TARGET",
        several=True,
    )
    time_field: str | None = setting(
        None,
        "The vertex attribute that holds the time: epoch numbers, calendar numbers or ISO 8601 texts.",
        "the name of an attribute",
        shown_default="found: ts, timestamp, open_time, time, date, …, in any spelling (openTime, ts_ms)",
    )
    scaling: Annotated[str, choice("auto", "standard", "none")] = setting(
        "auto",
        "How features are scaled: `auto` gives number attributes standard scores and leaves array attributes alone.",
        "auto, standard or none",
    )
    target_missing: LabelList = setting(
        [],
        'The values of TARGET that mean "no label", such as -1 or unknown.',
        "a list of values as the documents hold them",
        shown_default="none",
        several=True,
    )
    positive_class: str | None = setting(
        None,
        "The one of two classes that precision, recall and average precision are about.",
        "a class as the documents hold it",
        shown_default="1 or true; of two texts the rarer one",
    )
    edge_weight: str | None = setting(
        None,
        f"The edge attribute that weighs messages ({', '.join(weighted_models('factor'))}) or is an edge feature "
        f"({', '.join(weighted_models('feature'))}).",
        "the name of an edge attribute",
        shown_default="none",
    )
    messages: Annotated[str, choice("as_stored", "causal")] = setting(
        "as_stored",
        "`causal` drops edges that carry the future into the past; `as_stored` keeps them and warns.",
        "as_stored or causal",
    )
