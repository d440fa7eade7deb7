"""The town's routes on a gateway: the whole, live data, orders and alarms, as a browser asks them."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from edge.console.access.roles import Role
from edge.console.town.hub import Hub, Viewer
from edge.console.town.orders import Orders
from edge.console.town.picture import Picture
from edge.console.town.things import NOWHERE, Light, Mode, Place, Presence, TargetInfo, ThingInfo, words_of
from edge.core.alarms import Alarm, AlarmKind
from edge.core.model import CommandState, Outcome, Severity
from tests.console.asking import Clock, Console, console


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Console]:
    async with console(tmp_path) as made:
        for role in (Role.VIEWER, Role.OPERATOR):
            await made.person(role.value, role)
        yield made


class Still:
    """A sight of a picture that a test paints."""

    def __init__(self) -> None:
        self.picture = Picture(Mode.CENTRE)
        self.kept: dict[str, str] = {}

    def refresh(self) -> None:
        pass

    def remember(self, key: str, value: str) -> None:
        self.kept[key] = value

    def recall(self, key: str) -> str | None:
        return self.kept.get(key)


def lamp(device: str, **place: Any) -> ThingInfo:
    return ThingInfo(device, "dali-lamp", "lamp", f"Đèn {device}", Place(**place), words_of(["level"]))


def rows(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row[0]: dict(zip(table["columns"], row, strict=True)) for row in table["rows"]}


def told(body: bytes) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in body.decode().strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((fields["event"], json.loads(fields["data"])))
    return found


def hub_of(sight: Still) -> tuple[Hub, Orders]:
    orders = Orders()
    return Hub(sight, orders, {}, Clock()), orders  # type: ignore[arg-type]


async def test_the_whole_is_the_same_plain_and_compressed_and_names_the_gateway(here: Console) -> None:
    browser = here.inside("viewer")
    plain = (await browser.ask("GET", "/api/v1/town")).json
    packed = await browser.ask("GET", "/api/v1/town", headers={"accept-encoding": "gzip"})
    assert json.loads(gzip.decompress(packed.body)) == plain
    assert plain["mode"] == "gateway"
    gateway = rows(plain["gateways"])["gw-a"]
    assert (gateway["state"], gateway["lat"], gateway["lon"]) == ("online", 17.7, 106.4)


async def test_an_order_answers_at_once_and_tells_what_became_of_it_by_target(here: Console) -> None:
    browser = here.inside("operator")
    asked = {"targets": ["gw-a/nobody", "gw-a/gw-a"], "level": 40, "for_s": 600}
    answer = await browser.ask("POST", "/api/v1/town/light", asked)
    assert (answer.status, answer.json["by"]) == (202, "operator")
    await asyncio.gather(*here.gateway._desk._open)
    order = (await browser.ask("GET", f"/api/v1/town/commands/{answer.json['id']}")).json
    assert order["ended"]
    states = {one["target"]: one for one in order["targets"]}
    assert states["gw-a/nobody"]["state"] == "failed"
    assert "nobody" in states["gw-a/nobody"]["reason"]
    event = (await browser.ask("GET", "/api/v1/town/events")).json["events"][0]
    assert (event["kind"], event["fields"]["by"]) == ("command", "operator")


@pytest.mark.parametrize(
    "asked",
    [
        {"targets": [], "level": 40},
        {"targets": ["gw-a/x"]},
        {"targets": ["gw-a/x"], "level": 40, "release": True},
        {"targets": ["gw-a/x"], "level": 101},
        {"targets": ["no-gateway"], "level": 40},
        {"targets": ["gw-a/x"], "level": 40, "for_s": 60, "forever": True},
        {"targets": ["gw-a/x"], "level": 40, "brightness": 40},
    ],
)
async def test_nonsense_is_refused_before_any_gateway_hears_of_it(here: Console, asked: Any) -> None:
    browser = here.inside("operator")
    assert (await browser.ask("POST", "/api/v1/town/light", asked)).status == 422
    assert (await browser.ask("GET", "/api/v1/town/commands")).json == []


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday&to=2026-01-01T00:00:00Z",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&step=1",
        "from=2020-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&step=86400",
    ],
)
def test_a_series_of_nonsense_is_refused_in_words(query: str) -> None:
    from fastapi import HTTPException

    from edge.console.town.api import _span

    given = dict(part.split("=") for part in query.split("&"))
    with pytest.raises(HTTPException) as refused:
        _span(given["from"], given["to"], int(given.get("step", 300)))
    assert refused.value.status_code == 422


async def test_what_changes_is_told_once_and_a_browser_that_returns_gets_what_it_missed() -> None:
    sight = Still()
    hub, _ = hub_of(sight)
    picture = sight.picture
    picture.describe("gw-1", lamp("lamp-1", latitude=17.75, longitude=106.42))
    stream = hub.stream("an", "")
    assert told(await anext(stream))[0][0] == "hello"
    hub.tell()
    ((kind, batch),) = told(await anext(stream))
    assert kind == "change"
    assert rows(batch["things"][0])["gw-1/lamp-1"]["lat"] == 17.75
    mark = hub.mark
    picture.see_light("gw-1", "lamp-1", Light(40.0, "override", None, False, None))
    hub.tell()
    await stream.aclose()
    again = hub.stream("an", mark)
    await anext(again)
    ((_, missed),) = told(await anext(again))
    assert rows(missed["things"][0])["gw-1/lamp-1"]["level"] == 40.0
    await again.aclose()
    assert hub.viewers == 0


@pytest.mark.parametrize("mark", ["nonsense", "0.5", "{epoch}.99", "{epoch}.-1", "{epoch}." + "9" * 40])
async def test_a_browser_with_an_unknown_mark_is_told_to_ask_anew(mark: str) -> None:
    hub, _ = hub_of(Still())
    stream = hub.stream("an", mark.format(epoch=hub.epoch))
    await anext(stream)
    assert [kind for kind, _ in told(await anext(stream))] == ["reset"]
    await stream.aclose()


def test_a_slow_browser_is_told_to_ask_anew_and_keeps_no_memory() -> None:
    viewer = Viewer("an")
    for _ in range(50):
        viewer.put(b"x" * 1_000_000, b"reset")
    assert viewer.bytes < 4_000_001
    assert viewer.take().startswith(b"reset")


async def test_the_token_of_a_second_word_is_for_who_asked_alone() -> None:
    hub, orders = hub_of(Still())
    mine, others = hub.stream("an", ""), hub.stream("binh", "")
    await anext(mine), await anext(others)
    order = orders.open("light", "an", 0, (("level", 0),), ["gw-1/gw-1"])
    refused = Outcome(
        order.id, CommandState.FAILED, "repeat it with confirm 9f3a1c", (("confirm", "9f3a1c"),)
    )
    orders.report(order, "gw-1/gw-1", refused)
    hub.tell()
    seen, heard = await anext(others), await anext(mine)
    assert b"9f3a1c" not in seen
    assert told(seen)[0][1]["commands"][0]["targets"][0]["confirm"] is True
    assert dict(told(heard))["outcome"]["targets"][0]["confirm"] == "9f3a1c"
    await mine.aclose(), await others.aclose()


def test_outcomes_out_of_turn_change_nothing() -> None:
    orders = Orders()
    order = orders.open("light", "an", 0, (), ["gw-1/a"])
    for state in (CommandState.APPLIED, CommandState.ACCEPTED, CommandState.VERIFIED, CommandState.FAILED):
        orders.report(order, "gw-1/a", Outcome("x", state))
    assert order.targets["gw-1/a"].state is CommandState.VERIFIED
    assert order.ended


def test_a_gateway_that_is_away_makes_its_things_silent_with_since_when() -> None:
    picture = Picture(Mode.CENTRE)
    picture.see_presence("gw-1", Presence.ONLINE, 1, "1")
    picture.see_state("gw-1", "lamp-1", True, 5, {"level": 40.0}, {})
    picture.take_changes()
    picture.see_presence("gw-1", Presence.OFFLINE, 9, "1")
    thing = picture.things["gw-1/lamp-1"]
    assert (thing.answers, thing.silent_since_ns) == (False, 9)
    assert thing in picture.take_changes().things
    picture.see_presence("gw-1", Presence.ONLINE, 11, "1")
    assert (thing.answers, thing.silent_since_ns) == (True, None)


def test_a_thing_shows_its_worst_alarm_and_its_groups() -> None:
    picture = Picture(Mode.CENTRE)
    for kind, severity in ((AlarmKind.CYCLING, Severity.WARNING), (AlarmKind.LAMP_FAILURE, Severity.ALARM)):
        alarm = Alarm(kind.value, kind, "lamp-1", severity, "", None)
        picture.see_alarm("gw-1", alarm.id, alarm)
    picture.describe("gw-1", lamp("lamp-1"))
    thing = picture.things["gw-1/lamp-1"]
    assert thing.alarm == "alarm"
    picture.see_alarm("gw-1", "lamp_failure", None)
    assert thing.alarm == "warning"
    street = TargetInfo("street", "group", "Phố", ("lamp-1",))
    picture.describe_gateway("gw-1", "", NOWHERE, [street])
    assert thing.groups == ("street",)
    picture.describe_gateway("gw-1", "", NOWHERE, [])
    assert thing.groups == ()
    assert "gw-1/street" in picture.take_changes().gone_targets


def test_a_group_without_lamps_for_a_while_keeps_its_name_until_its_gateway_no_longer_has_it() -> None:
    picture = Picture(Mode.GATEWAY)
    picture.describe_gateway("gw-1", "", NOWHERE, [TargetInfo("street", "group", "Phố", ("lamp-1",))])
    shines = Light(40.0, "program", None, True, None, lamps=1)
    picture.see_light("gw-1", "street", shines)
    picture.take_changes()
    picture.see_light("gw-1", "street", None)
    street = picture.targets["gw-1/street"]
    assert (street.title, street.light) == ("Phố", None)
    assert street in picture.take_changes().targets
    picture.see_light("gw-1", "street", shines)
    assert (street.title, street.light) == ("Phố", shines)
    picture.describe_gateway("gw-1", "", NOWHERE, [])
    assert "gw-1/street" not in picture.targets


async def test_a_silence_needs_a_standing_alarm(here: Console) -> None:
    operator = here.inside("operator")
    answer = await operator.ask("PUT", "/api/v1/town/alarms/gw-a/nothing/silence", {"for_s": 60})
    assert answer.status == 404
