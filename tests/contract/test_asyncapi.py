"""`docs/asyncapi.yaml` is a whole AsyncAPI 3 document: nothing points nowhere, and every example is a real message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.schemas import validate_command, validate_event
from trainer.contract.wire import command_schemas, event_schemas
from trainer.settings.definition import Settings

DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
# What AsyncAPI 3.0.0 allows in each object that this document uses.
ALLOWED = {
    "document": "asyncapi id info servers defaultContentType channels operations components",
    "channel": "address messages title summary description servers parameters tags externalDocs bindings",
    "operation": "action channel title summary description security tags externalDocs bindings traits messages reply",
    "message": "headers payload correlationId contentType name title summary description tags externalDocs bindings"
    " examples traits",
    "server": "host protocol protocolVersion pathname description title summary variables security tags externalDocs"
    " bindings",
}


def references(content: Any) -> Iterator[str]:
    """Every `$ref` below."""
    if isinstance(content, dict):
        if "$ref" in content:
            yield content["$ref"]
        for value in content.values():
            yield from references(value)
    elif isinstance(content, list):
        for item in content:
            yield from references(item)


def resolve(reference: str) -> Any:
    """What a `$ref` points to."""
    target: Any = DOCUMENT
    assert reference.startswith("#/"), reference
    for step in reference.removeprefix("#/").split("/"):
        target = target[step]
    return resolve(target["$ref"]) if isinstance(target, dict) and "$ref" in target else target


@pytest.mark.parametrize("reference", sorted(set(references(DOCUMENT))))
def test_every_reference_leads_to_something(reference: str) -> None:
    """Each `$ref` resolves within the document."""
    assert resolve(reference)


@pytest.mark.parametrize(
    ("kind", "objects"),
    [
        ("document", [DOCUMENT]),
        ("server", DOCUMENT["servers"].values()),
        ("channel", DOCUMENT["channels"].values()),
        ("operation", DOCUMENT["operations"].values()),
        ("message", MESSAGES.values()),
    ],
)
def test_objects_have_only_fields_of_asyncapi(kind: str, objects: Any) -> None:
    """No field is misspelled or of an older version of AsyncAPI."""
    for content in objects:
        assert set(content) <= set(ALLOWED[kind].split())


def test_it_is_asyncapi_3() -> None:
    """The version and what it requires are there."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(DOCUMENT["info"])
    assert {operation["action"] for operation in DOCUMENT["operations"].values()} == {"receive", "send"}


def test_channels_are_the_topics_of_the_settings() -> None:
    """The addresses are the topics that a run uses by default."""
    topics = [Settings.definitions()[name].default for name in ("queue_control_topic", "queue_events_topic")]
    assert [channel["address"] for channel in DOCUMENT["channels"].values()] == topics


def test_operations_go_the_right_way() -> None:
    """Events are sent and commands received; each operation uses messages of its own channel."""
    for operation in DOCUMENT["operations"].values():
        channel = operation["channel"]["$ref"]
        assert (operation["action"] == "send") == channel.endswith("queue-events")
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])


def test_every_message_is_in_the_document() -> None:
    """No event and no command is missing, and their schemas are those of `docs/schemas`."""
    assert DOCUMENT["components"]["schemas"] == command_schemas() | event_schemas()
    assert list(MESSAGES) == [*command_schemas(), *event_schemas()]


def test_schemas_keep_to_what_asyncapi_understands() -> None:
    """The schemas use words that mean the same in draft 7, which AsyncAPI's own schemas build on."""
    text = str(DOCUMENT["components"]["schemas"])
    assert not re.search(r"\$defs|\$ref|prefixItems|unevaluated|dependent", text)


@pytest.mark.parametrize("word", MESSAGES)
def test_examples_are_real_messages(word: str) -> None:
    """Each message has an example, and it passes the message's schema."""
    (example,) = MESSAGES[word]["examples"]
    (validate_command if word in command_schemas() else validate_event)(example["payload"])


@pytest.mark.parametrize("word", MESSAGES)
def test_messages_are_keyed_by_their_queue(word: str) -> None:
    """The Kafka key is `queue_id`, by which messages of one run keep their order."""
    assert MESSAGES[word]["bindings"]["kafka"]["key"]["description"] == "queue_id"


def test_security_is_what_the_settings_ask_for() -> None:
    """The server wants TLS and the SASL mechanism that a run uses by default."""
    (server,) = DOCUMENT["servers"].values()
    (security,) = server["security"]
    mechanism = str(Settings.definitions()["kafka_sasl_mechanism"].default)
    assert server["protocol"] == "kafka-secure"
    assert resolve(security["$ref"])["type"] == mechanism.title().replace("-", "").replace("Scram", "scram")
