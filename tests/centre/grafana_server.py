"""A recorder of Grafana's HTTP API, stateful, as far as Gianh uses it.

Written from Grafana's public documentation of its HTTP API (12.x and 13.x): dashboards by uid with versions,
folders, data sources, alerting provisioning, organization preferences. No Grafana was run here: what the real
one adds to answers (ids, versions, provenance, filled-in defaults) or leaves out (secrets) is so here too.
"""

import copy
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
Answer = tuple[int, Any]

TOKEN = "glsa_test"
VERSION = "13.2.0"


@dataclass
class GrafanaState:
    """What this Grafana has; `log` is every request that changed something."""

    folders: dict[str, Json] = field(default_factory=dict)
    sources: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, Json] = field(default_factory=dict)
    dashboards: dict[str, list[Json]] = field(default_factory=dict)
    rules: dict[str, Json] = field(default_factory=dict)
    contacts: dict[str, Json] = field(default_factory=dict)
    preferences: Json = field(default_factory=lambda: {"theme": "dark", "weekStart": "monday"})
    log: list[str] = field(default_factory=list)
    fail_at: str = ""
    """A request that begins so is answered 500, once."""

    def dashboard(self, uid: str) -> Json:
        found: Json = self.dashboards[uid][-1]
        return found

    def edit(self, uid: str, **changes: Any) -> None:
        """As a person does in Grafana's own pages."""
        last = self.dashboard(uid)
        content = last["dashboard"] | changes
        self.dashboards[uid].append(last | {"dashboard": content, "message": ""})


class Refusal(Exception):
    def __init__(self, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.code, self.body = code, {"message": message, **more}


class Api:
    """The routes."""

    def __init__(self, state: GrafanaState, below: str = "") -> None:
        self.state, self.below = state, below
        self.routes: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", r"/api/frontend/settings", lambda **_: {"buildInfo": {"version": VERSION}}),
            ("GET", r"/api/folders/([^/]+)", self.get_folder),
            ("POST", r"/api/folders", self.post_folder),
            ("PUT", r"/api/folders/([^/]+)", self.put_folder),
            ("GET", r"/api/datasources/uid/([^/]+)", self.get_source),
            ("POST", r"/api/datasources", self.post_source),
            ("PUT", r"/api/datasources/uid/([^/]+)", self.put_source),
            ("GET", r"/api/dashboards/uid/([^/]+)", self.get_dashboard),
            ("GET", r"/api/dashboards/uid/([^/]+)/versions", self.get_versions),
            ("POST", r"/api/dashboards/db", self.post_dashboard),
            ("DELETE", r"/api/dashboards/uid/([^/]+)", self.delete_dashboard),
            ("GET", r"/api/search", self.search),
            ("GET", r"/api/v1/provisioning/alert-rules", lambda **_: list(self.state.rules.values())),
            ("POST", r"/api/v1/provisioning/alert-rules", self.post_rule),
            ("PUT", r"/api/v1/provisioning/alert-rules/([^/]+)", self.put_rule),
            ("DELETE", r"/api/v1/provisioning/alert-rules/([^/]+)", self.delete_rule),
            ("GET", r"/api/v1/provisioning/contact-points", lambda **_: list(self.state.contacts.values())),
            ("POST", r"/api/v1/provisioning/contact-points", self.post_contact),
            ("PUT", r"/api/v1/provisioning/contact-points/([^/]+)", self.put_contact),
            ("GET", r"/api/org/preferences", lambda **_: self.state.preferences),
            ("PATCH", r"/api/org/preferences", self.patch_preferences),
        ]

    def answer(self, method: str, url: str, body: Json, token: str) -> Answer:
        path, asked = urlsplit(url).path.removeprefix(self.below), parse_qs(urlsplit(url).query)
        if token != f"Bearer {TOKEN}" and path != "/api/frontend/settings":
            return 401, {"message": "Unauthorized"}
        if method != "GET":
            self.state.log.append(f"{method} {path}")
        if self.state.fail_at and f"{method} {path}".startswith(self.state.fail_at):
            self.state.fail_at = ""
            return 500, {"message": "Internal Server Error"}
        for verb, pattern, handler in self.routes:
            if verb == method and (found := re.fullmatch(pattern, path)):
                try:
                    result = handler(*found.groups(), body=copy.deepcopy(body), asked=asked)
                except Refusal as refusal:
                    return refusal.code, refusal.body
                return result if isinstance(result, tuple) else (200, result)
        return 404, {"message": f"Not found: {method} {path}"}

    def get_folder(self, uid: str, **_: Any) -> Json:
        if uid not in self.state.folders:
            raise Refusal(404, "folder not found", status="not-found")
        return self.state.folders[uid]

    def post_folder(self, body: Json, **_: Any) -> Json:
        if body["uid"] in self.state.folders:
            raise Refusal(412, "the folder has been changed by someone else")
        if body["title"] in {one["title"] for one in self.state.folders.values()}:
            raise Refusal(409, "a folder with the same name already exists in the current location")
        self.state.folders[body["uid"]] = {"uid": body["uid"], "title": body["title"], "version": 1}
        return self.state.folders[body["uid"]]

    def put_folder(self, uid: str, body: Json, **_: Any) -> Json:
        folder = self.get_folder(uid)
        if not body.get("overwrite") and body.get("version") != folder["version"]:
            raise Refusal(412, "the folder has been changed by someone else", status="version-mismatch")
        folder |= {"title": body["title"], "version": folder["version"] + 1}
        return folder

    def get_source(self, uid: str, **_: Any) -> Json:
        if uid not in self.state.sources:
            raise Refusal(404, "Data source not found")
        fields = dict.fromkeys(self.state.secrets.get(uid, {}), True)
        return self.state.sources[uid] | {"secureJsonFields": fields}

    def post_source(self, body: Json, **_: Any) -> Json:
        if body["name"] in {one["name"] for one in self.state.sources.values()}:
            raise Refusal(409, "data source with the same name already exists")
        defaults = {
            "readOnly": False,
            "version": 1,
            "basicAuth": False,
            "orgId": 1,
            "user": "",
            "database": "",
        }
        return self._keep_source(defaults | body)

    def put_source(self, uid: str, body: Json, **_: Any) -> Json:
        old = self.get_source(uid)
        if old["readOnly"]:
            raise Refusal(403, "Cannot update read-only data source")
        if body.get("version") not in (None, old["version"]):
            raise Refusal(
                409, "Datasource has already been updated by someone else. Please reload and try again"
            )
        body = {key: value for key, value in body.items() if key != "secureJsonFields"}
        return self._keep_source(old | body | {"version": old["version"] + 1})

    def _keep_source(self, body: Json) -> Json:
        secrets = body.pop("secureJsonData", None)
        body.pop("secureJsonFields", None)
        if secrets is not None:
            self.state.secrets[body["uid"]] = secrets
        self.state.sources[body["uid"]] = body
        return {"message": "Datasource saved", "datasource": body}

    def get_dashboard(self, uid: str, **_: Any) -> Json:
        if uid not in self.state.dashboards:
            raise Refusal(404, "Dashboard not found")
        last = self.state.dashboard(uid)
        meta = {"folderUid": last["folderUid"], "provisioned": last.get("provisioned", False)}
        version = len(self.state.dashboards[uid])
        # The real one brings old schemas forward on its own: what is read is not what was written.
        content = last["dashboard"] | {"id": 7, "version": version, "schemaVersion": 42}
        return {"dashboard": content, "meta": meta | {"version": version, "slug": uid}}

    def get_versions(self, uid: str, **_: Any) -> Json:
        self.get_dashboard(uid)
        versions = [
            {"version": at, "message": one["message"], "uid": uid}
            for at, one in enumerate(self.state.dashboards[uid], start=1)
        ]
        return {"continueToken": "", "versions": versions[::-1]}

    def post_dashboard(self, body: Json, **_: Any) -> Answer | Json:
        content, folder = body["dashboard"], body.get("folderUid", "")
        uid, known = content["uid"], self.state.dashboards.get(content["uid"], [])
        if folder and folder not in self.state.folders:
            raise Refusal(400, "folder not found")
        if known and known[-1].get("provisioned"):
            raise Refusal(400, "Cannot save provisioned dashboard")
        if known and not body.get("overwrite"):
            raise Refusal(412, "The dashboard has been changed by someone else", status="version-mismatch")
        entry = {"dashboard": content, "folderUid": folder, "message": body.get("message", "")}
        self.state.dashboards[uid] = [*known, entry]
        return {"uid": uid, "status": "success", "version": len(known) + 1, "url": f"/d/{uid}"}

    def delete_dashboard(self, uid: str, **_: Any) -> Json:
        self.get_dashboard(uid)
        del self.state.dashboards[uid]
        return {"message": f"Dashboard {uid} deleted"}

    def search(self, asked: dict[str, list[str]], **_: Any) -> list[Json]:
        tags = set(asked.get("tag", []))
        found = []
        for uid, versions in self.state.dashboards.items():
            content = versions[-1]["dashboard"]
            if tags <= set(content.get("tags", [])):
                folder = versions[-1]["folderUid"]
                found.append({"uid": uid, "title": content["title"], "type": "dash-db", "folderUid": folder})
        return found

    def post_rule(self, body: Json, **_: Any) -> Answer:
        if body["uid"] in self.state.rules:
            raise Refusal(409, "rule UID exists")
        return self._keep_rule(body, 201)

    def put_rule(self, uid: str, body: Json, **_: Any) -> Answer:
        if uid not in self.state.rules:
            raise Refusal(404, "alert rule not found")
        return self._keep_rule(body, 200)

    def _keep_rule(self, body: Json, status: int) -> Answer:
        if body["folderUID"] not in self.state.folders:
            raise Refusal(400, "folder does not exist")
        receiver = body.get("notification_settings", {}).get("receiver")
        if receiver and receiver not in {one["name"] for one in self.state.contacts.values()}:
            raise Refusal(400, f"invalid notification settings: receiver {receiver} does not exist")
        self.state.rules[body["uid"]] = body | {
            "id": 1,
            "provenance": "api",
            "updated": "2026-11-28T00:00:00Z",
        }
        return status, self.state.rules[body["uid"]]

    def delete_rule(self, uid: str, **_: Any) -> Answer:
        self.state.rules.pop(uid, None)
        return 204, None

    def post_contact(self, body: Json, **_: Any) -> Answer:
        if body["uid"] in self.state.contacts:
            raise Refusal(409, "receiver UID exists")
        self.state.contacts[body["uid"]] = body | {"provenance": "api"}
        return 202, body

    def put_contact(self, uid: str, body: Json, **_: Any) -> Answer:
        if uid not in self.state.contacts:
            raise Refusal(404, "contact point not found")
        self.state.contacts[uid] = body | {"provenance": "api"}
        return 202, {"message": "contactpoint updated"}

    def patch_preferences(self, body: Json, **_: Any) -> Json:
        self.state.preferences |= body
        return {"message": "Preferences updated"}


@contextmanager
def grafana(state: GrafanaState, below: str = "") -> Iterator[str]:
    """The recorder on a free port of loopback; gives its URL."""
    api = Api(state, below)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm, wbufsize = True, -1

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            status, answer = api.answer(self.command, self.path, body, self.headers.get("Authorization", ""))
            text = b"" if status == 204 else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            self.wfile.flush()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{below}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
