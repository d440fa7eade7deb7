"""Brings Grafana to what is wanted: looks, says what differs, then does it. Touches nothing but ours."""

from collections.abc import Iterator
from typing import Protocol

from cloud_sync.grafana.names import OURS, OWNER, TAG
from edge.core.errors import ConfigError
from provisioning.grafana.wanted import Act, Change, Json, Part, Wanted, differences, message


class Server(Protocol):
    """What is asked of Grafana."""

    def folder(self, uid: str) -> Json | None: ...  # noqa: D102
    def create_folder(self, uid: str, title: str) -> None: ...  # noqa: D102
    def rename_folder(self, uid: str, title: str) -> None: ...  # noqa: D102
    def source(self, uid: str) -> Json | None: ...  # noqa: D102
    def save_source(self, content: Json, is_new: bool) -> None: ...  # noqa: D102
    def dashboard(self, uid: str) -> Json | None: ...  # noqa: D102
    def last_message(self, uid: str) -> str: ...  # noqa: D102
    def save_dashboard(self, content: Json, folder: str, message: str) -> None: ...  # noqa: D102
    def delete_dashboard(self, uid: str) -> None: ...  # noqa: D102
    def dashboards(self, tag: str) -> list[Json]: ...  # noqa: D102
    def rules(self) -> list[Json]: ...  # noqa: D102
    def save_rule(self, content: Json, is_new: bool) -> None: ...  # noqa: D102
    def delete_rule(self, uid: str) -> None: ...  # noqa: D102
    def contacts(self) -> list[Json]: ...  # noqa: D102
    def save_contact(self, content: Json, is_new: bool) -> None: ...  # noqa: D102
    def home(self) -> str: ...  # noqa: D102
    def set_home(self, uid: str) -> None: ...  # noqa: D102


def plan(server: Server, want: Wanted, secrets_anew: bool = False) -> list[Change]:
    """What is to be done, in the order in which it can be; nothing is changed yet.

    Raises ConfigError where something that is not ours stands under one of our uids.
    """
    return [
        *_folders(server, want),
        *_source(server, want, secrets_anew),
        *_contacts(server, want),
        *_dashboards(server, want),
        *_rules(server, want),
        *_home(server, want),
    ]


def carry_out(server: Server, change: Change) -> None:
    """Do one of them; what was done before stays, and a second run does the rest."""
    is_new, content = change.act is Act.CREATE, change.content or {}
    match change.part, change.act:
        case _, Act.LEAVE:
            return
        case Part.FOLDER, Act.CREATE:
            server.create_folder(change.uid, change.title)
        case Part.FOLDER, _:
            server.rename_folder(change.uid, change.title)
        case Part.SOURCE, _:
            server.save_source(content, is_new)
        case Part.CONTACT, _:
            server.save_contact(content, is_new)
        case Part.DASHBOARD, Act.DELETE:
            server.delete_dashboard(change.uid)
        case Part.DASHBOARD, _:
            server.save_dashboard(content, change.folder, message(content))
        case Part.RULE, Act.DELETE:
            server.delete_rule(change.uid)
        case Part.RULE, _:
            server.save_rule(content, is_new)
        case Part.HOME, _:
            server.set_home(change.uid)


def _folders(server: Server, want: Wanted) -> Iterator[Change]:
    for uid, title in want.folders.items():
        found = server.folder(uid)
        if found is None:
            yield Change(Act.CREATE, Part.FOLDER, uid, title, "is not there")
        elif found.get("title") != title:
            yield Change(Act.UPDATE, Part.FOLDER, uid, title, f"is called {found.get('title')!r}")


def _source(server: Server, want: Wanted, secrets_anew: bool) -> Iterator[Change]:
    content = want.source
    uid, title = content["uid"], content["name"]
    found = server.source(uid)
    if found is None:
        yield Change(Act.CREATE, Part.SOURCE, uid, title, "is not there", content)
        return
    plain = {key: value for key, value in content.items() if key not in ("secureJsonData", "isDefault")}
    why = list(differences(plain, found))
    unset = [
        name for name in content.get("secureJsonData", {}) if not found.get("secureJsonFields", {}).get(name)
    ]
    why += unset
    if secrets_anew and not unset and "secureJsonData" in content:
        why.append("its secret is written anew")
    if why and found.get("readOnly"):
        raise ConfigError(_from_files(f"data source {title!r}"))
    if why:
        # Whether it is the default one, and what else people set there, stays theirs.
        kept = {"isDefault": found.get("isDefault", False), "version": found.get("version")}
        json_data = {**found.get("jsonData", {}), **content["jsonData"]}
        merged = content | kept | {"jsonData": json_data}
        yield Change(Act.UPDATE, Part.SOURCE, uid, title, _listed(why), merged)


def _contacts(server: Server, want: Wanted) -> Iterator[Change]:
    if not want.contacts:
        return
    there = {one["uid"]: one for one in server.contacts()}
    for content in want.contacts:
        uid, title = content["uid"], f"{content['name']} ({content['type']})"
        found = there.get(uid)
        if found is None:
            yield Change(Act.CREATE, Part.CONTACT, uid, title, "is not there", content)
        elif why := list(differences(content, found)):
            if found.get("provenance") == "file":
                raise ConfigError(_from_files(f"contact point {title}"))
            yield Change(Act.UPDATE, Part.CONTACT, uid, title, _listed(why), content)


def _dashboards(server: Server, want: Wanted) -> Iterator[Change]:
    for folder, content in want.dashboards:
        if (change := _dashboard(server, folder, content)) is not None:
            yield change
    wanted = {content["uid"] for _, content in want.dashboards}
    for found in server.dashboards(TAG):
        uid = str(found["uid"])
        if uid.startswith(OURS) and uid not in wanted and found.get("folderUid") in want.folders:
            yield Change(
                Act.DELETE, Part.DASHBOARD, uid, str(found.get("title", uid)), "is not built any more"
            )


def _dashboard(server: Server, folder: str, content: Json) -> Change | None:
    uid, title = content["uid"], content["title"]
    found = server.dashboard(uid)
    if found is None:
        return Change(Act.CREATE, Part.DASHBOARD, uid, title, "is not there", content, folder)
    meta = found.get("meta", {})
    if TAG not in found["dashboard"].get("tags", []):
        raise ConfigError(
            f"dashboard {uid} ({found['dashboard'].get('title')!r}) is not Gianh's, since it lacks the tag "
            f"{TAG!r}: give it another uid, or delete it"
        )
    if meta.get("provisioned"):
        raise ConfigError(_from_files(f"dashboard {title!r}"))
    if server.last_message(uid) != message(content):
        return Change(Act.UPDATE, Part.DASHBOARD, uid, title, "is another version", content, folder)
    if meta.get("folderUid") != folder:
        return Change(Act.UPDATE, Part.DASHBOARD, uid, title, "is in another folder", content, folder)
    return None


def _rules(server: Server, want: Wanted) -> Iterator[Change]:
    there = {one["uid"]: one for one in server.rules()}
    for content in want.rules:
        uid, title = content["uid"], content["title"]
        found = there.pop(uid, None)
        if found is None:
            yield Change(Act.CREATE, Part.RULE, uid, title, "is not there", content)
            continue
        _check_owner(found)
        if why := list(differences(content, found)):
            yield Change(Act.UPDATE, Part.RULE, uid, title, _listed(why), content)
    for uid, found in there.items():
        if uid.startswith(OURS) and found.get("labels", {}).get(OWNER[0]) == OWNER[1]:
            yield Change(Act.DELETE, Part.RULE, uid, str(found.get("title", uid)), "is not built any more")


def _check_owner(rule: Json) -> None:
    if rule.get("provenance") == "file":
        raise ConfigError(_from_files(f"alert rule {rule.get('title')!r}"))
    if rule.get("labels", {}).get(OWNER[0]) != OWNER[1]:
        raise ConfigError(
            f"alert rule {rule['uid']} ({rule.get('title')!r}) is not Gianh's, since it lacks the label "
            f"{OWNER[0]}={OWNER[1]}: give it another uid, or delete it"
        )


def _home(server: Server, want: Wanted) -> Iterator[Change]:
    found = server.home()
    if not found:
        yield Change(Act.UPDATE, Part.HOME, want.home, want.home, "there is none")
    elif found != want.home:
        ours = found.startswith(OURS)
        why = f"{found} is" if ours else f"somebody chose {found}"
        yield Change(Act.UPDATE if ours else Act.LEAVE, Part.HOME, want.home, want.home, why)


def _from_files(what: str) -> str:
    return (
        f"{what} comes from files that Grafana reads: bring them up to date with `gianh grafana build`, "
        "or take them away first"
    )


def _listed(why: list[str]) -> str:
    return "differs in " + ", ".join(why[:3]) + (f" and {len(why) - 3} more" if len(why) > 3 else "")
