"""Bad inputs over the real command line: the right exit code, one sentence that names the culprit, nothing left."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ended, RunMain, write_collection, write_graph

SETTINGS, DATA = 2, 3

Document = dict[str, Any]
Change = Callable[[int, Document], object]
"""Alters the vertex with this number."""


@pytest.fixture
def refused(run_main: RunMain, small_dump: Path, tmp_path: Path) -> Callable[..., Ended]:
    """Run on the small dump, later flags over earlier ones, and hold the run to what every refusal owes."""

    def run(exit_code: int, named: Sequence[str], *flags: str | Path, env: Mapping[str, str] | None = None) -> Ended:
        before = sorted(tmp_path.rglob("*"))
        base = ("--graph_name", "g", "--graph_path", small_dump, "--output_path", "out/model.pt", "--epochs", "3")
        ended = run_main(*base, *flags, env=env)
        line = ended.last_error_line
        assert ended.exit_code == exit_code, ended.stderr + ended.stdout
        assert line.startswith("gnn-trainer: ")
        assert line.endswith(".")
        assert not any(end in line for end in (". ", "! ")), f"more than one sentence: {line}"
        assert [culprit for culprit in named if culprit not in line] == [], line
        assert "Traceback" not in ended.stderr + ended.stdout
        assert sorted(tmp_path.rglob("*")) == before, "the run left something behind"
        return ended

    return run


# --- settings ---------------------------------------------------------------------------------------------------------


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
        pytest.param("--framework dgl", ["FRAMEWORK='dgl'", "pyg"], id="unknown framework"),
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
    """Each required setting is asked for by name, and only that one."""
    required = {"GRAPH_NAME": "g", "GRAPH_PATH": str(small_dump), "OUTPUT_PATH": "out/model.pt"}
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


# --- folders ----------------------------------------------------------------------------------------------------------


def _file(folder: Path, pattern: str) -> Path:
    """The only file of the folder that matches."""
    (found,) = folder.glob(pattern)
    return found


def _absent(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def _file_in_place(folder: Path) -> None:
    _absent(folder)
    folder.write_text("{}")


def _empty(folder: Path) -> None:
    _absent(folder)
    folder.mkdir()


def _all_databases(folder: Path) -> None:
    _empty(folder)
    for database in ("_system", "shop"):
        (folder / database).mkdir()
        (folder / database / "dump.json").write_text(json.dumps({"database": database}))


def _two_edge_collections(folder: Path) -> None:
    for path in folder.glob("_graphs_*"):
        path.unlink()
    write_collection(folder, "follows", [], edge=True)


def _no_edge_collection(folder: Path) -> None:
    for path in (*folder.glob("_graphs_*"), *folder.glob("e_*")):
        path.unlink()


def _gzip(folder: Path, content: Callable[[bytes], bytes]) -> None:
    plain = _file(folder, "v_*.data.json")
    plain.with_name(f"{plain.name}.gz").write_bytes(content(gzip.compress(plain.read_bytes())))
    plain.unlink()


def _truncated_gzip(folder: Path) -> None:
    _gzip(folder, lambda content: content[: len(content) // 2])


def _damaged_gzip(folder: Path) -> None:
    _gzip(folder, lambda content: content[:40] + bytes(40) + content[80:])


def _garbage_in_gzip(folder: Path) -> None:
    _gzip(folder, lambda content: b"no gzip at all")


def _line(folder: Path, pattern: str, number: int, text: str) -> None:
    path = _file(folder, pattern)
    lines = path.read_text().splitlines()
    lines[number - 1] = text
    path.write_text("\n".join(lines) + "\n")


def _broken_line(folder: Path) -> None:
    _line(folder, "v_*.data.json", 7, '{"_key": "k06", "a": ')


def _broken_last_line(folder: Path) -> None:
    path = _file(folder, "e_*.data.json")
    path.write_bytes(path.read_bytes()[:-9])


def _two_documents_on_a_line(folder: Path) -> None:
    _line(folder, "v_*.data.json", 3, '{"_key": "k02"}, {"_key": "k03"}')


def _line_without_document(folder: Path) -> None:
    _line(folder, "v_*.data.json", 5, "[1, 2]")


def _vertex_without_key(folder: Path) -> None:
    _line(folder, "v_*.data.json", 9, '{"a": 1}')


def _vertex_with_number_as_key(folder: Path) -> None:
    _line(folder, "v_*.data.json", 2, '{"_key": 1, "a": 1}')


def _edge_without_from(folder: Path) -> None:
    _line(folder, "e_*.data.json", 4, '{"_key": "3", "_to": "v/k01"}')


def _edge_without_to(folder: Path) -> None:
    _line(folder, "e_*.data.json", 40, '{"_key": "3", "_from": "v/k01", "_to": null}')


def _unknown_envelope(folder: Path) -> None:
    _line(folder, "v_*.data.json", 6, '{"type": 2400, "data": {"_key": "k05"}}')


def _encrypted(folder: Path) -> None:
    (folder / "ENCRYPTION").write_text("aes-256-ctr")


def _vpack_by_facts(folder: Path) -> None:
    (folder / "dump.json").write_text(json.dumps({"useVPack": True}))


def _vpack_by_name(folder: Path) -> None:
    path = _file(folder, "v_*.data.json")
    path.rename(path.with_name(path.name.replace(".data.json", ".data.vpack")))


def _broken_facts(folder: Path) -> None:
    (folder / "dump.json").write_text("{")


def _broken_structure(folder: Path) -> None:
    _file(folder, "v_*.structure.json").write_text('{"parameters": {"name": ')


def _structure_of_another_shape(folder: Path) -> None:
    _file(folder, "v_*.structure.json").write_text('{"parameters": ["v", 2]}')


def _missing_collection(folder: Path) -> None:
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["shops"]}])


def _missing_orphan(folder: Path) -> None:
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}], orphans=["alone"])


def _broken_graphs_line(folder: Path) -> None:
    _file(folder, "_graphs_*.data.json").write_text('{"_key": "g"\n')


def _graph_without_definitions(folder: Path) -> None:
    write_collection(folder, "_graphs", [{"_key": "g"}])


def _graph_with_broken_definition(folder: Path) -> None:
    write_collection(folder, "_graphs", [{"_key": "g", "edgeDefinitions": [{"collection": "e"}]}])


def _graph_without_edges(folder: Path) -> None:
    write_graph(folder, "g", [], orphans=["v"])


def _no_vertices(folder: Path) -> None:
    _file(folder, "v_*.data.json").write_bytes(b"")


def _no_data_file(folder: Path) -> None:
    _file(folder, "v_*.data.json").unlink()


def _two_vertex_collections(folder: Path) -> None:
    write_collection(folder, "shops", [{"_key": "1", "a": 1}])
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["v", "shops"]}])


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_absent, ["GRAPH_PATH", "dump", "is not a folder"]),
        (_file_in_place, ["GRAPH_PATH", "dump", "is not a folder"]),
        (_empty, ["dump", "GRAPH_PATH", "structure.json"]),
        (_all_databases, ["all databases", "_system, shop"]),
        (_two_edge_collections, ["GRAPH_NAME='g'", "e, follows"]),
        (_no_edge_collection, ["GRAPH_NAME='g'", "no named graphs"]),
        (_truncated_gzip, ["v_", ".data.json.gz", "cut off"]),
        (_damaged_gzip, ["v_", ".data.json.gz", "damaged"]),
        (_garbage_in_gzip, ["v_", ".data.json.gz", "damaged"]),
        (_broken_line, ["v_", "line 7,", "not JSON"]),
        (_broken_last_line, ["e_", "line 40,", "not JSON"]),
        (_two_documents_on_a_line, ["v_", "line 3,"]),
        (_line_without_document, ["v_", "line 5,", "document"]),
        (_vertex_without_key, ["v_", "line 9,", "_key"]),
        (_vertex_with_number_as_key, ["v_", "line 2,", "_key"]),
        (_edge_without_from, ["e_", "line 4,", "_from"]),
        (_edge_without_to, ["e_", "line 40,", "_to"]),
        (_unknown_envelope, ["v_", "line 6,", "2400"]),
        (_encrypted, ["encrypted", "aes-256-ctr"]),
        (_vpack_by_facts, ["VelocyPack", "--dump-vpack false"]),
        (_vpack_by_name, ["v_", "VelocyPack", "--dump-vpack false"]),
        (_broken_facts, ["dump.json", "not JSON"]),
        (_broken_structure, ["v_", "structure.json", "not JSON"]),
        (_structure_of_another_shape, ["v_", "structure.json"]),
        (_missing_collection, ["'g'", "shops"]),
        (_missing_orphan, ["'g'", "alone"]),
        (_broken_graphs_line, ["_graphs_", "line 1,"]),
        (_graph_without_definitions, ["'g'", "edgeDefinitions"]),
        (_graph_with_broken_definition, ["'g'", "broken", "from"]),
        (_graph_without_edges, ["'g'", "no edge definitions"]),
        (_no_vertices, ["v", "'g'", "empty"]),
        (_no_data_file, ["v", "'g'", "empty"]),
        (_two_vertex_collections, ["'g'", "2 vertex collections", "shops, v"]),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "names",
)
def test_bad_folder(
    refused: Callable[..., Ended], small_dump: Path, spoil: Callable[[Path], None], named: list[str]
) -> None:
    """A folder that cannot be read ends the run with exit code 3 and one `error` event."""
    spoil(small_dump)
    ended = refused(DATA, named)
    _says_error_once(ended, DATA)


def _says_error_once(ended: Ended, exit_code: int) -> None:
    last = [event for event in ended.events if event["finished"]]
    assert [(event["status"], event["error_code"]) for event in last] == [("error", exit_code)]
    assert ended.events[-1] == last[0]
    assert ended.last_error_line == f"gnn-trainer: {last[0]['error_message']}"


def test_unknown_graph(refused: Callable[..., Ended], small_dump: Path) -> None:
    """The graphs that there are get named."""
    documents: list[Document] = [{"_key": name, "edgeDefinitions": []} for name in ("g", "friends", "trades")]
    write_collection(small_dump, "_graphs", documents)
    refused(DATA, ["'nowhere'", "friends, g, trades"], "--graph_name", "nowhere")


def test_path_that_is_too_long(refused: Callable[..., Ended]) -> None:
    """A path that the file system refuses is no folder."""
    refused(DATA, ["GRAPH_PATH"], "--graph_path", "d" * 300)


# --- documents and labels ---------------------------------------------------------------------------------------------


def _alter(folder: Path, change: Change) -> None:
    path = _file(folder, "v_*.data.json")
    documents = [json.loads(line) for line in path.read_text().splitlines()]
    for number, document in enumerate(documents):
        change(number, document)
    write_collection(folder, "v", documents)


@pytest.mark.parametrize(
    ("change", "flags", "named"),
    [
        pytest.param(
            lambda n, d: d.update(volume=n), "--features volme", ["'volme'", "did you mean 'volume'"],
            id="absent feature",
        ),
        pytest.param(
            lambda n, d: d.update(o={"price": n}), "--features a o", ["'o' of FEATURES", "JSON objects"],
            id="feature of objects",
        ),
        pytest.param(
            lambda n, d: d.update(o=[1.0] * (1 + n % 3)), "--features a o", ["'o'", "several lengths", "1, 2, 3"],
            id="feature of ragged arrays",
        ),
        pytest.param(
            lambda n, d: d.update(o=[n, "x"]), "--features a o", ["'o'", "arrays of something else"],
            id="feature of arrays of texts",
        ),
        pytest.param(
            lambda n, d: d.update(o=[] if n == 9 else [n]), "--features o", ["'o'", "several lengths"],
            id="feature with an empty array",
        ),
        pytest.param(
            lambda n, d: d.update(o=[n] if n else 4), "--features a o", ["'o'", "single values"],
            id="feature of arrays and numbers",
        ),
        pytest.param(
            lambda n, d: d.update(o="n/a" if n == 13 else n), "--features a o", ["'o'", "'n/a'", "among numbers"],
            id="texts among numbers",
        ),
        pytest.param(
            lambda n, d: d.update(o=None), "--features a o", ["'o'", "no value in any document"],
            id="feature without values",
        ),
        pytest.param(
            lambda n, d: d.update(o=None if n < 36 else n), "--features a o", ["'o'", "training part"],
            id="feature without values in training",
        ),
        pytest.param(
            lambda n, d: d.update(a=1, b=2.5), "", ["v", "varies"], id="constant features",
        ),
        pytest.param(
            lambda n, d: (d.pop("a"), d.pop("b")), "", ["v", "no numeric attribute", "FEATURES"], id="no features",
        ),
        pytest.param(
            lambda n, d: d.update(a=n * 1e300), "--features a --scaling none", ["'a'", "float32"],
            id="numbers beyond float32",
        ),
        pytest.param(
            lambda n, d: d.update(a=n * 1e300), "--features a b", ["'a'"], id="numbers without a standard deviation",
        ),
        pytest.param(
            lambda n, d: d.update(a=[n * 1e38, 1]), "--features a", ["'a'", "float32"],
            id="arrays beyond float32",
        ),
        pytest.param(
            lambda n, d: None, "--features a Y", ["FEATURES", "'Y'", "TARGET"],
            id="the target that was found among the features",
        ),
        pytest.param(
            lambda n, d: d.update(price_up=n % 2), "--target price_upp", ["'price_upp'", "did you mean 'price_up'"],
            id="absent target",
        ),
        pytest.param(
            lambda n, d: (d.pop("y"), d.update(future_a=n, future_b=n)), "", ["TARGET", "future_a, future_b"],
            id="several possible targets",
        ),
        pytest.param(
            lambda n, d: d.pop("y"), "", ["TARGET is not set", "a, b, ts"], id="no possible target",
        ),
        pytest.param(
            lambda n, d: d.update(y=None), "--target y", ["TARGET='y'", "no value"], id="target without values",
        ),
        pytest.param(
            lambda n, d: d.update(y=[n % 2]), "--target y", ["TARGET='y'", "arrays"], id="target of arrays",
        ),
        pytest.param(
            lambda n, d: d.update(y={"up": n % 2}), "--target y", ["TARGET='y'", "objects"], id="target of objects",
        ),
        pytest.param(
            lambda n, d: d.update(y="up" if n % 2 else 0), "--target y", ["TARGET='y'", "'up'", "among numbers"],
            id="target of texts and numbers",
        ),
        pytest.param(
            lambda n, d: d.update(y=int(n >= 36)), "", ["'y'", "one class", "0"], id="one class in training",
        ),
        pytest.param(
            lambda n, d: d.update(y="same"), "--split random", ["'y'", "one class", "'same'"], id="one class at all",
        ),
        pytest.param(
            lambda n, d: d.update(y=n % 2 if n < 2 else None), "", ["2 labelled", "too few"], id="too few labels",
        ),
        pytest.param(
            lambda n, d: d.update(y=n % 3), "--task binary", ["TARGET='y'", "3 distinct", "TASK=binary"],
            id="three labels for a binary task",
        ),
        pytest.param(
            lambda n, d: d.update(y="up" if n % 2 else "down"), "--task regression", ["TARGET='y'", "TASK=regression"],
            id="regression on texts",
        ),
        pytest.param(
            lambda n, d: d.update(y=2.5 if n < 36 else n), "--task regression", ["'y'", "training part", "equal"],
            id="regression on equal labels",
        ),
        pytest.param(
            lambda n, d: d.update(part="train"), "--split attribute:fold", ["'fold'", "SPLIT", "part"],
            id="absent split attribute",
        ),
        pytest.param(
            lambda n, d: d.update(part="test" if n % 2 else "val"), "--split attribute:part", ["training part", "SPLIT"],
            id="stored split without train",
        ),
        pytest.param(
            lambda n, d: d.update(part=n % 3), "--split attribute:part", ["SPLIT=attribute:part", "train, val and test"],
            id="stored split of numbers",
        ),
        pytest.param(
            lambda n, d: d.pop("ts"), "--split temporal", ["SPLIT=temporal", "TIME_FIELD"],
            id="temporal split without time",
        ),
        pytest.param(
            lambda n, d: d.update(ts=1_700_000_000), "--split temporal", ["SPLIT=temporal", "'ts'"],
            id="temporal split at one moment",
        ),
        pytest.param(
            lambda n, d: d.update(open_time=n), "--time_field opentime", ["TIME_FIELD='opentime'", "'open_time'"],
            id="absent time",
        ),
        pytest.param(
            lambda n, d: d.update(when="noon"), "--time_field when", ["TIME_FIELD='when'", "no times"],
            id="time of other texts",
        ),
        pytest.param(
            lambda n, d: d.update(ts=2**63 - 1 if n == 39 else d["ts"]), "", ["'ts'"], id="time beyond the calendar",
        ),
        pytest.param(
            lambda n, d: None, "--embargo 1e9", ["EMBARGO=1e+09", "train"], id="embargo as long as the data",
        ),
        pytest.param(
            lambda n, d: None, "--embargo 360000", ["EMBARGO=360000", "val"], id="embargo as long as a part",
        ),
        pytest.param(
            lambda n, d: d.update(y=n * 1e300), "--task regression --target y", ["'y'"],
            id="labels beyond float32",
        ),
        pytest.param(
            lambda n, d: d.update(y=float(n)), "--task regression --learning_rate 1e30", ["loss", "LEARNING_RATE"],
            id="learning rate far too high",
        ),
    ],
)  # fmt: skip
def test_bad_documents(
    refused: Callable[..., Ended], small_dump: Path, change: Change, flags: str, named: list[str]
) -> None:
    """Documents that nothing can be learned from end the run with exit code 3 and one `error` event."""
    _alter(small_dump, change)
    _says_error_once(refused(DATA, named, *flags.split()), DATA)


def test_texts_of_many_kinds(refused: Callable[..., Ended], small_dump: Path) -> None:
    """A text attribute that differs from vertex to vertex is an identifier, no feature."""
    vertices = [{"_key": f"k{n:02}", "y": n % 2, "name": f"name {n}"} for n in range(100)]
    write_collection(small_dump, "v", vertices)
    refused(DATA, ["'name' of FEATURES", "100 different texts"], "--features", "name")


@pytest.mark.parametrize(
    ("change", "flags", "named"),
    [
        pytest.param(lambda n, d: None, "--loss_fn mse", ["LOSS_FN='mse'", "binary", "'y'"], id="loss"),
        pytest.param(
            lambda n, d: d.update(y=n % 3), "--loss_fn bce", ["LOSS_FN", "multiclass", "'y'"], id="loss of two classes"
        ),
        pytest.param(
            lambda n, d: d.update(y=n / 7), "--class_weights balanced", ["CLASS_WEIGHTS", "'y'"], id="class weights"
        ),
    ],
)
def test_settings_against_the_labels(
    refused: Callable[..., Ended], small_dump: Path, change: Change, flags: str, named: list[str]
) -> None:
    """A setting that only the labels show to be wrong is still a wrong setting: exit code 2."""
    _alter(small_dump, change)
    _says_error_once(refused(SETTINGS, named, *flags.split()), SETTINGS)
