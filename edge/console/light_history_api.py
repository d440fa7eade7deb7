"""The API of a target's history: who set what, when, from where, and what became of it; plans too."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query
from pydantic import BaseModel

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.models import SentenceOut, sentences_out
from edge.console.panels.audit_api import Filter, moment_of, who_of
from edge.core.errors import ConfigError
from edge.core.times import rfc3339_ms
from edge.lighting.chain import entries_back
from edge.lighting.history import Entry, about, concerned
from edge.lighting.targets import Targets
from edge.runtime.gateway import Gateway

SHOWN = ("id", "target", "state", "reason", "level", "for_s", "forever", "emergency", "confirmed", "before",
         "after", "then", "lamps", "names", "why", "what", "said", "severity", "alarm", "note", "verb",
         "relay", "point")  # fmt: skip

Target = Annotated[str, Path(max_length=32)]


class LightEntry(BaseModel):
    """One entry of the audit log. `at` is null while the clock was not set.

    `by` is who did it, empty where the gateway itself did, and `source` by which way: console, mqtt, local.
    `until` is when a command ends, null where it does not; `words` are the other fields of this kind, and
    `reasons`, `changes` have `reason` and `what` of these in both languages.
    """

    number: int
    at: str | None
    kind: str
    by: str
    source: str
    until: str | None
    words: dict[str, str | float | bool | None]
    reasons: list[SentenceOut] = []
    changes: list[SentenceOut] = []


class LightHistoryOut(BaseModel):
    """Entries, the newest first; `before` goes into the next question, null where the log begins."""

    entries: list[LightEntry]
    before: int | None


def add_light_history(app: FastAPI, gateway: Gateway) -> None:
    """Add the route. Files are read by the store's thread, between two commits."""

    @app.get("/api/v1/light-history/{target}", tags=["light"], dependencies=needs(Permission.HISTORY))
    async def history(
        target: Target,
        since: Filter = "",
        until: Filter = "",
        people: bool = False,
        before: int = Query(2**53, ge=1, le=2**53),
        limit: int = Query(100, ge=1, le=500),
    ) -> LightHistoryOut:
        """What concerns a lamp, group, segment or the gateway; `people` leaves out what nobody commanded."""
        names = _names(gateway, target)
        since_ns, until_ns = moment_of(since), moment_of(until)
        found: list[LightHistoryOut] = []

        def look() -> None:
            entries = about(entries_back(gateway.config.gateway.data_dir), names, None)
            wanted = (
                one
                for one in entries
                if (not people or who_of(one)) and _is_within(one.get("at_ns"), since_ns, until_ns)
            )
            found.append(page_of(wanted, before, limit))

        await gateway.store.aside(look)
        return found[0]


def page_of(entries: Iterator[Entry], before: int, limit: int) -> LightHistoryOut:
    """The newest entries below a number."""
    shown: list[LightEntry] = []
    for entry in entries:
        if entry["number"] >= before:
            continue
        if len(shown) >= limit:
            return LightHistoryOut(entries=shown, before=shown[-1].number)
        shown.append(entry_out(entry))
    return LightHistoryOut(entries=shown, before=None)


def entry_out(entry: Entry) -> LightEntry:
    """An entry as the API says it."""
    words = {name: entry[name] for name in SHOWN if entry.get(name) not in (None, "", False)}
    return LightEntry(
        number=entry["number"],
        at=_when(entry.get("at_ns")),
        kind=str(entry["kind"]),
        by=who_of(entry),
        source=str(entry.get("source", "")),
        until=_when(entry.get("until_ns")),
        reasons=sentences_out(str(entry.get("reason") or "")),
        changes=sentences_out(str(entry.get("what") or "")),
        words={name: one if isinstance(one, str | int | float) else str(one) for name, one in words.items()},
    )


def _names(gateway: Gateway, target: str) -> frozenset[str] | None:
    """All whose entries tell of the target; None for the gateway, of which all tell."""
    config, board = gateway.config, gateway.rooms.lights
    if target == config.gateway.id:
        return None
    states = board.states() if board is not None else []
    targets = Targets(config, [state.target for state in states])
    if board is not None:
        groups = {group.id for group in config.group}
        for name, lamps in board.targets.members().items():
            if name in groups:
                targets.set_members(name, lamps)
    try:
        return concerned(config, targets, target)
    except ConfigError as error:
        raise HTTPException(404, str(error)) from error


def _is_within(at_ns: object, since_ns: int | None, until_ns: int | None) -> bool:
    if since_ns is None and until_ns is None:
        return True
    return isinstance(at_ns, int) and (since_ns or 0) <= at_ns < (until_ns or 2**63)


def _when(at_ns: object) -> str | None:
    return rfc3339_ms(at_ns) if isinstance(at_ns, int) else None
