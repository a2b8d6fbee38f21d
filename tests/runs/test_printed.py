"""What a run, a dry run, a prediction and the renderer print of texts that mean harm, and that the report only shows them."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Ended, RunMain, clean_environment, run_forked, write_collection, write_graph
from tests.dry_run.doors import on_terminal
from tests.process.test_printable import steers
from tests.standins.arango import ArangoStandIn, Fault, User, When, load_dump
from tests.standins.http_proxy import HttpProxy
from tests.standins.s3_front import S3Front, refusal
from trainer import predict

ESC, CSI, OVERRIDE = "\x1b]0;owned\x07\x1b[2J", "\x9b31m", "\u202e"
HARM = f"{ESC}{CSI}{OVERRIDE}\u2028\r\n2026-01-01 ERROR forged [red]b[/red] :smile: <script>alert(1)</script>"
PASSWORD = "hunter2/Пароль"


def hostile_dump(folder: Path) -> Path:
    """A graph whose attribute, class and vertex names mean harm."""
    vertices: list[dict[str, Any]] = [
        {"_key": f"k{n:02}", "a": n % 7, f"b{HARM}": n if n % 3 else None, f"c{HARM}": {"x": n}, "y": f"{HARM}{n % 2}"}
        for n in range(40)
    ]
    write_collection(folder, "v", vertices)
    edges = [{"_key": str(n), "_from": f"v/k{n:02}", "_to": f"v/k{(n + 1) % 40:02}"} for n in range(40)]
    write_collection(folder, "e", edges, edge=True)
    write_graph(folder, f"g{HARM}", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    return folder


def assert_harmless(ended: Ended, exit_code: int = 0) -> None:
    """Nothing steers the terminal, and no line is forged."""
    assert ended.exit_code == exit_code, ended.stderr
    for printed in (ended.stdout, ended.stderr):
        assert not steers(printed.replace("\n", ""))
        assert not any(line.startswith("2026-01-01 ERROR forged") for line in printed.splitlines())


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_names_of_a_graph_do_no_harm(run_main: RunMain, tmp_path: Path, log_format: str) -> None:
    """In the log, the summary, and a prediction; the report escapes them, and programs get them as they are."""
    given = ("--graph_path", hostile_dump(tmp_path / "dump"), "--log_format", log_format)
    target = ("--target", "y", "--features", "a", "--epochs", "1", "--save_predictions")
    ended = run_main(*given, *target, "--output_path", tmp_path / "m.pt", "--positive_class", f"{HARM}1")
    assert_harmless(ended)
    if log_format == "text":
        assert "[red]b[/red] :smile:" in ended.stdout
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["classes"] == [f"{HARM}0", f"{HARM}1"]
    report = (tmp_path / "report.html").read_text()
    assert "<script>alert(1)" not in report
    assert "&lt;script&gt;alert(1)" in report
    assert_harmless(run_forked(predict.main, tmp_path, "--model", "m.pt", *given, "--output_path", "p.csv.gz"))


def test_a_terminal_is_not_steered(tmp_path: Path) -> None:
    """Of all that a dry run shows, the only sequences are rich's own."""
    ended = on_terminal("--graph_path", hostile_dump(tmp_path / "dump"), "--target", "y")
    assert ended.exit_code == 0, ended.stderr
    for harm in ("\x1b]", "\x1b[2J", CSI, OVERRIDE, "\u2028", "\x07"):
        assert harm not in ended.stdout + ended.stderr
    assert "[red]" in ended.stdout


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("--target", f"x{HARM}"), 3),
        (("--features", f"x{HARM}"), 3),
        (("--graph_name", f"x{HARM}"), 3),
        (("--epochs", f"x{HARM}"), 2),
        (("--queue_id", f"x{HARM}"), 2),
        ((f"--x{HARM}",), 2),
        ((f"x{HARM}",), 2),
        (("--graph_path", f"x{HARM}"), 3),
        (("--output_path", f"x{HARM}/m.bin"), 2),
        (("--output_path", f"dump/e/x{HARM}/m.pt", "--time_field", f"x{HARM}"), 3),
    ],
)
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_values_of_settings_do_no_harm(
    run_main: RunMain, small_dump: Path, flags: tuple[str, ...], code: int, log_format: str
) -> None:
    """The last line is one line, whatever was asked for."""
    given = ("--graph_path", small_dump, "--graph_name", "g", "--output_path", "m.pt", "--log_format", log_format)
    ended = run_main(*given, "--epochs", "1", *flags)
    assert_harmless(ended, code)
    assert ended.stderr.count("\n") == 1


def test_a_start_message_does_no_harm(tmp_path: Path) -> None:
    """The renderer refuses in one line, and notes of unknown keys print too."""
    start = {
        "command": "start",
        "queue_id": "q",
        "graph_name": "g",
        "image": "i",
        f"x{HARM}": 1,
        "model_type": f"m{HARM}",
    }
    for message in (start, {**start, "model_type": "GCN"}, {**start, "queue_id": HARM}):
        (tmp_path / "start.json").write_text(json.dumps(message))
        done = subprocess.run(
            [sys.executable, "-m", "trainer.queue.manifest", "start.json"],
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 2)
        assert_harmless(Ended(done.returncode, done.stdout, done.stderr), done.returncode)


@pytest.fixture
def arango(small_dump: Path) -> ArangoStandIn:
    """A database with the small graph, for a user with a password."""
    return ArangoStandIn({"_system": load_dump(small_dump)}, {"root": User(PASSWORD)})


WORDS = {
    "as it is": PASSWORD,
    "percent-encoded": "hunter2%2F%D0%9F%D0%B0%D1%80%D0%BE%D0%BB%D1%8C",
    "in JSON": json.dumps(PASSWORD)[1:-1].replace("/", "\\/"),
    "in Base64": "cm9vdDpodW50ZXIyL9Cf0LDRgNC+0LvRjA==",
    "over lines": "\n".join(PASSWORD),
    "at the end of what is shown": f"{'x' * 195}{PASSWORD}",
}


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize(("status", "number"), [(400, 1501), (403, 11), (500, 32)])
def test_words_of_a_server_do_no_harm(
    run_main: RunMain, arango: ArangoStandIn, words: str, status: int, number: int
) -> None:
    """Neither escape sequences nor the password that it quotes get into the log, the event or the last line."""
    message = f"{WORDS[words]} refused {HARM}"
    with arango as server:
        server.faults.add(Fault("answer", When(times=99), status=status, number=number, message=message))
        env: Mapping[str, str] = {"ARANGO_URL": server.url, "ARANGO_PASSWORD": PASSWORD}
        ended = run_main("--graph_name", "g", "--output_path", "m.pt", env=env)
    assert_harmless(ended, 4)
    everything = f"{ended.stdout}{ended.stderr}{ended.events}"
    assert "***" in ended.last_error_line
    assert not any(part in everything for part in ("hunter", "Парол", "041f", "041F", "%D0%9F", "cm9vdDpo"))


def test_words_of_a_store_do_no_harm(run_main: RunMain, small_dump: Path) -> None:
    """A code that is a key, or that steers a terminal, is neither repeated nor obeyed."""
    key = {"MINIO_ACCESS_KEY": "access-Kk31", "MINIO_SECRET_KEY": PASSWORD}
    given = ("--graph_path", small_dump, "--graph_name", "g", "--queue_id", "q")
    for code in (f"Bad {PASSWORD} {CSI}{OVERRIDE}", f"No{key['MINIO_ACCESS_KEY']}"):
        with S3Front("127.0.0.1", 1, lambda request, code=code: refusal(400, code)) as front:  # type: ignore[misc]
            ended = run_main(*given, env={"MINIO_ENDPOINT": front.endpoint, "MINIO_BUCKET": "bucket", **key})
        assert_harmless(ended, 4)
        assert "***" in ended.last_error_line
        everything = f"{ended.stdout}{ended.stderr}{ended.events}"
        assert not any(part in everything for part in ("hunter", "Парол", "Kk31"))


def test_the_password_of_a_proxy_does_no_harm(run_main: RunMain, arango: ArangoStandIn) -> None:
    """It stands in an address that every library reads, and in no setting."""
    password = "hunter2/a b%41"
    login = base64.b64encode(f"me:{password}".encode()).decode()
    message = f"Proxy-Authorization: Basic {login}, {quote(password)}, {password}"
    with arango as server, HttpProxy(f"me:{password}") as proxy:
        server.faults.add(Fault("answer", When(times=99), status=400, number=1501, message=message))
        named = f"http://me:{quote(password, safe='')}@{proxy.address}"
        env = {"ARANGO_URL": server.url, "ARANGO_PASSWORD": "another", "HTTP_PROXY": named}
        ended = run_main("--graph_name", "g", "--output_path", "m.pt", env=env)
    assert ended.exit_code == 4
    assert "***" in ended.last_error_line
    everything = f"{ended.stdout}{ended.stderr}{ended.events}"
    assert not any(part in everything for part in ("hunter", "bWU6", "2541"))
