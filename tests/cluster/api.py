"""A Kubernetes API server as a test sees it: plain objects over HTTPS, with what a kubeconfig says."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.waits import LONG_S

Object = dict[str, Any]

JSON = "application/json"
MERGE = "application/strategic-merge-patch+json"
_APPLY = "application/apply-patch+yaml"
_OWNER = "gnn-trainer-tests"


class RefusedError(Exception):
    """The server does not take a request."""

    def __init__(self, status: int, reason: str) -> None:
        """Its answer."""
        super().__init__(f"{status}: {reason}")
        self.status = status


class Cluster:
    """One API server."""

    def __init__(self, server: str, session: requests.Session) -> None:
        """Address it as `session` is set up to."""
        self._server, self._session = server.rstrip("/"), session
        self.warnings: list[str] = []
        """What the server warned of when it took something."""

    def call(
        self, method: str, path: str, body: Any = None, kind: str = JSON, query: Mapping[str, str] | None = None
    ) -> Object:
        """Send one request.

        Raises:
            RefusedError: the server answers with an error.
        """
        answer = self._session.request(
            method,
            self._server + path,
            params=query,
            data=None if body is None else json.dumps(body),
            headers={"Content-Type": kind},
            timeout=LONG_S,
        )
        if not answer.ok:
            raise RefusedError(answer.status_code, answer.text[:2000])
        if warning := answer.headers.get("Warning"):
            self.warnings.append(warning)
        content = answer.json()
        assert isinstance(content, dict)
        return content

    def find(self, path: str) -> Object | None:
        """The object of this path, None where there is none."""
        try:
            return self.call("GET", path)
        except RefusedError as error:
            if error.status != 404:
                raise
            return None

    def items(self, path: str, **query: str) -> list[Object]:
        """The objects of a list."""
        items: list[Object] = self.call("GET", path, query=query)["items"]
        return items

    def apply(self, given: Object, namespace: str = "", *, dry_run: bool = False) -> Object:
        """Create the object or change it to what is given, as `kubectl apply --server-side` does; unknown fields are errors."""
        query = {"fieldManager": _OWNER, "force": "true", "fieldValidation": "Strict"}
        path = path_of(given["apiVersion"], given["kind"], namespace, given["metadata"]["name"])
        return self.call("PATCH", path, given, _APPLY, query | ({"dryRun": "All"} if dry_run else {}))

    def create(self, given: Object, namespace: str = "", *, dry_run: bool = False) -> Object:
        """Create an object that is not there."""
        path = path_of(given["apiVersion"], given["kind"], namespace)
        query = {"fieldValidation": "Strict"} | ({"dryRun": "All"} if dry_run else {})
        return self.call("POST", path, given, query=query)

    def remove(self, path: str, grace_s: int | None = None, uid: str | None = None) -> None:
        """Delete an object, if it is there, and what it owns behind it."""
        how: Object = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        if grace_s is not None:
            how["gracePeriodSeconds"] = grace_s
        if uid is not None:
            how["preconditions"] = {"uid": uid}
        try:
            self.call("DELETE", path, how)
        except RefusedError as error:
            if error.status not in (404, 409):
                raise

    def serves(self, api_version: str) -> bool:
        """Whether the server knows this group and version: those of a custom resource come with its controller."""
        return self.find(f"/apis/{api_version}") is not None


def path_of(api_version: str, kind: str, namespace: str = "", name: str = "") -> str:
    """Where the objects of a kind are, or one of them."""
    root = "/api/v1" if api_version == "v1" else f"/apis/{api_version}"
    plural = kind.lower().removesuffix("y") + ("ies" if kind.endswith("y") else "s")
    return root + (f"/namespaces/{namespace}" if namespace else "") + f"/{plural}" + (f"/{name}" if name else "")


def open_cluster(kubeconfig: Path, folder: Path) -> Cluster:
    """The cluster of a kubeconfig's current context.

    Args:
        kubeconfig: a file with certificates, a client's certificate or a token; a program that gets a login is not called.
        folder: for what the file holds within itself.
    """
    content = yaml.safe_load(kubeconfig.read_text())
    context = _named(content["contexts"], content["current-context"])["context"]
    cluster = _named(content["clusters"], context["cluster"])["cluster"]
    user = _named(content["users"], context["user"])["user"]

    def file_of(given: Object, key: str) -> str | None:
        if data := given.get(f"{key}-data"):
            path = folder / key
            path.touch(mode=0o600)
            path.write_bytes(base64.b64decode(data))
            return str(path)
        named: str | None = given.get(key)
        return None if named is None else str(kubeconfig.parent / named)

    session = requests.Session()
    session.trust_env = False
    session.verify = file_of(cluster, "certificate-authority") or True
    certificate, key = file_of(user, "client-certificate"), file_of(user, "client-key")
    if certificate and key:
        session.cert = certificate, key
    if token := user.get("token"):
        session.headers["Authorization"] = f"Bearer {token}"
    return Cluster(cluster["server"], session)


def _named(entries: list[Object], name: str) -> Object:
    (found,) = (entry for entry in entries if entry["name"] == name)
    return found
