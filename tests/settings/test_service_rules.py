"""What the settings of the services must be, where they are used; nothing is said of those that are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.settings.conftest import Load
from tests.settings.test_problems import refusal
from tests.standins.pki import Pki

KAFKA = {"KAFKA_BOOTSTRAP_SERVERS": "broker:9092", "QUEUE_ID": "q"}
S3 = {
    "OUTPUT_PATH": "",
    "MINIO_ENDPOINT": "minio:9000",
    "MINIO_ACCESS_KEY": "access",
    "MINIO_SECRET_KEY": "secret",
    "MINIO_BUCKET": "models",
    "QUEUE_ID": "q",
}
ARANGO = {"GRAPH_PATH": "", "ARANGO_URL": "http://arango:8529"}


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (KAFKA | {"QUEUE_ID": ""}, "QUEUE_ID is not set: a run with Kafka or S3 needs it"),
        (S3 | {"QUEUE_ID": ""}, "QUEUE_ID is not set: a run with Kafka or S3 needs it"),
        ({"QUEUE_ID": "a\nb"}, "QUEUE_ID='a\\nb' should be a printable text that can name files"),
        ({"QUEUE_ID": "../b"}, "QUEUE_ID='../b' should be a printable text"),
        ({"QUEUE_ID": "a//b"}, "QUEUE_ID='a//b' should be a printable text"),
        ({"QUEUE_ID": "q" * 253}, "should have at most 252 bytes"),
        ({"QUEUE_ID": "я" * 127}, "should have at most 252 bytes"),
        (ARANGO | {"ARANGO_URL": "arango:8529"}, "to 65535; it does not begin with http:// or https://"),
        (ARANGO | {"ARANGO_URL": "ftp://arango"}, "to 65535; its scheme is neither http nor https"),
        (ARANGO | {"ARANGO_CA_PATH": "nowhere.pem"}, "ARANGO_CA_PATH='nowhere.pem' should be a PEM file"),
        ({"WRITE_GRAPH_METADATA": "true"}, "ARANGO_URL is not set, and WRITE_GRAPH_METADATA needs it"),
        (KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": "broker"}, "1 to 65535; it has no port"),
        (KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": "a:1,,b:2"}, "1 to 65535; its entry 2 is empty"),
        (KAFKA | {"KAFKA_USER": "u"}, "KAFKA_PASSWORD is not set, and KAFKA_USER is"),
        (KAFKA | {"CA_PATH": "nowhere.pem"}, "CA_PATH='nowhere.pem' should be a PEM file"),
        (S3 | {"MINIO_ENDPOINT": "minio:9000/path"}, "https://; something follows after host and port"),
        (S3 | {"MINIO_ACCESS_KEY": ""}, "MINIO_ACCESS_KEY is not set, and MINIO_ENDPOINT is"),
        (S3 | {"MINIO_SECRET_KEY": ""}, "MINIO_SECRET_KEY is not set, and MINIO_ENDPOINT is"),
        (S3 | {"MINIO_BUCKET": ""}, "MINIO_BUCKET is not set, and MINIO_ENDPOINT is"),
        (S3 | {"MINIO_BUCKET": "My_Bucket"}, "MINIO_BUCKET='My_Bucket' should be 3 to 63 lower-case letters"),
    ],
)
def test_settings_that_a_service_cannot_use_are_refused(load: Load, environ: dict[str, str], sentence: str) -> None:
    """Before anything is started, by the variable that is wrong or missing."""
    assert sentence in refusal(load, environ=environ)


@pytest.mark.parametrize("variable", ["ARANGO_URL", "MINIO_ENDPOINT"])
def test_password_in_an_address_is_not_repeated(load: Load, variable: str) -> None:
    """It has a setting of its own, and stays out of the log here too."""
    environ = ARANGO | S3 | {variable: "http://me:hunter2@host:1"}
    sentence = refusal(load, environ=environ)
    assert f"{variable} should hold no user and password" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    "environ",
    [
        KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": "a:9092, b:9092"},
        KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": "[::1]:9092"},
        KAFKA | {"KAFKA_USER": "u", "KAFKA_PASSWORD": "p"},
        S3,
        S3 | {"MINIO_ENDPOINT": "https://minio"},
        ARANGO,
        ARANGO | {"ARANGO_URL": "https://[::1]:8529/"},
        {"QUEUE_ID": "wf-2024/q"},
        {"QUEUE_ID": "q" * 252},
    ],
)
def test_settings_that_serve_are_taken(load: Load, environ: dict[str, str]) -> None:
    """Several brokers, IPv6, an endpoint with and without a scheme."""
    load(environ=environ)


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("kafka://h:9092", "h:9092"),
        ("http://h:9092/", "h:9092"),
        ("https://h.example.org:9092", "h.example.org:9092"),
        ("SSL://h:9092,SSL://i:9093", "h:9092,i:9093"),
        ("SASL_SSL://h:9092", "h:9092"),
        ("plaintext://[::1]:9092", "[::1]:9092"),
    ],
)
def test_a_broker_with_a_scheme_is_told_the_right_form(load: Load, given: str, right: str) -> None:
    """Schemes of other systems are refused, with what to write instead."""
    sentence = refusal(load, environ=KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": given})
    assert "should have no scheme" in sentence
    assert sentence.endswith(f"Set it to {right}.")


@pytest.mark.parametrize(
    "given", ["h", "h:", ":9092", "h:0", "h:65536", "h:9092;i:9092", "h:9092 i:9092", "a:1,b", ","]
)
def test_what_is_no_list_of_brokers_is_refused(load: Load, given: str) -> None:
    """Host and port of each."""
    assert "KAFKA_BOOTSTRAP_SERVERS" in refusal(load, environ=KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": given})


@pytest.mark.parametrize(
    "given",
    ["u:hunter2@h:9092", "SASL_SSL://u:hunter2@h:9092", "h:9092,u:hunter2@i:9092", "http://h:9092/?password=hunter2"],
)
def test_a_password_in_the_address_of_a_broker_is_not_repeated(load: Load, given: str) -> None:
    """What failed its check is not printed where it may hold a secret."""
    sentence = refusal(load, environ=KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": given})
    assert "KAFKA_BOOTSTRAP_SERVERS should be host:port" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize("given", ["a:9092,b:9092,", " a:9092 , b:9092 ,, ", ",a:9092,b:9092"])
def test_commas_at_the_ends_do_no_harm(load: Load, given: str) -> None:
    """A list that a template has written is read as it is meant."""
    settings = load(environ=KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": given})
    assert settings.kafka.kafka_bootstrap_servers == "a:9092,b:9092"


AUTHORITY_OF = {"ARANGO_CA_PATH": ARANGO, "CA_PATH": KAFKA, "MINIO_CA_PATH": S3}
"""Each setting that names a CA file, and the service that it is for."""
ON_TLS = {
    "ArangoDB": ARANGO | {"ARANGO_URL": "https://arango:8529"},
    "S3": S3 | {"MINIO_ENDPOINT": "https://minio:9000"},
    "S3 by MINIO_SECURE": S3 | {"MINIO_SECURE": "true"},
}


@pytest.mark.parametrize("variable", AUTHORITY_OF)
def test_authority_in_a_file_is_taken(load: Load, pki: Pki, variable: str) -> None:
    """A PEM file with a valid CA."""
    load(environ=AUTHORITY_OF[variable] | {variable: str(pki.ca_path)})


@pytest.mark.parametrize("variable", AUTHORITY_OF)
def test_authority_that_cannot_be_used_is_refused(load: Load, pki: Pki, tmp_path: Path, variable: str) -> None:
    """A file that is missing, empty, no PEM, or all of whose CAs have expired, is named before anything is sent."""
    (tmp_path / "empty.pem").touch()
    (tmp_path / "words.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nno base64\n-----END CERTIFICATE-----\n")
    with (tmp_path / "long.pem").open("wb") as file:
        file.truncate((16 << 20) + 1)
    sentences = {
        tmp_path / "missing.pem": "there is none",
        tmp_path: "there is none",
        tmp_path / "empty.pem": "holds none that can be read",
        tmp_path / "words.pem": "holds none that can be read",
        tmp_path / "long.pem": "of at most 16 MiB",
        pki.expired_ca_path: "the last of its 1 expired on",
    }
    for path, sentence in sentences.items():
        said = refusal(load, environ=AUTHORITY_OF[variable] | {variable: str(path)})
        assert f"{variable}={str(path)!r} should" in said
        assert sentence in said


@pytest.mark.parametrize("service", ON_TLS)
def test_authorities_of_the_process_are_checked_too(
    load: Load, pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    """SSL_CERT_FILE counts for https without a CA of its own, and is named when it cannot be used."""
    for path in (tmp_path / "missing.pem", pki.expired_ca_path):
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert f"SSL_CERT_FILE={str(path)!r} should" in refusal(load, environ=ON_TLS[service])
    for plain in (ARANGO, S3):
        load(environ=plain)
    own = "ARANGO_CA_PATH" if service == "ArangoDB" else "MINIO_CA_PATH"
    load(environ=ON_TLS[service] | {own: str(pki.ca_path)})
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.ca_path))
    load(environ=ON_TLS[service])


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        (ARANGO | {"ARANGO_URL": "http://arango:99999"}, "ARANGO_URL"),
        (ARANGO | {"ARANGO_URL": "https://arango:0"}, "ARANGO_URL"),
        (S3 | {"MINIO_ENDPOINT": "minio:99999"}, "MINIO_ENDPOINT"),
        (S3 | {"MINIO_ENDPOINT": "https://minio:65536"}, "MINIO_ENDPOINT"),
        (S3 | {"MINIO_ENDPOINT": "[::1]:00000"}, "MINIO_ENDPOINT"),
    ],
)
def test_a_port_that_cannot_be_is_refused(load: Load, environ: dict[str, str], variable: str) -> None:
    """Ports go from 1 to 65535."""
    sentence = refusal(load, environ=environ)
    assert f"{variable} should be" in sentence
    assert "its port is no number from 1 to 65535" in sentence


@pytest.mark.parametrize("variable", ["MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "MINIO_SESSION_TOKEN"])
def test_a_key_of_several_lines_is_refused(load: Load, variable: str) -> None:
    """A file with two keys, or a token that was wrapped; HTTP could not carry it, and nothing of it is repeated."""
    sentence = refusal(load, environ=S3 | {variable: "hunter2\nhunter2"})
    assert f"{variable} should be one line of printable characters" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize("bucket", ["192.168.5.4", "10.0.0.1", "a..b", "-ab", "ab-", "A-b", "ab", "x" * 64])
def test_a_bucket_that_no_store_has_is_refused(load: Load, bucket: str) -> None:
    """Amazon's rules for names, which the others follow; an IP address would be taken for a host."""
    assert f"MINIO_BUCKET='{bucket}' should be 3 to 63" in refusal(load, environ=S3 | {"MINIO_BUCKET": bucket})


@pytest.mark.parametrize("address", ["http://h/?password=hunter2", "http://h:1/#hunter2", "h:1?token=hunter2"])
@pytest.mark.parametrize("variable", ["ARANGO_URL", "MINIO_ENDPOINT"])
def test_an_address_that_may_hold_a_secret_is_not_repeated(load: Load, variable: str, address: str) -> None:
    """What failed its check may be anything."""
    sentence = refusal(load, environ=ARANGO | S3 | {variable: address})
    assert f"{variable} should be" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    "proxy",
    [
        "socks5://p:1080",
        "http://",
        "http://user:hunter2@p:99999",
        "proxy:port",
        "ftp://p:1",
        "http://прокси:1",
        "http://u:hunter2%D0%9F@p:1",
    ],
)
@pytest.mark.parametrize(("environ", "variable"), [(ARANGO, "http_proxy"), (S3, "HTTP_PROXY"), (S3, "ALL_PROXY")])
def test_a_proxy_that_cannot_be_used_is_refused(
    load: Load, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], variable: str, proxy: str
) -> None:
    """It is named, without its address, which may hold a password; where it leads nowhere, it is not looked at."""
    monkeypatch.setenv(variable, proxy)
    sentence = refusal(load, environ=environ)
    assert f"{variable.upper()} should be the address of an HTTP proxy" in sentence
    assert "hunter2" not in sentence
    monkeypatch.setenv("NO_PROXY", "arango,minio")
    load(environ=environ)


@pytest.mark.parametrize("variable", ["QUEUE_ID", "MINIO_SECRET_KEY", "GRAPH_PATH", "FEATURES"])
def test_bytes_that_are_no_text_are_refused(load: Load, variable: str) -> None:
    """A variable in Latin-1, or with binary content, is named and not repeated."""
    value = os.fsdecode(b"hunter2-\xff\xfe")
    sentence = refusal(load, environ=S3 | {variable: value})
    assert f"{variable} should be text in UTF-8" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    "environ",
    [
        {"KAFKA_USER": "u", "CA_PATH": "nowhere.pem"},
        S3 | {"OUTPUT_PATH": "out/model.pt", "MINIO_SECRET_KEY": "", "MINIO_BUCKET": "My_Bucket", "QUEUE_ID": ""},
        ARANGO | {"GRAPH_PATH": "dump", "ARANGO_URL": "no address"},
    ],
    ids=["Kafka", "S3", "ArangoDB"],
)
def test_services_that_are_not_used_are_not_checked(load: Load, environ: dict[str, str]) -> None:
    """A folder goes before a service, and what is left over from another run does no harm."""
    load(environ=environ)
