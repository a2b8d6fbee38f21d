"""The database's error numbers, their HTTP states and the two orders its error bodies come in."""

import orjson

from .wire import Reply

_STATUS = {
    **dict.fromkeys((10, 17, 600, 1208, 1221, 1227, 1233, 1501, 1502, 1504, 1551, 1552, 1553), 400),
    **dict.fromkeys((11, 1004), 403),
    **dict.fromkeys((404, 1202, 1203, 1228, 1600, 1924), 404),
    405: 405,
    **dict.fromkeys((1200, 1207, 1210, 1601), 409),
    1500: 410,
    **dict.fromkeys((30, 503, 21003), 503),
}

_TEXT = {
    405: "method not supported",
    600: "invalid JSON object",
    1207: "duplicate name",
    1208: "illegal name",
    1221: "illegal document key",
    1227: "invalid document type",
    1233: "edge attribute missing or invalid",
    1502: "query is empty",
    1600: "cursor not found",
    1601: "cursor is busy",
}


class ApiError(Exception):
    """A request that ends in an error body."""

    def __init__(self, number: int, message: str | None = None, *, status: int | None = None) -> None:
        """Make the error.

        Args:
            number: The database's `errorNum`.
            message: Its text; by default the one that belongs to the number.
            status: The HTTP status; by default the one that belongs to the number, 500 for an unlisted one.
        """
        self.number = number
        self.message = _TEXT[number] if message is None else message
        self.status = _STATUS.get(number, number if 400 <= number < 500 else 500) if status is None else status
        super().__init__(f"{self.status}/{number} {self.message}")

    def fields(self) -> dict[str, object]:
        """Return the body's fields in the order of a request handler."""
        return {"code": self.status, "error": True, "errorMessage": self.message, "errorNum": self.number}

    def reply(self) -> Reply:
        """Return the error as an HTTP reply."""
        return Reply(self.status, orjson.dumps(self.fields()))


class CommunicationError(ApiError):
    """An error from the layer before the handlers: sign-in, choice of database, queue, start-up."""

    def fields(self) -> dict[str, object]:
        """Return the body's fields in the order of the communication layer."""
        return {"error": True, "errorNum": self.number, "errorMessage": self.message, "code": self.status}


class UnknownPathError(ApiError):
    """A path that no handler owns; its body has an order of its own."""

    def __init__(self, path: str) -> None:
        """Make the error for a path without its database prefix."""
        super().__init__(404, f"unknown path '{path}'")

    def fields(self) -> dict[str, object]:
        """Return the body's fields in the order recorded for unknown paths."""
        return {"error": True, "code": 404, "errorNum": 404, "errorMessage": self.message}


def unauthorized() -> CommunicationError:
    """Return the one answer to bad credentials and to a database that is closed to the user."""
    return CommunicationError(11, "not authorized to execute this request", status=401)


def unknown_collection(name: str) -> ApiError:
    """Return the error for a collection that is not there."""
    return ApiError(1203, f"collection or view not found: {name}")
