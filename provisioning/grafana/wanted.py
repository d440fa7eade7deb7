"""All that Grafana is to have of ours, and how what is there differs from it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cloud_sync.grafana.alert_json import Contact, contact_points, rules
from cloud_sync.grafana.as_json import dashboard, fingerprint
from cloud_sync.grafana.boards import HOME, all_boards
from cloud_sync.grafana.datasource import Influx, datasource
from cloud_sync.grafana.names import ALERT_FOLDER, ALERT_FOLDER_TITLE, board_uid, folder_title, folder_uid
from cloud_sync.grafana.shapes import Language, Town

Json = dict[str, Any]

MADE_BY = "Gianh"
"""How the message of a dashboard's version begins that we wrote; what follows is its fingerprint."""


class Act(StrEnum):
    """What is to be done about one thing."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LEAVE = "leave"


class Part(StrEnum):
    """What there is in Grafana of ours."""

    FOLDER = "folder"
    SOURCE = "data source"
    CONTACT = "contact point"
    DASHBOARD = "dashboard"
    RULE = "alert rule"
    HOME = "home dashboard"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs, and why; `content` is what it is to be, None where it is to go."""

    act: Act
    part: Part
    uid: str
    title: str
    why: str
    content: Json | None = None
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be there."""

    folders: Mapping[str, str]
    source: Json
    contacts: Sequence[Json]
    dashboards: Sequence[tuple[str, Json]]
    rules: Sequence[Json]
    home: str


def wanted(town: Town, influx: Influx, contacts: Sequence[Contact], home: Language = Language.VI) -> Wanted:
    """Everything for one town."""
    folders = {folder_uid(language): folder_title(language) for language in Language}
    boards = [
        (folder_uid(language), dashboard(board, language, town.timezone, town.console))
        for language in Language
        for board in all_boards(town)
    ]
    return Wanted(
        folders=folders | {ALERT_FOLDER: ALERT_FOLDER_TITLE},
        source=datasource(influx),
        contacts=contact_points(contacts),
        dashboards=boards,
        rules=rules(contacts),
        home=board_uid(HOME, home),
    )


def message(content: Json) -> str:
    """The message of the version that we write of a dashboard: it shows whether anybody changed it since."""
    return f"{MADE_BY} {fingerprint(content)}"


def differences(ours: Any, theirs: Any, at: str = "") -> Iterator[str]:
    """Where what is there is not what we want; what Grafana adds by itself does not count."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key, value in ours.items():
            yield from differences(value, theirs.get(key), f"{at}.{key}" if at else key)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (mine, his) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(mine, his, f"{at}[{number}]")
    elif ours != theirs and not (ours in (None, "", False) and theirs in (None, "", False)):
        yield at
