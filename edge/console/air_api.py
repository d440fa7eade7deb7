"""The API of the air: the stations with their means and indices; calibration and recalculation."""

from typing import Any

from fastapi import FastAPI, Query
from pydantic import BaseModel

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.models import OutcomeOut
from edge.console.signing import Act, Signed
from edge.core.air import Index, Mean, ReferenceState, Remark, StationKind, StationState
from edge.core.times import rfc3339_ms
from edge.runtime.gateway import Gateway


class MeanOut(BaseModel):
    """The mean of one point: null where less than 75 % of the span is covered; `coverage` is 0 to 1."""

    value: float | None
    coverage: float
    suspect: bool
    calibrating: bool


class IndexOut(BaseModel):
    """An index; `standing` says that it is indicative, `why` that there is none."""

    at: str
    value: int | None
    main: str
    category: str
    sub: dict[str, int]
    standing: str
    why: str


class SpanOut(BaseModel):
    """The newest means over one span, which ends at `end`."""

    end: str
    points: dict[str, MeanOut]


class RemarkOut(BaseModel):
    """What quality control says of a value."""

    point: str
    check: str
    verdict: str
    text: str


class RemarkedOut(RemarkOut):
    """What a check found in a point within the last 24 hours: since when, when last, how often."""

    device: str
    since: str
    at: str
    times: int


class ReferenceOut(BaseModel):
    """How `points` become ug/Nm3 (times `factor`) for limits; null: 25 °C or 1013.25 hPa is assumed."""

    conversion: str
    points: list[str]
    temperature_c: float | None
    pressure_hpa: float | None
    factor: float


class StationOut(BaseModel):
    """One station now: means by span (`1m`, `5m`, `1h`, `8h`, `24h`), indices by scheme.

    `remarks` are those of the newest samples, `lately` those of the last 24 hours, the newest first.
    """

    id: str
    title: str
    kind: str
    commune: str | None
    latitude: float | None
    longitude: float | None
    calibrating: bool
    means: dict[str, SpanOut]
    indices: dict[str, IndexOut]
    remarks: list[RemarkOut]
    lately: list[RemarkedOut]
    reference: ReferenceOut | None = None


def add_air(app: FastAPI, gateway: Gateway) -> None:
    """Add the reading route."""

    @app.get("/api/v1/air/stations", tags=["air"], dependencies=needs(Permission.READ))
    async def stations() -> list[StationOut]:
        """All stations with their newest means and indices."""
        board = gateway.rooms.air
        return [] if board is None else [station_out(state) for state in board.stations()]


def add_air_acting(app: FastAPI, act: Act) -> None:
    """Add the acting routes."""

    @app.post("/api/v1/air/{target}/calibration", tags=["air"], dependencies=needs(Permission.CALIBRATE))
    async def calibrate(
        target: str, by: Signed, for_s: float = Query(3600, gt=0, le=7 * 86_400)
    ) -> OutcomeOut:
        """Note that a station, or one of its devices, is being calibrated for so long."""
        return await act("calibrate", target, (("for_s", for_s),), by)

    @app.delete("/api/v1/air/{target}/calibration", tags=["air"], dependencies=needs(Permission.CALIBRATE))
    async def release(target: str, by: Signed) -> OutcomeOut:
        """The calibration is over."""
        return await act("calibrate", target, (("release", True),), by)

    @app.post("/api/v1/air/{target}/recalculate", tags=["air"], dependencies=needs(Permission.RECALCULATE))
    async def recalculate(target: str, by: Signed, begin: str = "", end: str = "") -> OutcomeOut:
        """Work out hours and longer from the kept minutes of a station, or of all by the gateway's id."""
        given = tuple((name, value) for name, value in (("from", begin), ("to", end)) if value)
        return await act("recalculate", target, given, by)


def station_out(state: StationState) -> StationOut:
    """A station as the API says it."""
    standing = "tham khảo" if state.kind is StationKind.INDICATIVE else ""
    return StationOut(
        id=state.station,
        title=state.title,
        kind=state.kind.value,
        commune=state.commune,
        latitude=state.latitude,
        longitude=state.longitude,
        calibrating=state.calibrating,
        means={mean.span.value: _span_out(mean) for mean in state.means},
        indices={index.scheme: _index_out(index, standing) for index in state.indices},
        remarks=[RemarkOut(**_said(one)) for one in state.remarks],
        lately=[
            RemarkedOut(
                **_said(one.last),
                device=one.device,
                since=rfc3339_ms(one.since_ns),
                at=rfc3339_ms(one.at_ns),
                times=one.times,
            )
            for one in state.lately
        ],
        reference=_reference_out(state.reference),
    )


def _reference_out(one: ReferenceState | None) -> ReferenceOut | None:
    if one is None:
        return None
    return ReferenceOut(
        conversion=one.conversion,
        points=list(one.points),
        temperature_c=one.temperature_c,
        pressure_hpa=one.pressure_hpa,
        factor=round(one.factor, 4),
    )


def _said(one: Remark) -> dict[str, Any]:
    return {
        "point": one.point,
        "check": one.check.value,
        "verdict": one.verdict.name.lower(),
        "text": one.text,
    }


def _span_out(mean: Mean) -> SpanOut:
    points = {
        name: MeanOut(
            value=one.value if one.is_valid else None,
            coverage=one.coverage,
            suspect=one.suspect,
            calibrating=one.calibrating,
        )
        for name, one in mean.values
    }
    return SpanOut(end=rfc3339_ms(mean.end_ns), points=points)


def _index_out(index: Index, standing: str) -> IndexOut:
    return IndexOut(
        at=rfc3339_ms(index.at_ns),
        value=index.value,
        main=index.main,
        category=index.category,
        sub=dict(index.sub),
        standing=standing,
        why=index.why,
    )
