"""Calls of OpenWrt's ubus over HTTP: JSON-RPC 2.0, many in one request (openwrt.org, techref/ubus). Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from drivers.access_points.foreign import document, items, number, table
from edge.core.errors import ProtocolError
from edge.core.sayings import say

NOBODY = "0" * 32
"""The session of who has not logged in."""

OK = 0
DENIED = -32002
"""The code of a session that has ended, and of a call that its user may not make."""

UNSAID = -1
"""Stands for the code of a call that got no answer at all."""


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one object; `device` is the network interface that it is about."""

    object: str
    method: str
    device: str = ""
    key: str = "device"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a call. `data` may hold addresses of people: it is never shown."""

    code: int
    data: object = field(default=None, repr=False)


def login_request(username: str, password: str) -> bytes:
    """The request for a session."""
    return _batch([_rpc(0, NOBODY, "session", "login", {"username": username, "password": password})])


def request(calls: Sequence[Call], session: str) -> bytes:
    """Many calls in one request; their places are their ids."""
    return _batch(
        [
            _rpc(at, session, call.object, call.method, {call.key: call.device} if call.device else {})
            for at, call in enumerate(calls)
        ]
    )


def results(body: bytes, count: int) -> list[Result]:
    """What became of `count` calls, in their order. Raises ProtocolError, which tells nothing of `body`."""
    answers = document(body)
    if isinstance(answers, dict):
        answers = [answers]
    if not isinstance(answers, list):
        raise ProtocolError(say("no_json_rpc"))
    found = [Result(UNSAID)] * count
    for answer in map(table, items(answers)):
        at = number(answer.get("id"))
        if at is not None and at.is_integer() and 0 <= at < count:
            found[int(at)] = _result(answer.get("result"), answer.get("error"))
    return found


def session_of(result: Result) -> str:
    """The session that a login brought, empty where it was refused."""
    session = table(result.data).get("ubus_rpc_session") if result.code == OK else None
    return session if isinstance(session, str) and session.isalnum() and len(session) == len(NOBODY) else ""


def _result(result: object, error: object) -> Result:
    parts = items(result)
    if parts:
        code = number(parts[0])
        return Result(UNSAID if code is None else int(code), parts[1] if len(parts) > 1 else None)
    code = number(table(error).get("code"))
    return Result(UNSAID if code is None else int(code))


def _rpc(at: int, session: str, what: str, method: str, arguments: dict[str, str]) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": at, "method": "call", "params": [session, what, method, arguments]}


def _batch(calls: Sequence[dict[str, object]]) -> bytes:
    return json.dumps(calls).encode()
