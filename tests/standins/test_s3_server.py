"""The S3 store that other tests rely on answers as S3 does, also when it refuses."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError, EndpointConnectionError

from .endpoints import S3Endpoint
from .seaweed import SeaweedS3
from .tcp_proxy import CuttableProxy

BUCKET = "test-bucket"
MIB = 1 << 20


@pytest.fixture(scope="module")
def bucket(s3: S3Endpoint) -> str:
    """A bucket of these tests."""
    return s3.create_bucket(BUCKET)


@pytest.fixture
def client(s3: S3Endpoint, bucket: str) -> Iterator[Any]:
    """A client with the right keys."""
    client = s3.client()
    yield client
    client.close()


@pytest.fixture(scope="module")
def own_s3(server_dir: Path) -> Iterator[SeaweedS3]:
    """A store that these tests may stop."""
    with SeaweedS3(server_dir) as store:
        store.create_bucket(BUCKET)
        yield store


def error_of(call: Any, /, **arguments: Any) -> tuple[str, int]:
    """Return the code and HTTP status with which a call is refused."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_an_object_comes_back(client: Any) -> None:
    """An object is read with the bytes and the type it was stored with."""
    client.put_object(Bucket=BUCKET, Key="q/report.html", Body=b"<p>", ContentType="text/html")
    answer = client.get_object(Bucket=BUCKET, Key="q/report.html")
    assert (answer["Body"].read(), answer["ContentType"]) == (b"<p>", "text/html")


def test_a_key_may_be_the_folder_of_others(client: Any) -> None:
    """An object and a longer key under the same name live side by side."""
    for key in ("model", "model/metrics.json"):
        client.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    assert client.get_object(Bucket=BUCKET, Key="model")["Body"].read() == b"model"


def test_a_deleted_object_is_gone(client: Any) -> None:
    """After a delete the key is neither listed nor found."""
    client.put_object(Bucket=BUCKET, Key="gone/x", Body=b"")
    client.delete_object(Bucket=BUCKET, Key="gone/x")
    assert client.list_objects_v2(Bucket=BUCKET, Prefix="gone/")["KeyCount"] == 0
    assert error_of(client.head_object, Bucket=BUCKET, Key="gone/x") == ("404", 404)


def test_a_large_object_goes_up_in_parts(client: Any) -> None:
    """A multipart upload is one object of the right size, its ETag says the number of parts."""
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    client.upload_fileobj(io.BytesIO(bytes(12 * MIB)), BUCKET, "large", Config=parts)
    head = client.head_object(Bucket=BUCKET, Key="large")
    assert (head["ContentLength"], head["ETag"][-3:]) == (12 * MIB, '-3"')


def test_only_the_first_conditional_put_wins(client: Any) -> None:
    """A put with If-None-Match is refused where the key exists."""
    client.delete_object(Bucket=BUCKET, Key="lock")
    client.put_object(Bucket=BUCKET, Key="lock", Body=b"1", IfNoneMatch="*")
    refusal = error_of(client.put_object, Bucket=BUCKET, Key="lock", Body=b"2", IfNoneMatch="*")
    assert refusal == ("PreconditionFailed", 412)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"secret_key": "wrong"}, "SignatureDoesNotMatch"), ({"access_key": "wrong"}, "InvalidAccessKeyId")],
)
def test_wrong_keys_are_refused_by_name(s3: S3Endpoint, bucket: str, wrong: dict[str, str], code: str) -> None:
    """A wrong secret and an unknown access key have their own codes, both with status 403."""
    client = s3.client(**wrong)
    assert error_of(client.put_object, Bucket=bucket, Key="x", Body=b"") == (code, 403)
    client.close()


@pytest.mark.parametrize(
    ("call", "arguments", "code"),
    [
        ("head_bucket", {}, "404"),
        ("put_object", {"Key": "x", "Body": b""}, "NoSuchBucket"),
        ("get_object", {"Key": "x"}, "NoSuchBucket"),
    ],
)
def test_a_missing_bucket_stays_missing(client: Any, call: str, arguments: dict[str, Any], code: str) -> None:
    """No call makes a bucket that is not there."""
    assert error_of(getattr(client, call), Bucket="no-such-bucket", **arguments) == (code, 404)


def test_a_reader_may_not_write(own_s3: SeaweedS3) -> None:
    """The second identity sees the bucket but is refused when it writes."""
    client = own_s3.client(access_key=own_s3.reader_access_key, secret_key=own_s3.reader_secret_key)
    client.head_bucket(Bucket=BUCKET)
    assert error_of(client.put_object, Bucket=BUCKET, Key="x", Body=b"") == ("AccessDenied", 403)
    client.close()


@pytest.mark.parametrize("end", [SeaweedS3.stop, SeaweedS3.kill])
def test_objects_outlive_the_store(own_s3: SeaweedS3, end: Any) -> None:
    """However the store ended, it is away for clients, and back with its objects once it is started."""
    client = own_s3.client()
    client.put_object(Bucket=BUCKET, Key="kept", Body=b"kept")
    end(own_s3)
    with pytest.raises(EndpointConnectionError):
        client.head_bucket(Bucket=BUCKET)
    own_s3.start()
    assert client.get_object(Bucket=BUCKET, Key="kept")["Body"].read() == b"kept"
    client.close()


def test_the_store_can_be_reached_through_a_proxy(own_s3: SeaweedS3) -> None:
    """Signed requests pass the proxy, and fail to connect while it is cut."""
    with CuttableProxy("127.0.0.1", own_s3.port) as proxy:
        client = S3Endpoint(f"http://{proxy.address}", own_s3.access_key, own_s3.secret_key).client()
        client.put_object(Bucket=BUCKET, Key="through", Body=b"x")
        proxy.cut()
        with pytest.raises(EndpointConnectionError):
            client.head_bucket(Bucket=BUCKET)
        proxy.restore()
        client.head_bucket(Bucket=BUCKET)
        client.close()
