"""Grafana's HTTP API: the only module that knows grafana-client. Its errors become ours, in words."""

from collections.abc import Callable
from typing import Any, Self, TypeVar

from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaClientError, GrafanaException
from grafana_client.model import PersonalPreferences

from edge.core.errors import ConfigError, TransientError
from provisioning.grafana.wanted import Json

TIMEOUT_S = 15.0
ABSENT, UNAUTHORIZED, FORBIDDEN, CONFLICT, PRECONDITION = 404, 401, 403, 409, 412
DASHBOARDS_MAX = 5000

T = TypeVar("T")


class Grafana:
    """One Grafana; `credential` is a service account's token, or user and password."""

    def __init__(self, url: str, credential: str | tuple[str, str] | None) -> None:
        self.url = url.rstrip("/")
        # grafana-client joins a path and its own "api" without a slash between them.
        self._has_credential = bool(credential)
        self._api = GrafanaApi.from_url(f"{self.url}/", credential, TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.client.s.close()

    def version(self) -> str:
        """The server's version; raises where there is none."""
        return str(self._ask("its health", self._api.health.check).get("version", "unknown"))

    def folder(self, uid: str) -> Json | None:
        """A folder, None where there is none."""
        return self._find(f"folder {uid}", lambda: self._api.folder.get_folder(uid))

    def create_folder(self, uid: str, title: str) -> None:
        """Make a folder."""
        self._ask(f"folder {title!r}", lambda: self._api.folder.create_folder(title, uid))

    def rename_folder(self, uid: str, title: str) -> None:
        """Give a folder its title back."""
        self._ask(f"folder {title!r}", lambda: self._api.folder.update_folder(uid, title, overwrite=True))

    def source(self, uid: str) -> Json | None:
        """A data source, without its secrets."""
        return self._find(f"data source {uid}", lambda: self._api.datasource.get_datasource_by_uid(uid))

    def save_source(self, content: Json, is_new: bool) -> None:
        """Make or change a data source."""
        api = self._api.datasource
        self._ask(
            f"data source {content['name']!r}",
            lambda: (
                api.create_datasource(content)
                if is_new
                else api.update_datasource_by_uid(content["uid"], content)
            ),
        )

    def dashboard(self, uid: str) -> Json | None:
        """A dashboard with its `meta`."""
        return self._find(f"dashboard {uid}", lambda: self._api.dashboard.get_dashboard(uid))

    def last_message(self, uid: str) -> str:
        """What was said of the newest version of a dashboard."""
        api = self._api.dashboard_versions
        found = self._ask(f"versions of {uid}", lambda: api.get_dashboard_versions_by_uid(uid))
        versions: list[Json] = found.get("versions", []) if isinstance(found, dict) else found
        newest = max(versions, key=lambda one: int(one["version"]), default=None)
        return "" if newest is None else str(newest.get("message", ""))

    def save_dashboard(self, content: Json, folder: str, message: str) -> None:
        """Write a dashboard over whatever version is there."""
        body = {"dashboard": content, "folderUid": folder, "message": message, "overwrite": True}
        self._ask(f"dashboard {content['title']!r}", lambda: self._api.dashboard.update_dashboard(body))

    def delete_dashboard(self, uid: str) -> None:
        """Take a dashboard away."""
        self._ask(f"dashboard {uid}", lambda: self._api.dashboard.delete_dashboard(uid))

    def dashboards(self, tag: str) -> list[Json]:
        """All dashboards with a tag: uid, title, folderUid."""
        search = self._api.search.search_dashboards
        found: list[Json] = self._ask(
            "its dashboards", lambda: search(tag=tag, type_="dash-db", limit=DASHBOARDS_MAX)
        )
        return found

    def rules(self) -> list[Json]:
        """All alert rules."""
        found: list[Json] = self._ask("its alert rules", self._api.alertingprovisioning.get_alertrules_all)
        return found

    def save_rule(self, content: Json, is_new: bool) -> None:
        """Make or change an alert rule."""
        api = self._api.alertingprovisioning
        self._ask(
            f"alert rule {content['title']!r}",
            lambda: (
                api.create_alertrule(content) if is_new else api.update_alertrule(content["uid"], content)
            ),
        )

    def delete_rule(self, uid: str) -> None:
        """Take an alert rule away."""
        self._ask(f"alert rule {uid}", lambda: self._api.alertingprovisioning.delete_alertrule(uid))

    def contacts(self) -> list[Json]:
        """All contact points."""
        found: list[Json] = self._ask("its contact points", self._api.alertingprovisioning.get_contactpoints)
        return found

    def save_contact(self, content: Json, is_new: bool) -> None:
        """Make or change a contact point."""
        api = self._api.alertingprovisioning
        self._ask(
            f"contact point {content['uid']}",
            lambda: (
                api.create_contactpoint(content)
                if is_new
                else api.update_contactpoint(content["uid"], content)
            ),
        )

    def home(self) -> str:
        """The uid of the organization's home dashboard, empty where there is none."""
        found = self._ask("its preferences", self._api.organization.get_preferences)
        return str(found.get("homeDashboardUID") or "")

    def set_home(self, uid: str) -> None:
        """Have everybody see this dashboard first, and change no other preference."""
        preferences = PersonalPreferences(homeDashboardUID=uid)
        self._ask("its home dashboard", lambda: self._api.organization.patch_preferences(preferences))

    def _find(self, what: str, call: Callable[[], Any]) -> Json | None:
        try:
            found: Json = self._ask(what, call)
            return found
        except _Absent:
            return None

    def _ask(self, what: str, call: Callable[[], T]) -> T:
        try:
            return call()
        except GrafanaClientError as error:
            raise self._refusal(what, error) from error
        except (GrafanaException, OSError) as error:
            said = f"Grafana at {self.url} did not give {what} ({_reason(error)})"
            raise TransientError(f"{said}: is it running, and the URL right?") from error

    def _refusal(self, what: str, error: GrafanaClientError) -> ConfigError:
        said = error.message if isinstance(error.message, str) else str(error)
        if error.status_code == ABSENT:
            return _Absent(f"Grafana at {self.url} has no {what}")
        if error.status_code == UNAUTHORIZED:
            wanted = "make a new one" if self._has_credential else "give one with --token-file"
            return ConfigError(f"Grafana at {self.url} does not know this token or password: {wanted}")
        if error.status_code == FORBIDDEN:
            return ConfigError(
                f"Grafana at {self.url} does not allow {what}: the service account needs the role Admin"
            )
        if error.status_code in (CONFLICT, PRECONDITION):
            return ConfigError(
                f"Grafana at {self.url} has something else called like {what}: rename that first ({said})"
            )
        return ConfigError(f"Grafana at {self.url} refused {what}: {said}")


def _reason(error: BaseException) -> str:
    """What the innermost error says: the outer ones name libraries."""
    while error.__context__ is not None:
        error = error.__context__
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


class _Absent(ConfigError):
    """There is no such thing."""
