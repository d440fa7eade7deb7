"""The API of energy at the centre: what lamps of the town used and saved by nights, out of InfluxDB."""

import asyncio
from datetime import date, timedelta
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import Response

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.centre.nights import Nights, Sum, Whose
from edge.console.light_energy import (
    NIGHTS_MAX,
    Day,
    EnergyGateway,
    EnergyOut,
    csv_of,
    csv_of_gateways,
    energy_out,
    gateway_out,
)
from edge.console.town.picture import Picture
from edge.console.town.things import Thing
from edge.core.sayings import say
from edge.lighting.night_sums import total

NO_INFLUX = (
    "nights are kept in InfluxDB, and console.toml names none: set url and database in [influx], and an "
    "[[influx]] in each gateway.toml"
)

TOWN = "town"
"""What the whole town is called in answers and tables."""

LAMPS = frozenset({"lamp", "feeder"})
"""Classes of things that give light."""

Target = Annotated[str, Query(max_length=65)]
NOTHING = Sum(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0)


def add_energy(app: FastAPI, picture: Picture, nights: Nights | None) -> None:
    """Add the routes; without `nights` they say what to configure."""

    async def found(target: str, first: date | None, last: date | None) -> EnergyOut:
        if nights is None:
            raise HTTPException(409, NO_INFLUX)
        end = last or first or nights.newest
        return await _energy(picture, nights, target, first or end, end)

    @app.get("/api/v1/town/energy", tags=["town"], dependencies=needs(Permission.READ))
    async def energy(target: Target = "", first: Day | None = None, last: Day | None = None) -> EnergyOut:
        """What was used in the nights that began from `first` to `last`; without them in the last one.

        `target` is `gateway/` with a lamp, group or segment, a gateway, or empty for the whole town, where
        each gateway is told of. Lamps and gateways that told of no night make the answer less complete. 409
        where console.toml names no InfluxDB.
        """
        return await found(target, first, last)

    @app.get("/api/v1/town/energy/csv", tags=["town"], dependencies=needs(Permission.READ))
    async def table(
        target: Target = "", first: Day | None = None, last: Day | None = None, gateways: bool = False
    ) -> Response:
        """The nights as CSV; with `gateways` the gateways of the town instead."""
        answer = await found(target, first, last)
        name = f"{answer.target.replace('/', '-')}-{answer.first}-{answer.last}"
        kind, text = ("-gateways", csv_of_gateways(answer)) if gateways else ("", csv_of(answer))
        headers = {"content-disposition": f'attachment; filename="{name}{kind}.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


async def _energy(picture: Picture, nights: Nights, target: str, first: date, last: date) -> EnergyOut:
    if not first <= last < first + timedelta(days=NIGHTS_MAX):
        raise HTTPException(422, say("nights_wrong", most=NIGHTS_MAX))
    whose, lamps = _meant(picture, target)
    found, since, told, meters = await asyncio.gather(
        nights.each(whose, first, last, lamps),
        nights.oldest(whose.gateway),
        nights.by_gateway(first, last) if whose.gateway is None else _nothing(),
        nights.meters(whose.gateway, first, last) if whose.gateway and whose.lamps is None else _nothing(),
    )
    answer = energy_out(target or TOWN, found, total(found, first, last), (first, last), meters or ())
    gateways = [] if told is None else _gateways(picture, told, first, answer.owed)
    return answer.model_copy(update={"since": since, "gateways": gateways})


async def _nothing() -> None:
    """In the place of a question that nobody asks."""


def _meant(picture: Picture, target: str) -> tuple[Whose, int]:
    """Of whom nights are asked for, and how many lamps these are now."""
    if not target:
        return Whose(), sum(map(_gives_light, picture.things.values()))
    gateway, _, name = target.partition("/")
    lamps = [thing for thing in picture.things_of(gateway) if _gives_light(thing)]
    if gateway in picture.gateways and name in ("", gateway):
        return Whose(gateway), len(lamps)
    meant = [thing.device for thing in lamps if name == thing.device or name in thing.groups]
    if not meant:
        raise HTTPException(
            404, f"there is no lamp, group or segment {target!r} with lamps: see /api/v1/town"
        )
    return Whose(gateway, frozenset(meant)), len(meant)


def _gateways(picture: Picture, told: dict[str, Sum], first: date, owed: int) -> list[EnergyGateway]:
    """Those that told of nights, and those with lamps that did not."""
    found = []
    for gateway in sorted(picture.gateways.keys() | told.keys()):
        row = picture.gateways.get(gateway)
        lamps = sum(map(_gives_light, picture.things_of(gateway)))
        sums = told.get(gateway, NOTHING)
        if lamps or sums.nights:
            night = sums.night(first, max(lamps, sums.lamps), sums.known)
            title = row.title if row is not None and row.title else gateway
            found.append(gateway_out(gateway, title, night, min(sums.nights, owed), owed))
    return found


def _gives_light(thing: Thing) -> bool:
    return thing.classed in LAMPS or thing.light is not None
