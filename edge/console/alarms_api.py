"""The API of what is watched: alarms, burn hours, and that somebody has seen."""

from fastapi import FastAPI, Query
from pydantic import BaseModel

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.models import OutcomeOut, when
from edge.console.signing import Act, Signed
from edge.core.alarms import Alarm
from edge.runtime.gateway import Gateway


class SeenOut(BaseModel):
    """Who has seen an alarm, and what they said of it."""

    by: str
    note: str
    at: str | None


class AlarmOut(BaseModel):
    """One thing that is wrong now. `at` is null while the clock was never set."""

    id: str
    at: str | None
    kind: str
    device: str
    severity: str
    text: str
    value: float | None
    acknowledged: SeenOut | None


class LampOut(BaseModel):
    """Burn hours (h), starts and energy (kWh); `counted` names what the gateway had to count itself."""

    device: str
    operating_hours: float
    switch_on_counter: float
    active_energy: float
    counted: list[str]


def add_alarms(app: FastAPI, gateway: Gateway) -> None:
    """Add the reading routes."""

    @app.get("/api/v1/alarms", tags=["alarms"], dependencies=needs(Permission.READ))
    async def alarms() -> list[AlarmOut]:
        """All alarms that stand, the oldest first."""
        board = gateway.rooms.alarms
        return [] if board is None else [alarm_out(alarm) for alarm in board.active()]

    @app.get("/api/v1/lamps", tags=["light"], dependencies=needs(Permission.READ))
    async def lamps() -> list[LampOut]:
        """All lamps with their burn hours, starts and energy."""
        accounts = gateway.rooms.accounts
        found = accounts() if accounts is not None else ()
        return [LampOut.model_validate(account, from_attributes=True) for account in found]


def add_acknowledging(app: FastAPI, act: Act) -> None:
    """Add the acting route."""

    @app.post(
        "/api/v1/alarms/{alarm}/acknowledge", tags=["alarms"], dependencies=needs(Permission.ACKNOWLEDGE)
    )
    async def acknowledge(alarm: str, by: Signed, note: str = Query("", max_length=200)) -> OutcomeOut:
        """Note that somebody has seen an alarm; it goes on until what it is about is well again."""
        return await act("acknowledge", alarm, (("note", note),) if note else (), by)


def alarm_out(alarm: Alarm) -> AlarmOut:
    """An alarm as the API says it."""
    said = alarm.acknowledged
    seen = None if said is None else SeenOut(by=said.by, note=said.note, at=when(said.at_ns))
    return AlarmOut(
        id=alarm.id,
        at=when(alarm.at_ns),
        kind=alarm.kind.value,
        device=alarm.device,
        severity=alarm.severity.value,
        text=alarm.text,
        value=alarm.value,
        acknowledged=seen,
    )
