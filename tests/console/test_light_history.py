"""The history of a target over the API: page by page, of a span, and only for those whom it concerns."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from edge.console.access.roles import Role
from edge.console.light_history_api import add_light_history
from edge.lighting.chain import NAME, START, line_of
from edge.runtime.gateway import Gateway
from edge.wiring.plan import Planning
from tests.console.asking import Browser, Console, console
from tests.console.test_plan import text

HOUR_NS = 3_600_000_000_000
T0 = 1_795_824_000_000_000_000
"""2026-11-28T00:00:00Z."""

ENTRIES: list[dict[str, Any]] = [
    {"kind": "command", "id": "c1", "target": "street", "by": "hoa", "source": "console", "level": 40.0,
     "for_s": 7200.0, "before": "100", "lamps": 6, "names": "lamp-0,lamp-1"},
    {"kind": "outcome", "id": "c1", "target": "street", "by": "hoa", "source": "console", "state": "failed",
     "reason": "5 of 6 lamps verified", "after": "40"},
    {"kind": "plan", "level": 60.0, "source": "program", "why": "22:00", "lamps": 12, "names": ""},
    {"kind": "command", "id": "c2", "target": "lamp-9", "by": "minh", "source": "mqtt", "level": 10.0},
    {"kind": "expired", "target": "street", "level": 40.0, "by": "hoa", "until_ns": T0 + 4 * HOUR_NS},
    {"kind": "access", "user": "hoa", "did": "login"},
]  # fmt: skip


def routes(gateway: Gateway, _plan: Planning, app: FastAPI) -> None:
    add_light_history(app, gateway)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Console]:
    (tmp_path / "gateway.toml").write_text(text(tmp_path / "data"), "utf-8")
    async with console(tmp_path, only=routes) as made:
        await made.gateway.reload()
        for user, role in (("hoa", Role.OPERATOR), ("xem", Role.VIEWER)):
            await made.accounts.add(user, user.title(), role, "test")
        head, lines = START, b""
        for nth, entry in enumerate(ENTRIES):
            line, head = line_of(head, {**entry, "at_ns": T0 + nth * HOUR_NS})
            lines += line
        (tmp_path / "data" / NAME).write_bytes(lines)
        yield made


async def asked(browser: Browser, target: str, query: str = "") -> Any:
    answer = await browser.ask("GET", f"/api/v1/light-history/{target}?{query}")
    assert answer.status == 200, answer.text
    return answer.json


async def test_a_target_has_what_was_done_to_it_and_to_what_covers_it(here: Console) -> None:
    hoa = here.inside("hoa")
    street = await asked(hoa, "street")
    assert [one["kind"] for one in street["entries"]] == ["expired", "plan", "outcome", "command"]
    first = street["entries"][-1]
    assert (first["by"], first["source"], first["words"]["level"]) == ("hoa", "console", 40.0)
    assert street["entries"][0]["until"] == "2026-11-28T04:00:00.000Z"
    assert [one["number"] for one in (await asked(hoa, "lamp-9"))["entries"]] == [4, 3]
    assert [one["number"] for one in (await asked(hoa, "gw-a"))["entries"]] == [5, 4, 3, 2, 1]


async def test_pages_follow_each_other_and_spans_and_people_narrow_them(here: Console) -> None:
    hoa = here.inside("hoa")
    first = await asked(hoa, "street", "limit=2")
    rest = await asked(hoa, "street", f"limit=2&before={first['before']}")
    assert [one["number"] for page in (first, rest) for one in page["entries"]] == [5, 3, 2, 1]
    assert rest["before"] is None
    span = await asked(hoa, "street", "since=2026-11-28T01:00:00Z&until=2026-11-28T03:00:00Z")
    assert [one["number"] for one in span["entries"]] == [3, 2]
    assert [one["number"] for one in (await asked(hoa, "street", "people=true"))["entries"]] == [5, 2, 1]


async def test_it_is_not_for_guests_and_names_what_there_is(here: Console) -> None:
    assert (await here.inside("xem").ask("GET", "/api/v1/light-history/street")).status == 403
    answer = await here.inside("hoa").ask("GET", "/api/v1/light-history/moon")
    assert (answer.status, "street" in answer.text) == (404, True)
    assert (await here.inside("hoa").ask("GET", "/api/v1/light-history/street?since=soon")).status == 422
