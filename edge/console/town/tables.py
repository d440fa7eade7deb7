"""The picture as tables: a list of columns and rows of values, small enough for 20,000 lamps. Pure.

A page keeps one record for each `id` and sets in it the columns that a table has: the whole and what
changed are told in the same way.
"""

import json
from collections.abc import Iterable, Mapping

from edge.console.models import sentences_out
from edge.console.town.picture import Link, SeenEvent
from edge.console.town.things import GatewayRow, Target, Thing
from edge.core.alarms import Alarm
from edge.core.places import commune_name
from edge.core.times import rfc3339_ms

Cell = object
Row = list[Cell]

FIXED = ("class", "profile", "title", "lat", "lon", "commune", "site", "street", "pole", "groups")
STATE = (
    "online", "silent_since", "last_at", "level", "source", "until", "verified", "light_at", "alarm",
    "values",
)  # fmt: skip
TARGETS = (
    "id", "gateway", "kind", "title", "level", "lowest", "highest", "source", "until", "verified", "light_at",
    "lamps", "failed",
)  # fmt: skip
GATEWAYS = (
    "id", "title", "state", "since", "version", "lat", "lon", "commune", "site", "malformed",
)  # fmt: skip
ALARMS = (
    "id", "gateway", "device", "kind", "severity", "text", "said", "value", "at", "acknowledged",
    "silenced_until",
)  # fmt: skip

MAIN_OF_LAMPS = ("level", "active_power", "lamp_failure")
"""What of a lamp's values a first page needs; of everything else it gets all."""


def table(columns: Iterable[str], rows: list[Row]) -> dict[str, object]:
    """A table as JSON has it."""
    return {"columns": list(columns), "rows": rows}


def whole_columns() -> tuple[str, ...]:
    """The columns of `whole_row`."""
    return ("id", *FIXED, *STATE)


def state_columns() -> tuple[str, ...]:
    """The columns of `state_row`."""
    return ("id", *STATE)


def whole_row(thing: Thing) -> Row:
    """Everything that a first page needs of a thing."""
    place = thing.place
    return [
        thing.id, thing.classed, thing.profile, thing.title, place.latitude, place.longitude,
        commune_name(place.commune),
        place.site, place.street, place.pole, list(thing.groups), *_state(thing),
    ]  # fmt: skip


def whole_text(thing: Thing) -> str:
    """`whole_row` as JSON, written once for as long as the thing stays as it is."""
    if not thing.told:
        thing.told = json.dumps(whole_row(thing), ensure_ascii=False, separators=(",", ":"))
    return thing.told


def state_row(thing: Thing) -> Row:
    """What of a thing can change."""
    return [thing.id, *_state(thing)]


def target_row(target: Target) -> Row:
    """A target with what its lamps are to have together."""
    light = target.light
    head: Row = [target.id, target.gateway.id, target.kind, target.title]
    if light is None:
        return [*head, None, None, None, None, None, None, None, 0, 0]
    return [
        *head, light.level, light.lowest, light.highest, light.source, when(light.until_ns), light.verified,
        when(light.at_ns), light.lamps, light.failed,
    ]  # fmt: skip


def link_out(link: Link) -> dict[str, object]:
    """Whether gateways are heard of at all: `trouble` is why not, `since` since when it is so."""
    return {"trouble": link.trouble, "said": said_out(link.trouble), "since": when(link.since_ns)}


def gateway_row(row: GatewayRow) -> Row:
    """A gateway."""
    place = row.place
    return [
        row.id, row.title, row.presence.value, when(row.since_ns), row.version, place.latitude,
        place.longitude, commune_name(place.commune), place.site, row.malformed,
    ]  # fmt: skip


def alarm_row(name: str, alarm: Alarm, silences: Mapping[str, int]) -> Row:
    """An alarm that stands."""
    said = alarm.acknowledged
    seen = None if said is None else {"by": said.by, "note": said.note, "at": when(said.at_ns)}
    return [
        name, name.partition("/")[0], alarm.device, alarm.kind.value, alarm.severity.value, alarm.text,
        said_out(alarm.text), alarm.value, when(alarm.at_ns), seen, when(silences.get(name)),
    ]  # fmt: skip


def said_out(text: str) -> list[dict[str, object]]:
    """The sentences of a text, as SentenceOut has them."""
    return [one.model_dump() for one in sentences_out(text)]


def event_out(event: SeenEvent) -> dict[str, object]:
    """An event as pages get it."""
    row = event.row
    return {
        "gateway": event.gateway,
        "at": when(row.at_ns),
        "kind": row.kind.value,
        "subject": row.subject,
        "severity": row.severity.value,
        "text": row.text,
        "said": said_out(row.text),
        "fields": {name: value for name, value in row.fields if name != "confirm"},
    }


def when(utc_ns: int | None) -> str | None:
    """A time as pages get it."""
    return None if utc_ns is None else rfc3339_ms(utc_ns)


def main_values(thing: Thing) -> dict[str, float]:
    """What a first page shows of a thing's values."""
    values = thing.values
    if thing.classed != "lamp":
        return {name: round(value, 4) for name, value in values.items()}
    return {name: round(values[name], 2) for name in MAIN_OF_LAMPS if name in values}


def _state(thing: Thing) -> Row:
    light = thing.light
    head: Row = [thing.answers, when(thing.silent_since_ns), when(thing.last_ns)]
    tail: Row = [thing.alarm, main_values(thing)]
    if light is None:
        return [*head, None, None, None, None, None, *tail]
    lit: Row = [light.level, light.source, when(light.until_ns), light.verified, when(light.at_ns)]
    return [*head, *lit, *tail]
