"""What a refusal of settings repeats: never an address that failed its check, nor a secret that stands elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settings.conftest import REQUIRED
from tests.settings.test_service_rules import ARANGO, KAFKA, S3
from trainer.errors import SettingsError
from trainer.settings.definition import Settings
from trainer.settings.prediction import PredictionSettings, load_prediction_settings
from trainer.settings.sources import load_settings

PASSWORD = "hunter2"
SERVICES = REQUIRED | KAFKA | S3 | ARANGO | {"KAFKA_USER": "u", "KAFKA_PASSWORD": "p"}
RANKS = {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "h", "MASTER_PORT": "1"}
ADDRESSES = ("ARANGO_URL", "MINIO_ENDPOINT", "KAFKA_BOOTSTRAP_SERVERS", "MASTER_ADDR", "HTTP_PROXY")
WITH_PASSWORD = (
    "u:{}@h:9092",
    "http://u:{}@h",
    "https://{}@h:8529",
    "SASL_SSL://u:{}@h:9092",
    "s3://k:{}@bucket/m.pt",
    "//u:{}@h",
    "http://h/?password={}",
    "http://h:1/{}",
    "postgresql://h/db?sslpassword={}",
    "h:1?token={}",
    "mailto:u:{}@h",
    "password={};host=h",
    "api_key: {}",
)
ONLY_ADDRESSES = (
    "{}",
    "h:{}",
    "http://h:{}",
    "h/{}",
    "kafka://h/{}",
    "{}://h",
    "h:1,{}",
    "http:/u:{}/h",
    "http://{} h",
    "h#{}",
)


def refused(environ: Mapping[str, str]) -> str:
    """What a run, or else a prediction, says to these variables; empty where they are taken."""
    said = ""
    for load in (load_settings, load_prediction_settings):
        try:
            load((), environ, Path("no.env"))
        except SettingsError as error:
            said += str(error)
    return said


@pytest.mark.parametrize("form", WITH_PASSWORD)
def test_no_setting_repeats_an_address_with_a_password(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it was put by mistake."""
    value = form.format(PASSWORD)
    for name in {**Settings.definitions(), **PredictionSettings.definitions()}:
        assert PASSWORD not in refused(SERVICES | RANKS | {name.upper(): value}), name
    monkeypatch.setenv("HTTP_PROXY", value)
    assert PASSWORD not in refused(SERVICES)


@pytest.mark.parametrize("form", ONLY_ADDRESSES)
@pytest.mark.parametrize("variable", ADDRESSES)
def test_no_address_that_failed_is_repeated(form: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any part of it may be what must not be shown."""
    value = form.format(PASSWORD)
    monkeypatch.setenv("HTTP_PROXY", value if variable == "HTTP_PROXY" else "")
    said = refused(SERVICES | RANKS | {variable: value})
    assert PASSWORD not in said
    is_fine = (variable == "MASTER_ADDR" and value == PASSWORD) or (variable == "HTTP_PROXY" and "http://h/" in value)
    if variable in ("ARANGO_URL", "KAFKA_BOOTSTRAP_SERVERS") or (variable == "MASTER_ADDR" and not is_fine):
        assert f"{variable} should " in said


@given(
    address=st.text(st.sampled_from(":/@?#&=%[],. h1") | st.characters(), max_size=12),
    variable=st.sampled_from(ADDRESSES[:3]),
)
def test_no_part_of_any_address_that_failed_is_repeated(address: str, variable: str) -> None:
    """Whatever stands before and behind the password."""
    for value in (f"{address}{PASSWORD}!", f"http://{PASSWORD}!{address}"):
        said = refused(SERVICES | {variable: value})
        assert PASSWORD not in said


@pytest.mark.parametrize("name", [row.variable for row in Settings.definitions().values() if row.is_secret])
@pytest.mark.parametrize("elsewhere", ["MINIO_BUCKET", "EPOCHS", "MODEL_TYPE", "FEATURES", "QUEUE_ID", "SPLIT"])
def test_a_secret_that_is_set_is_repeated_by_no_other_setting(name: str, elsewhere: str) -> None:
    """Swapped or pasted twice, encoded too."""
    secret = "Zq81/+x w"
    for value in (secret, f"x{secret}/../{quote(secret)}"):
        said = refused(SERVICES | {name: secret, elsewhere: f"{value}\x01"})
        assert secret not in said
        assert quote(secret) not in said


@pytest.mark.parametrize(
    ("variable", "value", "flaw"),
    [
        ("ARANGO_URL", "arango", "it does not begin with http:// or https://"),
        ("ARANGO_URL", "tcp://arango:8529", "its scheme is neither http nor https"),
        ("ARANGO_URL", "http://", "its host is missing, or holds what no host has"),
        ("ARANGO_URL", "http://a b", "its host is missing, or holds what no host has"),
        ("ARANGO_URL", "http://a:port", "its port is no number from 1 to 65535"),
        ("ARANGO_URL", "http://a:8529/_db/x", "something follows after host and port"),
        ("MINIO_ENDPOINT", "minio:0", "its port is no number from 1 to 65535"),
        ("KAFKA_BOOTSTRAP_SERVERS", "h", "it has no port"),
        ("KAFKA_BOOTSTRAP_SERVERS", "h:1,i", "its entry 2 has no port"),
        ("KAFKA_BOOTSTRAP_SERVERS", "h:1,,i:2", "its entry 2 is empty"),
        ("KAFKA_BOOTSTRAP_SERVERS", "h:1,i:0", "in its entry 2, its port is no number from 1 to 65535"),
        ("KAFKA_BOOTSTRAP_SERVERS", "h:1/x", "something follows after host and port"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_it(variable: str, value: str, flaw: str) -> None:
    """The part of it that is at fault."""
    assert f"; {flaw}" in refused(SERVICES | {variable: value})


@pytest.mark.parametrize("variable", ["GRAPH_PATH", "OUTPUT_PATH"])
def test_a_path_that_is_an_address_is_refused(variable: str) -> None:
    """A folder called `s3:` would be made of it, without a word."""
    for value in ("s3://bucket/m.pt", "http://host/m.pt", "file:///tmp/m.pt"):
        said = refused(REQUIRED | {variable: value})
        assert f"{variable} should be" in said
        assert "holds an address" in said


@pytest.mark.parametrize("name", [row.variable for row in Settings.definitions().values() if row.may_be_file])
def test_a_secret_in_the_place_of_its_file_is_not_repeated(name: str) -> None:
    """`ARANGO_PASSWORD_FILE` set to the password; a path that is there is shown."""
    assert PASSWORD not in refused({**SERVICES, name: "", f"{name}_FILE": PASSWORD})
    assert f"{name}_FILE='/'" in refused({**SERVICES, name: "", f"{name}_FILE": "/"})
