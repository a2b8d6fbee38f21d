"""Version, availability, sign-in and the current database."""

import orjson

from ..errors import ApiError
from ..instance import Call, ok
from ..wire import Reply


def version(call: Call) -> Reply:
    """Answer `GET /_api/version`, which has neither `error` nor `code`."""
    fields: dict[str, object] = {"server": "arango", "license": "community", "version": call.instance.version}
    if call.flag("details"):
        fields["details"] = {"mode": "server"}
    return Reply(200, orjson.dumps(fields))


def availability(call: Call) -> Reply:
    """Answer `GET /_admin/server/availability`."""
    return ok({"mode": "default"})


def sign_in(call: Call) -> Reply:
    """Answer `POST /_open/auth` with a token and nothing else."""
    try:
        body = call.json()
        name, password = body["username"], body["password"]
    except (ApiError, KeyError, TypeError):
        raise ApiError(400, "invalid JSON") from None
    if not isinstance(name, str) or not isinstance(password, str):
        raise ApiError(400, "invalid JSON")
    return Reply(200, orjson.dumps({"jwt": call.instance.guard.issue_token(name, password)}))


def current_database(call: Call) -> Reply:
    """Answer `GET /_api/database/current`."""
    name = call.database_name
    result = {"id": call.database.id, "name": name, "isSystem": name == "_system", "path": "none"}
    return ok({"result": result})
