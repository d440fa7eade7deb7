"""Alert rules and contact points in Grafana's words, as its HTTP API and its files take them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cloud_sync.grafana.alerts import RULES, Rule
from cloud_sync.grafana.names import (
    ALERT_FOLDER,
    ALERT_FOLDER_TITLE,
    DATASOURCE,
    DATASOURCE_TYPE,
    OURS,
    OWNER,
    RECEIVER,
    board_uid,
)
from cloud_sync.grafana.shapes import Language

GROUP = "Gianh"
EVERY_S = 60
EXPRESSION = "__expr__"


class Channel(StrEnum):
    """By which ways people are told."""

    EMAIL = "email"
    WEBHOOK = "webhook"


SETTING = {Channel.EMAIL: "addresses", Channel.WEBHOOK: "url"}
ENVIRONMENT = {Channel.EMAIL: "GIANH_ALERT_EMAIL", Channel.WEBHOOK: "GIANH_ALERT_WEBHOOK"}
"""Where the address comes from: no file of ours holds one."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One way of telling people, and where to."""

    channel: Channel
    address: str


def rules(contacts: Sequence[Contact]) -> list[dict[str, Any]]:
    """All rules for the HTTP API; without contacts they go where Grafana sends what nobody claims."""
    return [_rule(rule, bool(contacts)) for rule in RULES]


def contact_points(contacts: Sequence[Contact]) -> list[dict[str, Any]]:
    """The contact points for the HTTP API: one name, several ways."""
    return [
        {
            "uid": f"{OURS}{one.channel.value}",
            "name": RECEIVER,
            "type": one.channel.value,
            "settings": {SETTING[one.channel]: one.address},
            "disableResolveMessage": False,
        }
        for one in contacts
    ]


def alerting_file(channels: Sequence[Channel]) -> dict[str, Any]:
    """Rules and contact points as a file of Grafana's provisioning.

    There a dollar sign is the environment's: ours are doubled, those of the addresses are not.
    """
    contacts = [Contact(channel, f"${ENVIRONMENT[channel]}") for channel in channels]
    group = {
        "orgId": 1,
        "name": GROUP,
        "folder": ALERT_FOLDER_TITLE,
        "interval": f"{EVERY_S}s",
        "rules": [_in_file(rule) for rule in rules(contacts)],
    }
    found: dict[str, Any] = {"apiVersion": 1, "groups": [group]}
    if contacts:
        receivers = [
            {"uid": one["uid"], "type": one["type"], "settings": one["settings"]}
            for one in contact_points(contacts)
        ]
        found["contactPoints"] = [{"orgId": 1, "name": RECEIVER, "receivers": receivers}]
    return found


def _rule(rule: Rule, has_contacts: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "uid": f"{OURS}{rule.slug}",
        "title": f"{rule.title.vi} · {rule.title.en}",
        "orgID": 1,
        "folderUID": ALERT_FOLDER,
        "ruleGroup": GROUP,
        "condition": "C",
        "data": [_query(rule), *_expressions(rule)],
        "for": rule.hold,
        "noDataState": rule.silence.value,
        "execErrState": "Error",
        "isPaused": False,
        "labels": dict((OWNER, ("severity", rule.severity))),
        "annotations": {
            "summary": f"{rule.text.vi}\n{rule.text.en}",
            "dashboard": f"/d/{board_uid(rule.board, Language.VI)}",
        },
    }
    return found | ({"notification_settings": {"receiver": RECEIVER}} if has_contacts else {})


def _query(rule: Rule) -> dict[str, Any]:
    model = {
        "refId": "A",
        "datasource": {"type": DATASOURCE_TYPE, "uid": DATASOURCE},
        "rawQuery": True,
        "query": rule.query,
        "resultFormat": "time_series",
        "intervalMs": 60_000,
        "maxDataPoints": 43_200,
    }
    window = {"from": rule.window_s, "to": 0}
    return {
        "refId": "A",
        "relativeTimeRange": window,
        "datasourceUid": DATASOURCE,
        "queryType": "",
        "model": model,
    }


def _expressions(rule: Rule) -> list[dict[str, Any]]:
    evaluator = {"type": rule.reads.value, "params": [rule.threshold]}
    models: list[dict[str, Any]] = [
        {
            "refId": "B",
            "type": "reduce",
            "expression": "A",
            "reducer": rule.reduced.value,
            "settings": {"mode": "dropNN"},
        },
        {"refId": "C", "type": "threshold", "expression": "B", "conditions": [{"evaluator": evaluator}]},
    ]
    return [
        {
            "refId": model["refId"],
            "relativeTimeRange": {"from": 0, "to": 0},
            "datasourceUid": EXPRESSION,
            "queryType": "",
            "model": model | {"datasource": {"type": EXPRESSION, "uid": EXPRESSION}},
        }
        for model in models
    ]


def _in_file(rule: Mapping[str, Any]) -> dict[str, Any]:
    """As in a file: the folder and group stand above the rules there."""
    left_out = ("orgID", "folderUID", "ruleGroup")
    found = escaped({key: value for key, value in rule.items() if key not in left_out})
    assert isinstance(found, dict)
    return found


def escaped(content: Any) -> Any:
    """With every dollar sign doubled, so that Grafana takes none for its environment's."""
    if isinstance(content, str):
        return content.replace("$", "$$")
    if isinstance(content, Mapping):
        return {key: escaped(value) for key, value in content.items()}
    return [escaped(one) for one in content] if isinstance(content, list) else content
