"""What a dry run says is what the run itself would say afterwards."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

import main
from tests.conftest import EXAMPLE, ROOT, clean_environment, command, run_forked
from tests.dry_run.doors import dry_run, on_terminal, result_of
from tests.left_behind import start_process
from tests.runs.here import finished_here, run_here
from tests.waits import LONG_S
from trainer.dry_run import run
from trainer.process.stop import StopToken
from trainer.settings.sources import load_settings

TYPED = ROOT / "examples" / "streamforge_5m"
SMALL = ("--epochs", 1, "--hidden_channels", 8)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize(
    "flags",
    [
        ("--graph_path", EXAMPLE, "--target", "price_up"),
        ("--graph_path", TYPED, "--model_type", "GAT", "--batch_size", 256, "--messages", "causal"),
        ("--graph_path", EXAMPLE, "--target", "future_volatility", "--split", "random", "--num_layers", 3),
    ],
    ids=["one type", "several types", "regression"],
)
def test_the_result_is_what_the_run_records(tmp_path: Path, flags: tuple[object, ...]) -> None:
    """Decisions, warnings, target, classes, features, split and the size of the model, field by field."""
    result = result_of(dry_run(tmp_path / "dry", *flags, *SMALL))
    record = finished_here(tmp_path / "run", *flags, *SMALL).metrics
    for name in ("graph_name", "task", "target", "classes", "positive_class", "features", "split", "graph"):
        assert result[name] == record[name], name
    assert result["model"]["num_parameters"] == record["model"]["num_parameters"]
    assert result["model"]["notes"] == record["model"]["notes"]


def test_leaks_are_counted_by_relation(tmp_path: Path) -> None:
    """Those that are kept, and those that MESSAGES=causal drops."""
    (kept,) = result_of(dry_run(tmp_path, "--graph_path", TYPED))["leaks"]
    assert (kept["name"], kept["edges"], kept["from_future"], kept["dropped"]) == ("candle_to_level", 2076, 2051, 0)
    dropped = result_of(dry_run(tmp_path, "--graph_path", TYPED, "--messages", "causal"))["leaks"]
    assert [leak["dropped"] > 0 for leak in dropped]
    assert "candle_to_level" in {leak["name"] for leak in dropped}


def test_standard_output_has_the_result_and_standard_error_the_log(tmp_path: Path) -> None:
    """Each line of the log is JSON, as in a run; no event is among them."""
    ended = dry_run(tmp_path, "--graph_path", EXAMPLE)
    assert result_of(ended)["status"] == "dry_run"
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert lines[0]["message"] == "This is a dry run: nothing is trained, stored or sent."
    assert not [line for line in lines if "event" in line]


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_tables(columns: int) -> None:
    """No table is wider than the terminal, and no number in it is cut."""
    ended = on_terminal("--graph_path", TYPED, columns=columns)
    assert ended.exit_code == 0, ended.stderr
    lines = COLOURS.sub("", ended.stdout).splitlines()
    assert lines[0] == "Dry run: GraphSAGE would learn price_up of streamforge_5m (2,808 vertices, 6,391 edges)"
    tables = [
        line for start, line in enumerate(lines) if "─" in "".join(lines[start : start + 2]) or line.endswith(" ")
    ]
    assert max(map(len, tables)) <= columns
    for row in (
        r"candles_5m +predicted .*2,592",
        r"rsi +candles_5m +feature +number +42",
        r"symbol +levels_sr_5m +left out +holds texts +–",
        r"train +2024-06-01T00:00:00Z +2024-06-03T02:15:00Z +1,812",
        r"1 +931 +198 +200",
        r"Model: GraphSAGE \(pyg\), 2 layers of 64, 59,009 parameters",
        r"note: 2051 of 2076 edges of candle_to_level .* carry the future into the past.*",
    ):
        assert any(re.fullmatch(rf"{row} *", line) for line in lines), row
    assert "This is a dry run" in ended.stderr


@pytest.mark.parametrize(("log_format", "is_json"), [("json", True), ("text", False)])
def test_log_format_decides_for_both(tmp_path: Path, log_format: str, is_json: bool) -> None:
    """JSON on a terminal, tables into a pipe."""
    flags = ("--graph_path", EXAMPLE, "--log_format", log_format)
    for ended in (on_terminal(*flags), dry_run(tmp_path, *flags)):
        assert ended.exit_code == 0, ended.stderr
        assert ended.stdout.startswith("{") == is_json
        assert ended.stderr.startswith("{") == is_json


def test_nothing_is_written(tmp_path: Path) -> None:
    """Not even where a place for artifacts is named, whose folder is not made."""
    dry_run(
        tmp_path / "here", "--graph_path", EXAMPLE, "--output_path", tmp_path / "out" / "m.pt", "--save_predictions"
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not (tmp_path / "out").exists()


def test_a_variable_does_it_too(small_dump: Path, tmp_path: Path) -> None:
    """And nothing else is needed than the graph."""
    done = subprocess.run(
        command(),
        cwd=tmp_path,
        env=clean_environment({"DRY_RUN": "true", "GRAPH_PATH": str(small_dump)}),
        capture_output=True,
        timeout=LONG_S,
        check=False,
    )
    assert json.loads(done.stdout)["graph_name"] == "g", done.stderr
    assert done.returncode == 0


def test_torch_is_not_imported(tmp_path: Path) -> None:
    """Nor what talks to services, nor, where no split is drawn, scikit-learn: an answer takes as long as the graph."""
    heavy = ("torch", "torch_geometric", "sklearn", "boto3", "confluent_kafka")
    code = (
        "import sys, main\n"
        f"code = main.main(['--graph_path', {str(TYPED)!r}, '--dry_run', '--model_type', 'PNA'])\n"
        f"print(code, sorted(set({heavy!r}) & set(sys.modules)), file=sys.stderr)"
    )
    environment = clean_environment({"KAFKA_BOOTSTRAP_SERVERS": "localhost:9", "MINIO_ENDPOINT": "localhost:9"})
    environment |= {"MINIO_BUCKET": "bucket", "MINIO_ACCESS_KEY": "key", "MINIO_SECRET_KEY": "secret"}
    done = subprocess.run(
        [*command()[:1], "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "0 []"


def remove_keys(folder: Path) -> None:
    """Vertices without `_key`, which no dump has."""
    (data,) = folder.glob("v_*.data.json")
    data.write_text(data.read_text().replace('"_key"', '"key"'))


@pytest.mark.parametrize(
    ("flags", "exit_code"),
    [
        (("--epochs", "ten"), 2),
        (("--loss_fn", "mse"), 2),
        (("--target", "nope"), 3),
        (("--features", "nope"), 3),
        (("--graph_name", "nope"), 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_it_refuses_what_a_run_refuses(
    small_dump: Path, tmp_path: Path, flags: tuple[str, ...], exit_code: int
) -> None:
    """With the same sentence as the last line, and an empty standard output."""
    whole = ("--graph_path", small_dump, *flags)
    ended = dry_run(tmp_path, *whole)
    assert (ended.exit_code, ended.stdout) == (exit_code, "")
    assert ended.last_error_line == run_here(tmp_path / "run", *whole).sentence
    assert "Traceback" not in ended.stderr


def test_a_broken_graph_ends_it_with_3(small_dump: Path, tmp_path: Path) -> None:
    """The file and the line are named."""
    remove_keys(small_dump)
    ended = dry_run(tmp_path, "--graph_path", small_dump)
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert "_key" in ended.last_error_line


def test_a_reader_that_is_gone_is_no_defect(small_dump: Path, tmp_path: Path) -> None:
    """As in `--dry_run | head`: the process ends quietly."""
    process = start_process(
        command("--graph_path", small_dump, "--dry_run"),
        cwd=tmp_path,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(LONG_S) == 0
    assert "Traceback" not in errors
    assert "defect" not in errors


def stopped(flags: Sequence[str]) -> int:
    """A dry run that a signal has stopped before it could load anything."""
    stop = StopToken()
    stop.request("SIGTERM", 143)
    return run.dry_run(load_settings(flags, {}), stop)


def test_a_stopped_dry_run_prints_nothing(small_dump: Path, tmp_path: Path) -> None:
    """And ends with the signal's exit code."""
    ended = run_forked(stopped, tmp_path, "--graph_path", small_dump, "--graph_name", "g", "--dry_run")
    assert (ended.exit_code, ended.stdout) == (143, "")


def defective(flags: Sequence[str]) -> int:
    """A dry run in which something fails that nobody thought of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.models.describe.describe_model", lambda *_: 1 / 0)
        return main.main(flags)


def test_a_defect_is_named_as_in_a_run(small_dump: Path, tmp_path: Path) -> None:
    """One sentence, exit code 1, and the traceback in the log."""
    ended = run_forked(defective, tmp_path, "--graph_path", small_dump, "--dry_run")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "a defect of the program (ZeroDivisionError: division by zero)" in ended.last_error_line
    assert "Traceback" in ended.stderr
