"""`python -m trainer.predict` as its users start it."""

from __future__ import annotations

import csv
import gzip
import json
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ended, RunMain, clean_environment, run_forked, write_collection, write_graph
from tests.runs.running import ENDLESS, start_forked
from tests.runs.test_predict import assert_alike, rows_of
from tests.runs.typed_dump import write_market
from tests.standins.endpoints import S3Endpoint
from trainer import predict

BUCKET = "models-of-tests"


def run_predict(folder: Path, *flags: str | Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run the program in a folder, with an environment and nothing else, forked (see `tests/forked.py`)."""
    return run_forked(predict.main, folder, *flags, env=env)


def test_it_is_started_as_a_module(tmp_path: Path) -> None:
    """The documented command line reaches the program, and the exit code and the sentence reach the caller."""
    arguments = [sys.executable, "-m", "trainer.predict", "--model", "no.pt"]
    done = subprocess.run(arguments, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "MODEL='no.pt'" in done.stderr.strip().splitlines()[-1]


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """A folder with the graph `market`."""
    return write_market(tmp_path / "market")


def test_a_run_and_its_model_say_the_same(run_main: RunMain, market: Path, tmp_path: Path) -> None:
    """The run leaves predictions beside its model; the model makes the same of the same graph, but for the part."""
    given = ("--graph_path", market, "--graph_name", "market")
    flags = ("--target", "price_up", "--epochs", "2", "--save_predictions", "--output_path", tmp_path / "m.pt")
    ended = run_main(*given, *flags)
    assert ended.exit_code == 0, ended.stderr
    again = run_predict(tmp_path, "--model", "m.pt", *given, "--output_path", "there/p.csv.gz")
    assert again.exit_code == 0, again.stderr
    ours, theirs = ((tmp_path / name).read_bytes() for name in ("predictions.csv.gz", "there/p.csv.gz"))
    assert_alike(rows_of(ours), rows_of(theirs))
    assert {line.split(",")[1] for line in gzip.decompress(theirs).decode().splitlines()[1:]} == {"predict"}
    parts = [line.split(",")[1] for line in gzip.decompress(ours).decode().splitlines()[1:]]
    assert len(parts) == 120
    assert parts.count("unlabelled") == 6
    assert set(parts) == {"train", "val", "test", "unlabelled"}
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["p.csv.gz", "p.metrics.json"]


def test_a_run_is_trained_again_for_its_predictions(run_main: RunMain, small_dump: Path, tmp_path: Path) -> None:
    """A finished run has no predictions; asked for them, the same QUEUE_ID trains again, and only once."""
    flags = ("--graph_path", small_dump, "--graph_name", "g", "--queue_id", "q-1", "--epochs", "2")
    told = []
    for extra in ((), ("--save_predictions",), ("--save_predictions",), ()):
        ended = run_main(*flags, *extra, "--output_path", tmp_path / "m.pt")
        assert ended.exit_code == 0, ended.stderr
        told.append(("finished before" in ended.stdout, (tmp_path / "predictions.csv.gz").exists()))
    assert told == [(False, False), (False, True), (True, True), (True, True)]


def test_predictions_of_an_older_model_do_not_stay(run_main: RunMain, small_dump: Path, tmp_path: Path) -> None:
    """A run that leaves a new model without predictions removes those of the old one."""
    flags = ("--graph_path", small_dump, "--graph_name", "g", "--epochs", "2", "--output_path", tmp_path / "m.pt")
    assert run_main(*flags, "--save_predictions").exit_code == 0
    assert (tmp_path / "predictions.csv.gz").exists()
    assert run_main(*flags, "--seed", "7").exit_code == 0
    assert not (tmp_path / "predictions.csv.gz").exists()


def test_an_interrupted_run_leaves_predictions(tmp_path: Path) -> None:
    """What was learned so far is put to use: the table is there before metrics.json."""
    with start_forked(tmp_path, *ENDLESS, "--save_predictions") as run:
        run.wait_for("training")
        run.process.send_signal(signal.SIGTERM)
        run.wait()
    assert json.loads((tmp_path / "metrics.json").read_text())["status"] == "interrupted"
    vertices = json.loads((tmp_path / "metrics.json").read_text())["graph"]["vertices"]
    assert len(rows_of((tmp_path / "predictions.csv.gz").read_bytes())) == vertices


def s3_environment(s3: S3Endpoint) -> dict[str, str]:
    return {
        "MINIO_ENDPOINT": s3.endpoint,
        "MINIO_ACCESS_KEY": s3.access_key,
        "MINIO_SECRET_KEY": s3.secret_key,
    }


def test_a_model_in_a_bucket(run_main: RunMain, market: Path, tmp_path: Path, s3: S3Endpoint) -> None:
    """Predictions go beside the run's artifacts, under the name of the graph; the run's own stay."""
    s3.create_bucket(BUCKET)
    queue_id = f"q-{uuid.uuid4().hex[:8]}"
    given = ("--graph_path", market, "--graph_name", "market")
    flags = ("--target", "price_up", "--epochs", "2", "--queue_id", queue_id, "--save_predictions")
    trained = run_main(*given, *flags, env=s3_environment(s3) | {"MINIO_BUCKET": BUCKET})
    assert trained.exit_code == 0, trained.stderr
    ended = run_predict(tmp_path, "--model", f"s3://{BUCKET}/{queue_id}.pt", *given, env=s3_environment(s3))
    assert ended.exit_code == 0, ended.stderr

    def stored(key: str) -> bytes:
        client: Any = s3.client()
        content = bytes(client.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        client.close()
        return content

    own, other = stored(f"{queue_id}/predictions.csv.gz"), stored(f"{queue_id}/predictions/market.csv.gz")
    assert_alike(rows_of(own), rows_of(other))
    assert f"s3://{BUCKET}/{queue_id}/predictions/market.csv.gz" in ended.stdout


NAMES_THAT_LEAD_ELSEWHERE = (
    *("../../victim", "..", ".", "/victim", "a//b", "a/../../victim", "a/", "victim/.."),
    *("a\nb", "a\x1bb", "a\u202eb", "a\u2028b", "g" * 600, "я" * 121),
)


@pytest.mark.parametrize("name", NAMES_THAT_LEAD_ELSEWHERE)
def test_a_name_that_leads_elsewhere_is_no_key(tmp_path: Path, name: str) -> None:
    """Before anything is read: neither the store nor the folder is looked at."""
    env = {"MINIO_ENDPOINT": "127.0.0.1:1", "MINIO_ACCESS_KEY": "access", "MINIO_SECRET_KEY": "secret-secret"}
    flags = ("--model", "s3://bucket/q/m.pt", "--graph_path", "not-there", "--graph_name", name)
    ended = run_predict(tmp_path, *flags, env=env)
    assert ended.exit_code == 2
    assert ended.last_error_line.startswith("gnn-trainer: GRAPH_NAME=")
    assert "to name a key in the S3 store" in ended.last_error_line or "can name a key" in ended.last_error_line
    assert "set OUTPUT_PATH" in ended.last_error_line


@pytest.mark.parametrize("name", NAMES_THAT_LEAD_ELSEWHERE)
def test_a_name_of_a_folder_that_leads_elsewhere_is_no_key(tmp_path: Path, name: str) -> None:
    """The only graph of a dump names the key where GRAPH_NAME is not set; the dump may be a stranger's."""
    write_collection(tmp_path / "dump", "v", [{"_key": "a"}])
    write_collection(tmp_path / "dump", "e", [], edge=True)
    write_graph(tmp_path / "dump", name, [{"collection": "e", "from": ["v"], "to": ["v"]}])
    env = {"MINIO_ENDPOINT": "127.0.0.1:1", "MINIO_ACCESS_KEY": "access", "MINIO_SECRET_KEY": "secret-secret"}
    ended = run_predict(tmp_path, "--model", "s3://bucket/q/m.pt", "--graph_path", tmp_path / "dump", env=env)
    assert ended.exit_code == 2
    assert "GRAPH_NAME" in ended.last_error_line


def test_a_file_may_be_written_for_a_graph_of_any_name(run_main: RunMain, market: Path, tmp_path: Path) -> None:
    """OUTPUT_PATH names it, not the graph."""
    given = ("--graph_path", market, "--graph_name", "../market")
    env = {"MINIO_ENDPOINT": "127.0.0.1:1", "MINIO_ACCESS_KEY": "access", "MINIO_SECRET_KEY": "secret-secret"}
    ended = run_predict(tmp_path, "--model", "no.pt", *given, "--output_path", "p.csv.gz", env=env)
    assert ended.last_error_line.startswith("gnn-trainer: MODEL='no.pt' should be")


def labels_and_predictions(file: Path) -> list[tuple[str, str]]:
    with gzip.open(file, "rt", newline="") as lines:
        return [(row["label"], row["prediction"]) for row in csv.DictReader(lines)]


def test_a_table_for_spreadsheets(run_main: RunMain, tmp_path: Path) -> None:
    """The run and the prediction write the same; asked for in another form, a finished run makes it anew."""
    vertices = [{"_key": f"k{n:02}", "a": n % 7, "y": "=1+1" if n % 2 else "up"} for n in range(40)]
    write_collection(tmp_path / "dump", "v", vertices)
    edges = [{"_key": str(n), "_from": f"v/k{n:02}", "_to": f"v/k{(n + 1) % 40:02}"} for n in range(40)]
    write_collection(tmp_path / "dump", "e", edges, edge=True)
    write_graph(tmp_path / "dump", "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    given = ("--graph_path", tmp_path / "dump", "--graph_name", "g")
    flags = (*given, "--target", "y", "--epochs", "1", "--save_predictions", "--queue_id", "q-1")
    labels = []
    for form in ((), ("--spreadsheet_safe",)):
        ended = run_main(*flags, *form, "--output_path", tmp_path / "m.pt")
        assert ended.exit_code == 0, ended.stderr
        table = labels_and_predictions(tmp_path / "predictions.csv.gz")
        labels.append({label for label, _ in table})
        ended = run_predict(tmp_path, "--model", "m.pt", *given, *form, "--output_path", "p.csv.gz")
        assert ended.exit_code == 0, ended.stderr
        assert labels_and_predictions(tmp_path / "p.csv.gz") == table
    assert labels == [{"=1+1", "up"}, {"'=1+1", "up"}]


def test_a_model_that_is_not_in_the_bucket(market: Path, tmp_path: Path, s3: S3Endpoint) -> None:
    """An absent key is a wrong MODEL."""
    s3.create_bucket(BUCKET)
    given = ("--graph_path", market, "--graph_name", "market", "--output_path", "p.csv.gz")
    ended = run_predict(tmp_path, "--model", f"s3://{BUCKET}/nowhere.pt", *given, env=s3_environment(s3))
    assert ended.exit_code == 2
    assert f"MODEL='s3://{BUCKET}/nowhere.pt' is not there" in ended.last_error_line


def test_a_store_that_is_away(market: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens: exit code 4 and the endpoint in the sentence."""
    env = {"MINIO_ENDPOINT": "127.0.0.1:1", "MINIO_ACCESS_KEY": "a", "MINIO_SECRET_KEY": "b"}
    given = ("--graph_path", market, "--graph_name", "market", "--output_path", "p.csv.gz")
    ended = run_predict(tmp_path, "--model", "s3://b/m.pt", *given, env=env)
    assert ended.exit_code == 4
    assert "MINIO_ENDPOINT='127.0.0.1:1'" in ended.last_error_line


def test_a_graph_that_does_not_fit_is_refused(
    run_main: RunMain, market: Path, small_dump: Path, tmp_path: Path
) -> None:
    """Exit code 3, one sentence with the differences, and no file."""
    flags = ("--target", "price_up", "--epochs", "1", "--output_path", tmp_path / "m.pt")
    assert run_main("--graph_path", market, "--graph_name", "market", *flags).exit_code == 0
    ended = run_predict(
        tmp_path, "--model", "m.pt", "--graph_path", small_dump, "--graph_name", "g", "--output_path", "p.csv.gz"
    )
    assert ended.exit_code == 3
    assert "does not fit the model" in ended.last_error_line
    assert "levels_sr" in ended.last_error_line
    assert not (tmp_path / "p.csv.gz").exists()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((), ["MODEL is not set", "GRAPH_NAME is not set", "GRAPH_PATH is not set", "OUTPUT_PATH is not set"]),
        (("--model", "no.pt"), ["MODEL='no.pt' should be the path of a .pt file, and there is none"]),
        (("--model", "s3://bucket"), ["MODEL should be s3://bucket/key"]),
        (("--model", "s3://b/k.pt"), ["MINIO_ENDPOINT is not set, and MODEL is in an S3 store"]),
        (("--output_path", "p.csv"), ["OUTPUT_PATH='p.csv' should be the path of a .csv.gz file"]),
        (("--device", "tpu"), ["DEVICE='tpu' should be auto, cpu or cuda:<number>"]),
        (("--epochs", "5"), ["--epochs is not a setting"]),
        (("--model",), ["needs a value after --model"]),
    ],
)
def test_wrong_settings_are_said_at_once(tmp_path: Path, flags: tuple[str, ...], words: list[str]) -> None:
    """All of them in the last line, with exit code 2 and without torch."""
    code = (
        "import sys; from trainer.predict import main; code = main(sys.argv[1:]); "
        "print({'torch', 'numpy'} & set(sys.modules)); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *flags], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True
    )
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr.strip().splitlines()[-1]
    assert done.stdout.strip() == "set()"


def test_help_names_the_settings_that_apply(tmp_path: Path) -> None:
    """`--help` comes from the one definition: with the model and the graph, without epochs and Kafka."""
    ended = run_predict(tmp_path, "--help")
    assert ended.exit_code == 0
    for name in ("--model", "--graph_name", "--arango_url", "--minio_secret_key", "--output_path"):
        assert f"  {name}\n" in ended.stdout
    for name in ("--epochs", "--kafka_user", "--target", "--save_predictions"):
        assert name not in ended.stdout


def test_a_file_that_is_no_model_is_refused(market: Path, tmp_path: Path) -> None:
    """Exit code 3: the file is there, but cannot be used."""
    (tmp_path / "x.pt").write_text("no model")
    given = ("--graph_path", market, "--graph_name", "market", "--output_path", "p.csv.gz")
    ended = run_predict(tmp_path, "--model", "x.pt", *given)
    assert ended.exit_code == 3
    assert ended.last_error_line == (
        "gnn-trainer: x.pt is no model of gnn-trainer; name the .pt file that a run has written."
    )
