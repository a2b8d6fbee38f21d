"""The brokers and the breakable network that other tests rely on do what those tests take for granted."""

import itertools
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from tests.waits import LONG_S

from .endpoints import KafkaEndpoint, named_kafka, named_s3
from .kafka_clients import connection_error, next_messages, open_reader, read, send
from .ports import free_port, free_ports
from .tansu import TansuBroker
from .tcp_proxy import CuttableProxy


@pytest.fixture
def proxied_kafka(server_dir: Path) -> Iterator[tuple[CuttableProxy, TansuBroker]]:
    """A broker that clients reach through a proxy."""
    port = free_port()
    with (
        CuttableProxy("127.0.0.1", port) as proxy,
        TansuBroker(server_dir, port=port, advertised=proxy.address) as broker,
    ):
        yield proxy, broker


def test_a_message_comes_back_with_key_headers_and_time(kafka: KafkaEndpoint, topic: str) -> None:
    """A message is read with the key, value, headers and timestamp it was sent with."""
    kafka.create_topic(topic)
    producer = Producer(kafka.client_config())
    producer.produce(topic, b"value", b"key", headers={"h": b"1"}, timestamp=1_700_000_000_123)
    producer.flush(10)
    (message,) = read(kafka, topic, 1)
    assert (message.key(), message.value(), message.headers()) == (b"key", b"value", [("h", b"1")])
    assert message.timestamp()[1] == 1_700_000_000_123


def test_an_idempotent_producer_fills_all_partitions_once(kafka: KafkaEndpoint, topic: str) -> None:
    """With idempotence on, every message arrives exactly once over several partitions."""
    kafka.create_topic(topic, 3)
    values = [b"%d" % number for number in range(300)]
    # Messages without a key would otherwise share one partition for a while.
    send(kafka, topic, values, {"enable.idempotence": True, "sticky.partitioning.linger.ms": 0})
    messages = read(kafka, topic, 300, num_partitions=3)
    assert {message.partition() for message in messages} == {0, 1, 2}
    assert sorted(message.value() or b"" for message in messages) == sorted(values)


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_compressed_batches_are_readable(kafka: KafkaEndpoint, topic: str, codec: str) -> None:
    """A batch is read back whatever it was compressed with."""
    kafka.create_topic(topic)
    send(kafka, topic, [b"a" * 1000] * 20, {"compression.type": codec, "linger.ms": 50})
    assert [message.value() for message in read(kafka, topic, 20)] == [b"a" * 1000] * 20


def test_offsets_for_times_misses_no_later_message(kafka: KafkaEndpoint, topic: str) -> None:
    """A consumer that starts from a time starts at or before the first message of that time."""
    kafka.create_topic(topic)
    producer = Producer(kafka.client_config())
    for number in range(5):
        producer.produce(topic, b"", timestamp=1_700_000_000_000 + 1000 * number)
        producer.flush(10)
    consumer = Consumer(kafka.client_config() | {"group.id": "times"})
    (found,) = consumer.offsets_for_times([TopicPartition(topic, 0, 1_700_000_003_000)], timeout=LONG_S)
    consumer.close()
    assert 0 <= found.offset <= 3


def test_creating_a_topic_twice_is_an_error(kafka: KafkaEndpoint, topic: str) -> None:
    """A test that picks a topic another one has is told so."""
    kafka.create_topic(topic)
    with pytest.raises((RuntimeError, KafkaException), match="already exists"):
        kafka.create_topic(topic)


def test_a_broker_in_memory_forgets_its_topics(server_dir: Path, topic: str) -> None:
    """A killed broker without a bucket comes back empty."""
    with TansuBroker(server_dir) as broker:
        broker.create_topic(topic)
        broker.kill()
        broker.start()
        assert AdminClient(broker.client_config()).list_topics(timeout=LONG_S).topics == {}


def test_clients_live_through_a_broker_restart(durable_kafka: TansuBroker, topic: str) -> None:
    """What a producer sends around a broker's death is read once and in order by a reader that stayed."""
    durable_kafka.create_topic(topic)
    reader = open_reader(durable_kafka, topic)
    settings = {"enable.idempotence": True, "reconnect.backoff.max.ms": 300}
    producer = Producer(durable_kafka.client_config() | settings)
    producer.produce(topic, b"before")
    producer.flush(10)
    seen = next_messages(reader, 1)
    durable_kafka.kill()
    producer.produce(topic, b"while it is down")
    assert producer.flush(0.5) == 1
    durable_kafka.start()
    producer.produce(topic, b"after")
    assert producer.flush(10) == 0
    seen += next_messages(reader, 2)
    reader.close()
    assert [message.value() for message in seen] == [b"before", b"while it is down", b"after"]


def test_a_cut_proxy_refuses_and_drops_connections(proxied_kafka: tuple[CuttableProxy, TansuBroker]) -> None:
    """After a cut nobody is connected, and a new client is refused."""
    proxy, broker = proxied_kafka
    AdminClient(broker.client_config()).list_topics(timeout=LONG_S)
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=LONG_S) as client:  # librdkafka may be between two
        proxy.cut()
        with suppress(ConnectionError):
            assert client.recv(1) == b""
    assert "Connection refused" in connection_error(broker, KafkaError._TRANSPORT).str()
    assert proxy.num_connections == 0


def test_a_message_sent_during_a_cut_arrives_later(
    proxied_kafka: tuple[CuttableProxy, TansuBroker], topic: str
) -> None:
    """A producer finds the broker again once the proxy is restored."""
    proxy, broker = proxied_kafka
    broker.create_topic(topic)
    producer = Producer(broker.client_config() | {"enable.idempotence": True, "reconnect.backoff.max.ms": 300})
    producer.produce(topic, b"before")
    producer.flush(10)
    proxy.cut()
    producer.produce(topic, b"during")
    assert producer.flush(0.5) == 1
    proxy.restore()
    assert producer.flush(10) == 0
    assert [message.value() for message in read(broker, topic, 2)] == [b"before", b"during"]


def test_a_stalled_proxy_holds_bytes_back(proxied_kafka: tuple[CuttableProxy, TansuBroker], topic: str) -> None:
    """During a stall connections stay but nothing is acknowledged; what was held back arrives afterwards."""
    proxy, broker = proxied_kafka
    broker.create_topic(topic)
    producer = Producer(broker.client_config())
    producer.produce(topic, b"before")
    producer.flush(10)
    num_connections = proxy.num_connections
    proxy.stall()
    producer.produce(topic, b"held back")
    assert producer.flush(0.5) == 1
    assert proxy.num_connections == num_connections > 0
    proxy.resume()
    assert producer.flush(10) == 0


def test_a_stalled_proxy_can_be_cut(proxied_kafka: tuple[CuttableProxy, TansuBroker], topic: str) -> None:
    """A cut drops connections whose bytes are held back, and their message is sent again later."""
    proxy, broker = proxied_kafka
    broker.create_topic(topic)
    producer = Producer(broker.client_config() | {"enable.idempotence": True, "reconnect.backoff.max.ms": 300})
    producer.produce(topic, b"before")
    producer.flush(10)
    proxy.stall()
    producer.produce(topic, b"held back")
    producer.flush(0.3)
    proxy.cut()
    assert proxy.num_connections == 0
    proxy.resume()
    proxy.restore()
    assert producer.flush(10) == 0
    assert [message.value() for message in read(broker, topic, 2)] == [b"before", b"held back"]


def test_free_ports_differ() -> None:
    """Ports that are asked for together are all different."""
    assert all(first != second for first, second in itertools.combinations(free_ports(20), 2))


def test_variables_name_real_servers() -> None:
    """Set variables take the place of the servers that the tests would start."""
    environ = {
        "TEST_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
        "TEST_MINIO_ENDPOINT": "minio:9000",
        "TEST_MINIO_ACCESS_KEY": "access",
        "TEST_MINIO_SECRET_KEY": "secret",
    }
    kafka, s3 = named_kafka(environ), named_s3(environ)
    assert kafka is not None
    assert s3 is not None
    assert kafka.bootstrap_servers == "kafka:9092"
    assert (s3.endpoint, s3.access_key, s3.secret_key) == ("http://minio:9000", "access", "secret")


def test_no_variables_name_no_servers() -> None:
    """Unset variables leave the tests to start their own."""
    assert (named_kafka({}), named_s3({})) == (None, None)
