"""A recorder of InfluxDB 2.x's HTTP API as Gianh uses it, from its public documentation; none was run."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
TOKEN, ORG = "admin-token", "0123456789abcdef"


class State:
    """What this InfluxDB has."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Json]] = {
            name: [] for name in ("buckets", "dbrps", "tasks", "authorizations")
        }

    def answer(self, method: str, path: str, asked: dict[str, str], body: Json) -> tuple[int, Json]:
        _, _, _, kind, *rest = path.split("/")
        if kind == "orgs":
            return 200, {"orgs": [{"id": ORG, "name": "town"}] if asked.get("org") == "town" else []}
        found = self.kept[kind]
        if method == "POST":
            return 201, self._make(kind, body)
        if method == "PATCH":
            (one,) = [each for each in found if each["id"] == rest[0]]
            one |= body
            return 200, one
        if method == "DELETE":
            self.kept[kind] = [each for each in found if each["id"] != rest[0]]
            return 204, {}
        if kind == "dbrps":
            return 200, {"content": [one for one in found if one["database"] == asked["db"]]}
        if kind == "buckets" and "name" in asked:
            found = [one for one in found if one["name"] == asked["name"]]
        if kind == "tasks":
            later = [one for one in found if one["id"] > asked.get("after", "")]
            found = later[: int(asked.get("limit", "100"))]
        return 200, {kind: found}

    def _make(self, kind: str, body: Json) -> Json:
        made = body | {"id": f"{len(self.kept[kind]) + 1:016x}"}
        if kind == "tasks":
            made["name"] = body["flux"].split('name: "')[1].split('"')[0]
            made["status"] = "active"
        if kind == "authorizations":
            made["token"] = f"token-of-{body['description']}"
        self.kept[kind].append(made)
        return made


@contextmanager
def influx_two(state: State) -> Iterator[str]:
    """The recorder on a free port of loopback; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm, wbufsize = True, -1

        def handle_any(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            url = urlsplit(self.path)
            asked = {key: values[0] for key, values in parse_qs(url.query).items()}
            status, answer = 401, {"code": "unauthorized", "message": "unauthorized access"}
            if self.headers.get("Authorization") == f"Token {TOKEN}":
                status, answer = state.answer(self.command, url.path, asked, body)
            text = b"" if status == 204 else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            self.wfile.flush()

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
