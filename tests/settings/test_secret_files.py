"""User names, keys and passwords as files, as clusters mount their secrets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.settings.conftest import Load
from trainer.errors import SettingsError
from trainer.settings.definition import Settings
from trainer.settings.prediction import load_prediction_settings
from trainer.settings.secret_files import rows_of_files

NAMES = [row.name.removesuffix("_file") for row in rows_of_files(Settings.definitions().values())]


def value_of(settings: Settings, name: str) -> str:
    """What the run uses."""
    value = getattr(getattr(settings, Settings.definitions()[name].group), name)
    return str(value) if isinstance(value, str) else str(value.get_secret_value())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a secret, as an editor leaves it."""
    path = tmp_path / "secret"
    path.write_text("hunter2\n")
    return path


def test_every_user_name_key_and_password_may_be_a_file() -> None:
    """A new secret is one of them by itself."""
    users = {"arango_user", "kafka_user"}
    assert set(NAMES) == users | {name for name, row in Settings.definitions().items() if row.is_secret}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("source", ["flag", "variable", "env file"])
def test_a_secret_comes_out_of_its_file(load: Load, file: Path, name: str, source: str) -> None:
    """From wherever its path is known; the secret is as secret as any other."""
    variable = f"{name.upper()}_FILE"
    if source == "flag":
        settings = load(f"--{name}_file", str(file))
    elif source == "variable":
        settings = load(environ={variable: str(file)})
    else:
        settings = load(env_file=f"{variable}={file}\n")
    assert value_of(settings, name) == "hunter2"
    assert settings.doubts == ()
    if name.endswith("_user"):
        return
    assert "hunter2" not in repr(settings) + str(settings.flat())


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"a", "a"),
        (b"a\n", "a"),
        (b"a\r\n", "a"),
        (b"a\n\n", "a\n"),
        (b" a b ", " a b "),
        (b"'a' # b", "'a' # b"),
        ("пароль".encode(), "пароль"),
        (b"", ""),
        (b"\n", ""),
    ],
)
def test_one_line_break_at_the_end_is_cut(load: Load, file: Path, content: bytes, value: str) -> None:
    """All else is the secret's; an empty file counts as not set."""
    file.write_bytes(content)
    assert value_of(load(environ={"ARANGO_PASSWORD_FILE": str(file)}), "arango_password") == value


@pytest.mark.parametrize("elsewhere", ["variable", "env file", "flag"])
def test_both_set_is_an_error(load: Load, file: Path, elsewhere: str) -> None:
    """Wherever either of them is set: nobody knows which is meant."""
    flags = ("--kafka_password", "swordfish") if elsewhere == "flag" else ()
    variables = {"KAFKA_PASSWORD": "swordfish"} if elsewhere == "variable" else {}
    lines = "KAFKA_PASSWORD=swordfish\n" if elsewhere == "env file" else ""
    with pytest.raises(SettingsError, match="KAFKA_PASSWORD_FILE and KAFKA_PASSWORD are both set: leave one") as caught:
        load(*flags, environ={"KAFKA_PASSWORD_FILE": str(file)} | variables, env_file=lines)
    assert not [secret for secret in ("hunter2", "swordfish") if secret in str(caught.value)]


def test_an_empty_variable_is_not_set_beside_a_file(load: Load, file: Path) -> None:
    """As anywhere else."""
    environ = {"ARANGO_PASSWORD": " ", "ARANGO_PASSWORD_FILE": str(file), "KAFKA_PASSWORD_FILE": ""}
    assert value_of(load(environ=environ), "arango_password") == "hunter2"


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "device", "large", "binary"])
def test_a_file_that_holds_no_secret_is_a_settings_error(load: Load, tmp_path: Path, kind: str) -> None:
    """At once, also where reading would last for ever; nothing of its content is said."""
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "large":
        path.write_bytes(b"hunter2" * 10_000)
    elif kind == "binary":
        path.write_bytes(b"hunter2\xff")
    right = {
        "large": "a file of at most 65536 bytes",
        "binary": "a file of text",
        "missing": "a file, and it cannot be read",
    }
    sentence = f"^MINIO_SECRET_KEY_FILE='{path}' should be {right.get(kind, 'a regular file')}"
    with pytest.raises(SettingsError, match=sentence) as caught:
        load(environ={"MINIO_SECRET_KEY_FILE": str(path)})
    assert "hunter2" not in str(caught.value)


def test_a_secret_out_of_a_file_is_not_repeated_by_other_problems(load: Load, file: Path) -> None:
    """A value that holds it by mistake is masked, as for any other secret."""
    with pytest.raises(SettingsError) as caught:
        load(environ={"ARANGO_PASSWORD_FILE": str(file), "EPOCHS": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_misspelt_file_variable_is_found(load: Load) -> None:
    """With the one that was meant."""
    (doubt,) = load(environ={"ARANGO_PASSWORD_FILES": "/x"}).doubts
    assert "ARANGO_PASSWORD_FILE" in doubt.removeprefix("ARANGO_PASSWORD_FILES")


def test_predictions_read_files_too(file: Path, tmp_path: Path) -> None:
    """The program that uses a model has the same services; what only a run reads is no stranger to it."""
    environ = {
        "MODEL": str(tmp_path / "m.pt"),
        "GRAPH_NAME": "g",
        "ARANGO_URL": "https://a",
        "OUTPUT_PATH": "t.csv.gz",
        "ARANGO_PASSWORD_FILE": str(file),
        "KAFKA_PASSWORD_FILE": str(file),
    }
    (tmp_path / "m.pt").touch()
    settings = load_prediction_settings((), environ, tmp_path / ".env")
    assert settings.arango.arango_password.get_secret_value() == "hunter2"
    assert settings.doubts == ()
