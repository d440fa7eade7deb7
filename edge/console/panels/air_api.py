"""The API of the panels of the air: what stands now, the last day or month, and the officer's report."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal, Protocol, runtime_checkable

from fastapi import FastAPI, HTTPException, Query, Response

from edge.air.limits import Limit, Standard, limits_on
from edge.air.report_frame import Kept, frame_of, needs
from edge.air.stations import Place
from edge.console.access.needs import needs as allowed
from edge.console.access.roles import Permission
from edge.console.panels.air_panel import legend, panel_of
from edge.console.panels.air_series import Window, needs_of, series_of
from edge.console.panels.air_shapes import AirOut, AirSeriesOut
from edge.console.panels.reports import Order, Paper, ReportDesk, has_begun, name_of
from edge.core.air import Span
from edge.core.air_columns import Columns
from edge.core.air_report import Period
from edge.core.days import day_written, month_written
from edge.core.errors import Busy, ConfigError
from edge.core.ports import Clock
from edge.core.sayings import say
from edge.core.times import rfc3339_ms
from edge.runtime.gateway import Gateway

MEANS_AT_ONCE = 2_000
"""Spans that the store is asked for at once: its thread has samples to keep as well."""

AGAIN_S = 5
MEDIA = {Paper.PDF: "application/pdf", Paper.CSV: "text/csv; charset=utf-8"}

Name = Annotated[str, Query(max_length=32)]


@runtime_checkable
class Placed(Protocol):
    """A board that knows its stations' places."""

    @property
    def places(self) -> Sequence[Place]:
        """All stations as configured."""


def add_air_panels(app: FastAPI, gateway: Gateway, clock: Clock) -> None:
    """Add the routes."""
    _add_reports(app, gateway, clock)

    @app.get("/api/v1/town/air", tags=["air"], dependencies=allowed(Permission.READ))
    async def air() -> AirOut:
        """All stations: indices with category and advice, pollutants against the limits of the day, flags."""
        now_ns, board = clock.utc_ns(), gateway.rooms.air
        places = {place.id: place for place in places_of(gateway)}
        states = [] if board is None else [one for one in board.stations() if one.station in places]
        return AirOut(
            at=rfc3339_ms(now_ns),
            stations=[
                panel_of(
                    gateway.config.gateway.id,
                    places[state.station],
                    state,
                    limits_now(gateway, places[state.station], now_ns),
                )
                for state in states
            ],
            legend=legend(),
        )

    @app.get("/api/v1/town/air/series", tags=["air"], dependencies=allowed(Permission.READ))
    async def series(station: Name, window: Window = Window.DAY) -> AirSeriesOut:
        """A station's last 24 hours (means of 5 min) or 30 days (of 1 h); gaps are null."""
        place, now_ns = place_of(gateway, station), clock.utc_ns()
        columns = {
            span: await gathered(gateway, place.id, span, *bounds)
            for span, bounds in needs_of(window, now_ns).items()
        }
        return series_of(place, window, columns, now_ns)


def _add_reports(app: FastAPI, gateway: Gateway, clock: Clock) -> None:
    desk = ReportDesk()

    @app.get("/api/v1/town/air/report", tags=["air"], dependencies=allowed(Permission.READ))
    async def report(
        station: Name,
        date: Name,
        period: Period = Period.DAY,
        paper: Paper = Paper.PDF,
        language: Literal["vi", "en"] = "vi",
    ) -> Response:
        """The officer's report of a local day (`2026-10-31`) or month (`2026-10`), as PDF or CSV.

        One is made at a time: 429 says to come again. 501 where the gateway cannot make a PDF.
        """
        place, now_ns = place_of(gateway, station), clock.utc_ns()
        written = day_written if period is Period.DAY else month_written
        try:
            frame = frame_of(period, written(date, "date"), place.zone, now_ns)
        except ConfigError as error:
            raise HTTPException(400, str(error)) from None
        if not has_begun(frame, now_ns):
            raise HTTPException(400, say("not_begun", day=date))
        _refuse_if(desk.is_busy)
        kept = {
            name: await gathered(gateway, one.place, one.span, one.after_ns, one.through_ns)
            for name, one in needs(place.id, frame).items()
        }
        version = gateway.status().version
        order = Order(place, gateway.config.gateway.id, frame, Kept(**kept), now_ns, version, paper, language)
        try:
            body = await desk.make(order)
        except Busy:
            _refuse_if(True)
            raise
        except ConfigError as error:
            raise HTTPException(501, str(error)) from None
        named = {"content-disposition": f'attachment; filename="{name_of(order)}"'}
        return Response(body, media_type=MEDIA[paper], headers=named)


def places_of(gateway: Gateway) -> Sequence[Place]:
    """The stations of a gateway as configured."""
    board = gateway.rooms.air
    return board.places if isinstance(board, Placed) else ()


def place_of(gateway: Gateway, station: str) -> Place:
    """A station of this name, `gateway/station` or `station`. Raises HTTPException 404."""
    name = station.removeprefix(f"{gateway.config.gateway.id}/")
    for place in places_of(gateway):
        if place.id == name:
            return place
    known = ", ".join(place.id for place in places_of(gateway)) or "none"
    raise HTTPException(404, say("no_station_here", station=f"{station!r}", stations=known))


def limits_now(gateway: Gateway, place: Place, now_ns: int) -> Sequence[Limit]:
    """The limits of the station's day: the law's, as the configuration says, and the advice of the WHO."""
    today = datetime.fromtimestamp(now_ns / 1e9, UTC).astimezone(place.zone).date()
    law = limits_on(gateway.config.air.limits_from or today, Standard.QCVN)
    return [*law, *limits_on(today, Standard.WHO)]


async def gathered(gateway: Gateway, station: str, span: Span, after_ns: int, through_ns: int) -> Columns:
    """All means of a station in one piece, asked for page by page."""
    found, step_ns = Columns(), MEANS_AT_ONCE * span.seconds * 1_000_000_000
    while after_ns < through_ns:
        end_ns = min(through_ns, after_ns + step_ns)
        page = await gateway.store.air.mean_columns([station], span, after_ns, end_ns)
        if station in page:
            found.join(page[station])
        after_ns = end_ns
    return found


def _refuse_if(is_busy: bool) -> None:
    if is_busy:
        text = say("report_running")
        raise HTTPException(429, text, headers={"retry-after": str(AGAIN_S)})
