"""Problems are reported all at once, and without secrets."""

from __future__ import annotations

import pytest

from tests.settings.conftest import Load
from trainer.errors import SettingsError
from trainer.registry.models import MODELS


def refusal(load: Load, *flags: str, **sources: object) -> str:
    """The sentence with which settings are refused."""
    with pytest.raises(SettingsError) as refused:
        load(*flags, **sources)
    return str(refused.value)


def test_all_problems_are_reported_at_once(load: Load) -> None:
    """Wrong values, missing ones, unknown flags and rules between settings share one sentence."""
    graph = {"GRAPH_NAME": "", "GRAPH_PATH": "", "ARANGO_URL": "http://localhost:8529"}
    environ = {"LEARNING_RATE": "-1", "MODEL_TYPE": "Transformer", "OUTPUT_PATH": "model.bin"} | graph
    flags = ("--epochs", "ten", "--epoch", "5", "--val_ratio", "0.6", "--test_ratio", "0.6")
    sentence = refusal(load, *flags, environ=environ)
    for culprit in (
        "EPOCHS='ten'",
        "LEARNING_RATE='-1'",
        "MODEL_TYPE='Transformer'",
        "GRAPH_NAME is not set",
        "OUTPUT_PATH='model.bin'",
        "--epoch is not a setting",
        "VAL_RATIO=0.6",
    ):
        assert culprit in sentence


def test_mistake_in_the_command_line_hides_no_other_problem(load: Load) -> None:
    """A flag without its value is one problem among the others."""
    sentence = refusal(load, "--target", "--model_type", "Transformer", environ={"EPOCHS": "ten"})
    for culprit in ("target", "MODEL_TYPE='Transformer'", "EPOCHS='ten'"):
        assert culprit in sentence


def test_one_problem_is_one_plain_sentence(load: Load) -> None:
    """The variable, the value, and what would be right."""
    assert refusal(load, "--epochs", "0") == "EPOCHS='0' should be a whole number of at least 1."


def test_rule_about_a_wrong_setting_is_not_applied(load: Load) -> None:
    """HEADS that is no number leaves HIDDEN_CHANNELS blameless."""
    sentence = refusal(load, "--model_type", "GAT", "--hidden_channels", "63", "--heads", "many")
    assert "HIDDEN_CHANNELS" not in sentence


@pytest.mark.parametrize("flags", [("--kafka_pasword", "hunter2"), ("--kafka_pasword=hunter2",)])
def test_value_of_an_unknown_flag_is_not_repeated(load: Load, flags: tuple[str, ...]) -> None:
    """A flag that nobody knows may still hold somebody's secret."""
    sentence = refusal(load, *flags)
    assert "--kafka_pasword" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", "0"),
        ("epochs", "2.5"),
        ("epochs", "1e400"),
        ("hidden_channels", "0"),
        ("num_layers", "-1"),
        ("heads", "0"),
        ("dropout", "1"),
        ("dropout", "nan"),
        ("learning_rate", "0"),
        ("learning_rate", "nan"),
        ("learning_rate", "inf"),
        ("learning_rate", "1e38"),
        ("weight_decay", "-0.1"),
        ("weight_decay", "1e300"),
        ("seed", "-1"),
        ("seed", "4294967296"),
        ("split", "attribute:"),
        ("split", "chronological"),
        ("val_ratio", "1"),
        ("test_ratio", "-0.1"),
        ("embargo", "-1"),
        ("embargo", "inf"),
        ("class_weights", "some"),
        ("patience", "-1"),
        ("device", "cuda:x"),
        ("loss_fn", "hinge"),
        ("task", "ranking"),
        ("scaling", "minmax"),
        ("framework", "abacus"),
        ("log_level", "LOUD"),
        ("log_format", "xml"),
        ("message_lang", "de"),
        ("messages", "future"),
        ("batch_size", "-1"),
        ("batch_size", "2.5"),
        ("save_predictions", "perhaps"),
    ],
)
def test_wrong_value_is_named(load: Load, name: str, value: str) -> None:
    """Each setting refuses what it cannot use, by name and value."""
    sentence = refusal(load, f"--{name}", value)
    assert sentence.startswith(f"{name.upper()}={value!r} should be ")


@pytest.mark.parametrize(
    ("flags", "culprit"),
    [
        (("--features", "a", "Y", "--target", "y"), "FEATURES"),
        (("--features", "_key"), "FEATURES"),
        (("--task", "regression", "--loss_fn", "focal"), "LOSS_FN='focal'"),
        (("--task", "binary", "--loss_fn", "l1"), "LOSS_FN='mae'"),
        (("--task", "multiclass", "--loss_fn", "bce"), "LOSS_FN='binary_crossentropy'"),
        (("--task", "regression", "--class_weights", "balanced"), "CLASS_WEIGHTS='balanced'"),
        (("--model_type", "gat", "--hidden_channels", "10"), "HIDDEN_CHANNELS=10"),
        (("--val_ratio", "0.5", "--test_ratio", "0.5"), "VAL_RATIO=0.5"),
        (("--patience", "3", "--val_ratio", "0"), "PATIENCE=3"),
        (("--output_path", "out"), "OUTPUT_PATH='out'"),
        (("--num_neighbors", "0"), "NUM_NEIGHBORS=[0]"),
        (("--num_neighbors", "-2"), "NUM_NEIGHBORS=[-2]"),
        (("--num_neighbors", "5", "5", "--num_layers", "3"), "NUM_NEIGHBORS=[5, 5]"),
        (("--split", "graph"), "SPLIT='graph'"),
        (("--split", "graph", "--graph_name", "a,b"), "SPLIT='graph'"),
        (("--split", "graph", "--graph_name", "a,a,a"), "SPLIT='graph'"),
    ],
)
def test_settings_that_contradict_each_other(load: Load, flags: tuple[str, ...], culprit: str) -> None:
    """Rules between settings name the one to change."""
    assert culprit in refusal(load, *flags)


@pytest.mark.parametrize("name", MODELS)
def test_edge_weights_need_a_model_that_takes_them(load: Load, name: str) -> None:
    """Four models take EDGE_WEIGHT, and the refusal of another names them."""
    flags = ("--edge_weight", "weight", "--model_type", name)
    if name in ("GCN", "GraphConv", "GAT", "GATv2"):
        assert load(*flags).data.edge_weight == "weight"
    else:
        sentence = refusal(load, *flags)
        assert sentence.startswith(f"EDGE_WEIGHT='weight' does not fit MODEL_TYPE={name}")
        assert sentence.endswith("use one of GCN, GraphConv, GAT, GATv2.")


@pytest.mark.parametrize(
    ("graphs", "ratios"),
    [
        ("a,b,c", ("0.15", "0.15")),
        ("a,b", ("0", "0.5")),
        ("a,b", ("0.5", "0")),
        ("a,b", ("0", "0")),
    ],
)
def test_split_by_graph_takes_a_graph_for_each_part(load: Load, graphs: str, ratios: tuple[str, str]) -> None:
    """As many graphs as parts are enough."""
    settings = load("--split", "graph", "--graph_name", graphs, "--val_ratio", ratios[0], "--test_ratio", ratios[1])
    assert settings.graph.graph_names == graphs.split(",")


@pytest.mark.parametrize("name", MODELS)
def test_model_names_are_case_insensitive(load: Load, name: str) -> None:
    """Any letter case gives the name as it is documented."""
    losses = {
        load("--model_type", spelled).model.model_type for spelled in (name, name.lower(), name.upper(), name.title())
    }
    assert losses == {name}


@pytest.mark.parametrize(("short", "name"), [("bce", "binary_crossentropy"), ("L1", "mae"), ("Huber", "huber")])
def test_loss_names_have_synonyms(load: Load, short: str, name: str) -> None:
    """The short names stand for the documented ones."""
    assert load("--loss_fn", short).training.loss_fn == name
