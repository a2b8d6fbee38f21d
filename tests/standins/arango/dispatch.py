"""How a request is handled: parsed, recorded, authenticated, answered, and spoiled by the faults that are due."""

import gzip
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from .errors import ApiError, CommunicationError, UnknownPathError
from .faults import Due, Faults
from .instance import Call, Instance
from .records import Record
from .routes import Route, find
from .wire import Reply, Request


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the connection gets; no reply means that it is cut."""

    reply: Reply | None
    is_truncated: bool = False


class Dispatcher:
    """Answers requests for one instance."""

    def __init__(self, instance: Instance, faults: Faults, log: list[Record]) -> None:
        """Answer for an instance, with these faults, into this log."""
        self.instance = instance
        self.faults = faults
        self.log = log
        self.defects: list[BaseException] = []

    def answer(self, request: Request) -> Delivery:
        """Return what to send for a request."""
        call, record = self._recognise(request)
        route = find(request.method, call.segments)
        if route is not None:
            call.endpoint = route.endpoint
        call.due = self.faults.due(call.sighting())
        self.log.append(record)
        if "drop-before" in call.due:
            return Delivery(None)
        reply = self._spoiled(self._process(call, route, record), request, call.due)
        call.pause()
        if "drop-after" in call.due:
            return Delivery(None)
        record.status = reply.status
        return Delivery(reply, is_truncated="truncate" in call.due)

    def _recognise(self, request: Request) -> tuple[Call, Record]:
        raw_path, _, raw_query = request.target.partition("?")
        parts = raw_path.lstrip("/").split("/")
        database = "_system"
        if parts[0] == "_db" and len(parts) > 1:
            database, parts = unquote(parts[1]), parts[2:]
        query = dict(parse_qsl(raw_query, keep_blank_values=True))
        call = Call(self.instance, request, database, tuple(map(unquote, parts)), query)
        return call, Record(request.method, database, call.path, query, request.body)

    def _process(self, call: Call, route: Route | None, record: Record) -> Reply:
        try:
            if "bad-gateway" in call.due:
                page = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
                return Reply(502, page, content_type="text/html", from_proxy=True)
            if (fault := call.due.answer) is not None:
                if fault.number:
                    raise CommunicationError(fault.number, fault.message, status=fault.status)
                headers = (("Location", fault.location),) if fault.location else ()
                return Reply(fault.status, b"<html>as asked</html>", headers, content_type="text/html", from_proxy=True)
            if "unavailable" in call.due:
                raise CommunicationError(503, "service unavailable due to startup")
            if "queue-full" in call.due:
                raise CommunicationError(21003, "queue is full")
            return self._handle(call, route, record)
        except ApiError as exc:
            return exc.reply()
        except Exception as exc:
            # A defect of the stand-in must fail the test that met it, not look like a database error.
            self.defects.append(exc)
            return ApiError(4, f"internal error: {exc!r}").reply()

    def _handle(self, call: Call, route: Route | None, record: Record) -> Reply:
        if route is None or not route.is_open:
            guard = self.instance.guard
            call.user = record.user = guard.sign_in(call.request.headers.get("authorization", ""))
            guard.enter(call.user, call.database_name, exists=call.database_name in self.instance.databases)
        if route is None:
            raise UnknownPathError(call.path)
        handler = route.methods.get(call.request.method)
        if handler is None:
            raise ApiError(405)
        return handler(call)

    def _spoiled(self, reply: Reply, request: Request, due: Due) -> Reply:
        if "gzip" in due and "gzip" in request.headers.get("accept-encoding", ""):
            headers = (*reply.headers, ("Content-Encoding", "gzip"))
            return Reply(reply.status, gzip.compress(reply.body), headers, reply.content_type)
        return reply
