"""The simulated cabinet in real time: how long a scan takes on a line with its characters' times."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from edge.config.schema import BusKind
from provisioning.scan.book import Book
from provisioning.scan.evidence import RemarkKind
from provisioning.scan.line import Place
from provisioning.scan.plan import UNITS, Choice, Wish, dead_s
from provisioning.scan.session import scan
from provisioning.scan.work import Progress
from simulators.cabinet import Cabinet, cabinet_devices

UNKNOWN_S, KNOWN_S = 180.0, 30.0
EIGHT = {1, 2, 5, 9, 12, 20, 33}
"""Eight devices, two of them at 1."""


@pytest.mark.parametrize("parity", ["E", "O", "N"])
async def test_a_line_can_be_opened_with_another_parity_than_before(tmp_path: Path, parity: str):
    async with Cabinet(tmp_path / "rs485", cabinet_devices(time.time)) as cabinet:
        for one in ("N", parity):
            wish = Wish((Choice(9600, one),), (50,), quick=True, listen=False)
            await scan(Place(BusKind.RTU, str(cabinet.wire.link)), wish, Book("line"))
            assert not cabinet.wire.errors.parity


async def test_swapped_wires_and_an_echo_are_told_on_the_line(tmp_path: Path):
    async with Cabinet(tmp_path / "rs485", cabinet_devices(time.time), swapped=True) as cabinet:
        place = Place(BusKind.RTU, str(cabinet.wire.link))
        wish = Wish((Choice(9600),), tuple(range(2, 8)), quick=True, listen=False)
        book = await scan(place, wish, Book("line"))
        assert {remark.kind for remark in book.remarks.values()} == {RemarkKind.SWAPPED}
        cabinet.wire.swapped, cabinet.wire.echoes = False, True
        book = await scan(place, replace(wish, answer_s=0.3), Book("line"))
        assert RemarkKind.ECHO in {remark.kind for remark in book.remarks.values()}
        assert {find.unit for find in book.finds.values()} == {2, 5}


@pytest.mark.long
async def test_eight_devices_at_unknown_settings_are_found_in_three_minutes(tmp_path: Path):
    async with Cabinet(tmp_path / "rs485", cabinet_devices(time.time)) as cabinet:
        began_s, book, found_s = time.monotonic(), Book("line"), {}

        def report(_: Progress) -> None:
            for find in book.finds.values():
                found_s.setdefault(find.unit, time.monotonic() - began_s)

        async with asyncio.timeout(1200):
            await scan(Place(BusKind.RTU, str(cabinet.wire.link)), Wish(), book, report)
        assert {find.unit for find in book.finds.values()} == EIGHT
        assert max(found_s.values()) <= UNKNOWN_S, found_s
        assert RemarkKind.DUPLICATE in {remark.kind for remark in book.remarks.values()}
        assert RemarkKind.MIXED in {remark.kind for remark in book.remarks.values()}


@pytest.mark.long
async def test_247_ids_at_a_known_setting_cost_what_the_formula_says(tmp_path: Path):
    async with Cabinet(tmp_path / "rs485", cabinet_devices(time.time)) as cabinet:
        began_s = time.monotonic()
        wish = Wish((Choice(9600),), listen=False)
        await scan(Place(BusKind.RTU, str(cabinet.wire.link)), wish, Book("line"))
        took_s = time.monotonic() - began_s
        dead = len(UNITS) - 6
        assert took_s <= KNOWN_S + dead * dead_s(Choice(9600))
        assert took_s >= dead * dead_s(Choice(9600))
