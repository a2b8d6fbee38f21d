"""Who may do what: sign-in by password or JWT, and the levels of databases and collections."""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import jwt

from .errors import ApiError, CommunicationError, unauthorized

Level = Literal["rw", "ro", "none"]

_EVERYWHERE: Mapping[str, Level] = {"*": "rw"}
_ISSUER = "arangodb"


@dataclass(frozen=True)
class User:
    """A user: level per database and per collection of a database; `*` stands for any name."""

    password: str = field(repr=False)
    databases: Mapping[str, Level] = field(default_factory=lambda: _EVERYWHERE)
    collections: Mapping[str, Mapping[str, Level]] = field(default_factory=dict)

    def level(self, database: str) -> Level:
        """Return the level for a database."""
        return self.databases.get(database, self.databases.get("*", "none"))

    def collection_level(self, database: str, collection: str) -> Level:
        """Return the level for a collection: its own, else that of its database."""
        own = self.collections.get(database, {})
        return own.get(collection, own.get("*", self.level(database)))


class Guard:
    """Checks credentials and levels; raises what the database answers."""

    def __init__(self, users: Mapping[str, User], jwt_lifetime_s: float) -> None:
        """Guard for these users, with tokens of this lifetime."""
        self.users = dict(users)
        self.jwt_lifetime_s = jwt_lifetime_s
        self._secret = secrets.token_hex(32)

    def expire_tokens(self) -> None:
        """Make every token that was handed out so far invalid."""
        self._secret = secrets.token_hex(32)

    def issue_token(self, name: str, password: str) -> str:
        """Return a JWT for right credentials."""
        if not self._is_right(name, password):
            raise ApiError(401, "Wrong credentials")
        now = int(time.time())
        claims = {
            "preferred_username": name,
            "iss": _ISSUER,
            "iat": now,
            "exp": int(now + self.jwt_lifetime_s),
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def sign_in(self, authorization: str) -> str:
        """Return the user that an Authorization header stands for."""
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() == "basic":
            try:
                name, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                raise unauthorized() from None
            if self._is_right(name, password):
                return name
        elif scheme.lower() == "bearer":
            try:
                claims = jwt.decode(credentials, self._secret, algorithms=["HS256"], issuer=_ISSUER)
            except jwt.InvalidTokenError:
                raise unauthorized() from None
            if (name := str(claims["preferred_username"])) in self.users:
                return name
        raise unauthorized()

    def enter(self, user: str, database: str, *, exists: bool) -> None:
        """Let a user into a database; only who may see any database learns that one does not exist."""
        if not exists:
            if self.users[user].databases.get("*", "none") == "none":
                raise unauthorized()
            raise CommunicationError(1228, "database not found")
        if self.users[user].level(database) == "none":
            raise unauthorized()

    def may_read(self, user: str, database: str, collection: str, *, prefix: str = "") -> None:
        """Let a user read a collection."""
        if self.users[user].collection_level(database, collection) == "none":
            raise ApiError(11, f"{prefix}forbidden: {collection} [read]")

    def may_write(self, user: str, database: str, collection: str) -> None:
        """Let a user write into a collection; its own level, where set, outweighs that of the database."""
        level = self.users[user].collection_level(database, collection)
        if level == "none":
            raise ApiError(11, f"forbidden: {collection} [write]")
        if level == "ro":
            raise ApiError(1004, f"read only: {collection} [write]")

    def may_create(self, user: str, database: str) -> None:
        """Let a user create collections."""
        if self.users[user].level(database) != "rw":
            raise ApiError(11, "forbidden")

    def _is_right(self, name: str, password: str) -> bool:
        user = self.users.get(name)
        return user is not None and hmac.compare_digest(user.password.encode(), password.encode())
