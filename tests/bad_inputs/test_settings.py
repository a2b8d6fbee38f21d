"""Settings that are wrong: exit code 2, and every culprit is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bad_inputs.owed import SETTINGS
from tests.conftest import Ended, RunMain


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        pytest.param("--epochs ten", ["EPOCHS='ten'", "whole number"], id="a word for a number"),
        pytest.param("--epochs 2.5", ["EPOCHS='2.5'", "whole number"], id="a fraction for a whole number"),
        pytest.param("--epochs 0", ["EPOCHS='0'", "at least 1"], id="no epochs"),
        pytest.param("--epochs -3", ["EPOCHS='-3'"], id="epochs below zero"),
        pytest.param("--learning_rate 0", ["LEARNING_RATE='0'", "above 0"], id="learning rate zero"),
        pytest.param("--learning_rate nan", ["LEARNING_RATE='nan'"], id="learning rate nan"),
        pytest.param("--learning_rate 1e999", ["LEARNING_RATE='1e999'"], id="learning rate infinite"),
        pytest.param("--learning_rate 1e300", ["LEARNING_RATE='1e300'"], id="learning rate beyond float32"),
        pytest.param("--dropout 1", ["DROPOUT='1'", "below 1"], id="everything dropped"),
        pytest.param("--dropout -0.5", ["DROPOUT='-0.5'"], id="dropout below zero"),
        pytest.param("--weight_decay -1", ["WEIGHT_DECAY='-1'"], id="weight decay below zero"),
        pytest.param("--weight_decay 1e300", ["WEIGHT_DECAY='1e300'"], id="weight decay beyond float32"),
        pytest.param("--hidden_channels 0", ["HIDDEN_CHANNELS='0'"], id="no hidden channels"),
        pytest.param("--num_layers 101", ["NUM_LAYERS='101'", "100"], id="too many layers"),
        pytest.param("--heads 0", ["HEADS='0'"], id="no heads"),
        pytest.param("--seed 4294967296", ["SEED='4294967296'"], id="seed out of range"),
        pytest.param("--patience -1", ["PATIENCE='-1'"], id="patience below zero"),
        pytest.param("--embargo -60", ["EMBARGO='-60'"], id="embargo below zero"),
        pytest.param("--val_ratio 1.5", ["VAL_RATIO='1.5'"], id="ratio above one"),
        pytest.param("--nonsense", ["--nonsense", "--help"], id="unknown flag"),
        pytest.param("--epoch 5", ["--epoch", "--help"], id="shortened flag"),
        pytest.param("train", ["train", "--help"], id="word without a flag"),
        pytest.param("--epochs", ["--epochs", "--help"], id="flag without a value"),
        pytest.param("--features", ["--features", "--help"], id="list without values"),
        pytest.param("--model_type Transformer", ["MODEL_TYPE='Transformer'", "GraphSAGE"], id="unknown model"),
        pytest.param("--loss_fn hinge", ["LOSS_FN='hinge'", "focal"], id="unknown loss"),
        pytest.param("--task ranking", ["TASK='ranking'", "multiclass"], id="unknown task"),
        pytest.param("--framework jraph", ["FRAMEWORK='jraph'", "pyg"], id="unknown framework"),
        pytest.param("--scaling minmax", ["SCALING='minmax'", "standard"], id="unknown scaling"),
        pytest.param("--class_weights heavy", ["CLASS_WEIGHTS='heavy'", "balanced"], id="unknown class weights"),
        pytest.param("--split sorted", ["SPLIT='sorted'", "temporal"], id="unknown split"),
        pytest.param("--split attribute:", ["SPLIT='attribute:'", "attribute:<name>"], id="split without attribute"),
        pytest.param("--device gpu", ["DEVICE='gpu'", "cuda"], id="unknown device"),
        pytest.param("--device cuda:one", ["DEVICE='cuda:one'"], id="device with a word for a number"),
        pytest.param("--log_level LOUD", ["LOG_LEVEL='LOUD'", "WARNING"], id="unknown log level"),
        pytest.param("--message_lang de", ["MESSAGE_LANG='de'", "ru or en"], id="unknown language"),
        pytest.param("--task regression --loss_fn bce", ["LOSS_FN", "TASK=regression", "mse"], id="loss against task"),
        pytest.param(
            "--task regression --class_weights balanced",
            ["CLASS_WEIGHTS", "TASK=regression"],
            id="class weights without classes",
        ),
        pytest.param(
            "--model_type gat --hidden_channels 30 --heads 4",
            ["HIDDEN_CHANNELS=30", "HEADS=4"],
            id="heads do not divide the width",
        ),
        pytest.param("--val_ratio 0.6 --test_ratio 0.4", ["VAL_RATIO", "TEST_RATIO", "below 1"], id="nothing to train on"),
        pytest.param("--patience 3 --val_ratio 0", ["PATIENCE", "VAL_RATIO"], id="patience without validation"),
        pytest.param(
            "--model_type GIN --edge_weight w",
            ["EDGE_WEIGHT='w'", "MODEL_TYPE=GIN", "GCN, GraphConv, GAT, GATv2"],
            id="weights for a model that takes none",
        ),
        pytest.param(
            "--num_neighbors 5 5 5 --num_layers 2", ["NUM_NEIGHBORS=[5, 5, 5]", "NUM_LAYERS=2"],
            id="neighbours for three of two layers",
        ),
        pytest.param("--num_neighbors 0", ["NUM_NEIGHBORS=[0]", "above 0", "-1"], id="no neighbours"),
        pytest.param("--num_neighbors -2 3", ["NUM_NEIGHBORS=[-2, 3]"], id="neighbours below zero"),
        pytest.param("--num_neighbors ten", ["NUM_NEIGHBORS=['ten']", "whole numbers"], id="neighbours in words"),
        pytest.param("--batch_size -1", ["BATCH_SIZE='-1'", "at least 0"], id="batch below zero"),
        pytest.param("--messages future", ["MESSAGES='future'", "causal"], id="unknown messages"),
        pytest.param("--split graph", ["SPLIT='graph'", "3 graphs", "GRAPH_NAME"], id="whole graphs, but one"),
        pytest.param(
            "--split graph --graph_name g h", ["SPLIT='graph'", "at least 3 graphs"], id="two graphs for three parts",
        ),
        pytest.param(
            "--split graph --val_ratio 0", ["SPLIT='graph'", "at least 2 graphs"], id="one graph for two parts",
        ),
        pytest.param("--save_predictions perhaps", ["SAVE_PREDICTIONS='perhaps'", "true or false"], id="perhaps"),
        pytest.param("--features a y --target y", ["FEATURES", "'y'", "TARGET"], id="target among the features"),
        pytest.param("--features a _key", ["FEATURES", "'_key'"], id="key among the features"),
        pytest.param('--features ["a",', ["FEATURES", "list"], id="broken JSON list"),
        pytest.param("--features [1,2]", ["FEATURES", "list"], id="JSON list of numbers"),
        pytest.param("--output_path out/model.bin", ["OUTPUT_PATH='out/model.bin'", ".pt"], id="output of another kind"),
        pytest.param("--output_path dump", ["OUTPUT_PATH='dump'", ".pt"], id="output is a folder"),
        pytest.param("--output_path dump/dump.json/m.pt", ["OUTPUT_PATH", "dump.json"], id="output under a file"),
        pytest.param(f"--output_path {'o' * 300}.pt", ["OUTPUT_PATH"], id="output name too long"),
    ],
)  # fmt: skip
def test_bad_setting(refused: Callable[..., Ended], small_dump: Path, flags: str, named: list[str]) -> None:
    """A wrong flag ends the run with exit code 2."""
    (small_dump / "dump.json").write_text("{}")
    refused(SETTINGS, named, *flags.split())


@pytest.mark.parametrize(
    ("env", "named"),
    [
        pytest.param({"EPOCHS": "many"}, ["EPOCHS='many'"], id="number"),
        pytest.param({"FEATURES": '["a", "b"'}, ["FEATURES", "list"], id="list"),
        pytest.param({"DEVICE": "tpu"}, ["DEVICE='tpu'"], id="choice"),
    ],
)
def test_bad_variable(run_main: RunMain, env: dict[str, str], named: list[str]) -> None:
    """A wrong variable is named as a flag would be, beside everything that is missing."""
    ended = run_main(env=env)
    assert ended.exit_code == SETTINGS
    assert ended.last_error_line.startswith("gnn-trainer: 4 settings are wrong: ")
    for culprit in (*named, "GRAPH_NAME", "GRAPH_PATH", "OUTPUT_PATH"):
        assert culprit in ended.last_error_line
    assert "Traceback" not in ended.stderr
    assert ended.events == []


@pytest.mark.parametrize("name", ["GRAPH_NAME", "GRAPH_PATH", "OUTPUT_PATH"])
def test_missing_setting(run_main: RunMain, small_dump: Path, name: str) -> None:
    """Each required setting is asked for by name, and only that one; of a database GRAPH_NAME is."""
    source = {"ARANGO_URL": "http://localhost:1"} if name == "GRAPH_NAME" else {"GRAPH_PATH": str(small_dump)}
    required = {"GRAPH_NAME": "g", **source, "OUTPUT_PATH": "out/model.pt"}
    ended = run_main(env=required | {name: " "})
    assert ended.exit_code == SETTINGS
    assert ended.last_error_line.startswith(f"gnn-trainer: {name} is not set")
    assert not any(other in ended.last_error_line for other in required.keys() - {name})


def test_all_bad_settings_at_once(refused: Callable[..., Ended]) -> None:
    """Flags, variables, unknown flags and rules between settings are reported together."""
    culprits = ["4 settings are wrong", "EPOCHS='ten'", "MODEL_TYPE='Perceptron'", "--nonsense", "VAL_RATIO=0.7"]
    flags = ("--epochs", "ten", "--nonsense", "--val_ratio", "0.7", "--test_ratio", "0.7")
    refused(SETTINGS, culprits, *flags, env={"MODEL_TYPE": "Perceptron"})


def test_settings_file_that_is_no_text(refused: Callable[..., Ended], tmp_path: Path) -> None:
    """A `.env` file in another encoding is named."""
    (tmp_path / ".env").write_bytes("SYMBOL=Привет\n".encode("cp1251"))
    refused(SETTINGS, [".env"])


def test_secret_behind_a_misspelt_flag(refused: Callable[..., Ended]) -> None:
    """What follows an unknown flag may be a password: the flag is named, its value is not."""
    ended = refused(SETTINGS, ["--kafka_pasword"], "--kafka_pasword", "hunter2")
    assert "hunter2" not in ended.stderr + ended.stdout


def test_graphics_card_that_is_not_there(refused: Callable[..., Ended]) -> None:
    """A device that only torch can judge is still a wrong setting."""
    refused(SETTINGS, ["DEVICE='cuda:99'"], "--device", "cuda:99")
