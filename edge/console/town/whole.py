"""The whole picture as one answer, written for many browsers at once and without holding up the others."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass

from edge.console.town.hub import Hub
from edge.console.town.picture import Picture
from edge.console.town.tables import (
    ALARMS,
    GATEWAYS,
    TARGETS,
    Row,
    alarm_row,
    gateway_row,
    link_out,
    target_row,
    when,
    whole_columns,
    whole_text,
)
from edge.core.ports import Clock

AT_ONCE = 250
"""Rows that are written before others get their turn: about 3 ms."""

FRESH_S = 2.0
"""So long one answer serves all who ask; what changes meanwhile they get by the live data."""


GZIP = 31
"""zlib's number for the gzip format."""


@dataclass(frozen=True, slots=True)
class Page:
    """The answer, compressed by gzip, and how far it is."""

    packed: bytes
    mark: str
    made_ns: int

    def plain(self) -> bytes:
        """For who does not take gzip."""
        return zlib.decompress(self.packed, GZIP)


class Whole:
    """Writes the first answer. Rows that change while it is written are told again in the next batch."""

    def __init__(self, picture: Picture, hub: Hub, silences: Mapping[str, int], clock: Clock) -> None:
        self._picture, self._hub, self._silences, self._clock = picture, hub, silences, clock
        self._making = asyncio.Lock()
        self._page: Page | None = None

    async def page(self) -> Page:
        """The answer, at most FRESH_S old."""
        async with self._making:
            page = self._page
            fresh = page is not None and self._clock.mono_ns() - page.made_ns < FRESH_S * 1e9
            if page is None or not fresh or not self._hub.knows(page.mark):
                page = await self._made()
                self._page = page
            return page

    async def _made(self) -> Page:
        self._hub.begin_anew()
        mark, made_ns = self._hub.mark, self._clock.mono_ns()
        packer = zlib.compressobj(1, zlib.DEFLATED, GZIP)
        packed = bytearray()
        async for text in self._texts(mark):
            packed += packer.compress(text.encode())
            await asyncio.sleep(0)
        packed += packer.flush()
        return Page(bytes(packed), mark, made_ns)

    async def _texts(self, mark: str) -> AsyncIterator[str]:
        picture = self._picture
        now = self._clock.stamp().utc_ns
        head: dict[str, object] = {
            "mode": picture.mode.value,
            "seq": mark,
            "at": when(now),
            "left_out": picture.left_out,
        }
        head["link"] = link_out(picture.link)
        yield json.dumps(head)[:-1]
        for name, columns, rows in (
            ("gateways", GATEWAYS, (_text(gateway_row(row)) for row in [*picture.gateways.values()])),
            ("targets", TARGETS, (_text(target_row(target)) for target in [*picture.targets.values()])),
            (
                "alarms",
                ALARMS,
                (_text(alarm_row(key, alarm, self._silences)) for key, alarm in [*picture.alarms.items()]),
            ),
            ("things", whole_columns(), (whole_text(thing) for thing in [*picture.things.values()])),
        ):
            yield f',"{name}":{{"columns":{json.dumps(columns)},"rows":['
            async for text in _rows(rows):
                yield text
            yield "]}"
        yield "}"


def _text(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


async def _rows(rows: Iterable[str]) -> AsyncIterator[str]:
    """Rows of JSON, some at a time, with commas between all."""
    lot: list[str] = []
    begun = False
    for row in rows:
        lot.append(row)
        if len(lot) >= AT_ONCE:
            yield ("," if begun else "") + ",".join(lot)
            lot, begun = [], True
    if lot:
        yield ("," if begun else "") + ",".join(lot)
