"""Energy by nights over the API: spans, what is missing, and a table for a spreadsheet."""

import csv
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI

from edge.console.access.roles import Role
from edge.console.light_energy_api import add_light_energy
from edge.core.clock import SystemClock
from edge.core.lighting import LampNight, NightRecord
from edge.lighting.night_book import NightBook
from edge.runtime.gateway import Gateway
from edge.wiring.plan import Planning
from tests.console.asking import Browser, Console, console
from tests.console.test_plan import LAMPS, text

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def routes(gateway: Gateway, _plan: Planning, app: FastAPI) -> None:
    add_light_energy(app, gateway, SystemClock())


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Console]:
    (tmp_path / "gateway.toml").write_text(text(tmp_path / "data"), "utf-8")
    book = NightBook(tmp_path / "data")
    for nth in range(30):
        lamps = tuple(
            LampNight(lamp, 0.5, 1.0, 0.5 if number < 6 else 0.0, 9.5, 10.0)
            for number, lamp in enumerate(LAMPS)
        )
        book.add(NightRecord(FIRST + timedelta(days=nth), 10.0, lamps, (("meter", 100.0 + 8 * nth),)))
    async with console(tmp_path, only=routes) as made:
        await made.gateway.reload()
        await made.accounts.add("xem", "Xem", Role.VIEWER, "test")
        yield made


async def asked(browser: Browser, target: str, first: date = FIRST, last: date = LAST) -> dict[str, object]:
    answer = await browser.ask("GET", f"/api/v1/light-energy/{target}?first={first}&last={last}")
    assert answer.status == 200, answer.text
    found: dict[str, object] = answer.json
    return found


async def test_energy_says_what_was_measured_what_was_computed_and_what_is_missing(here: Console) -> None:
    xem = here.inside("xem")
    whole = await asked(xem, "gw-a")
    names = ("used_kwh", "measured_kwh", "computed_kwh", "full_kwh", "saved_kwh", "saved_percent", "lit_h")
    assert [whole[name] for name in names] == [180.0, 90.0, 90.0, 360.0, 180.0, 50.0, 3420.0]
    assert (whole["owed"], len(whole["nights"]), whole["since"]) == (31, 30, "2026-10-01")  # type: ignore[arg-type]
    assert whole["completeness"] == round(30 / 31, 4)
    assert whole["meters"] == [
        {"device": "meter", "kwh": 232.0, "after": "2026-10-01", "until": "2026-10-30"}
    ]
    street = await asked(xem, "street")
    assert (street["measured_kwh"], street["computed_kwh"], street["meters"]) == (90.0, 0.0, [])
    lamp = await asked(xem, "lamp-7", date(2026, 10, 5), date(2026, 10, 6))
    assert (lamp["measured_kwh"], lamp["computed_kwh"], lamp["completeness"]) == (0.0, 1.0, 1.0)


async def test_nights_that_nobody_kept_have_no_energy_rather_than_none_used(here: Console) -> None:
    found = await asked(here.inside("xem"), "gw-a", date(2025, 1, 1), date(2025, 1, 31))
    assert (found["used_kwh"], found["saved_percent"], found["completeness"]) == (None, None, 0.0)


async def test_the_table_has_a_line_for_each_night(here: Console) -> None:
    answer = await here.inside("xem").ask(
        "GET", f"/api/v1/light-energy/street/csv?first={FIRST}&last={FIRST + timedelta(days=2)}"
    )
    assert 'filename="gw-a-street-2026-10-01-2026-10-03.csv"' in answer.headers["content-disposition"]
    head, *rows = csv.reader(answer.text.removeprefix("\ufeff").splitlines())
    assert (head[4], head[5], head[10]) == ("used_kwh", "measured_kwh", "completeness_percent")
    assert rows[0][:6] == ["2026-10-01", "street", "6", "6", "3.0", "3.0"]
    assert len(rows) == 3


async def test_what_cannot_be_asked_is_said(here: Console) -> None:
    xem = here.inside("xem")
    for query, status in (
        ("first=2026-10-02&last=2026-10-01", 422),
        ("first=2024-01-01&last=2026-01-01", 422),
    ):
        assert (await xem.ask("GET", f"/api/v1/light-energy/gw-a?{query}")).status == status
    assert (await xem.ask("GET", "/api/v1/light-energy/moon")).status == 404
    assert (await xem.ask("GET", "/api/v1/light-energy/gw-a")).status == 200
