"""The town's alarms, and what happened: acknowledging goes to the gateway, silence is this console's own."""

from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query, Request

from edge.console.access.needs import caller_of, needs
from edge.console.access.roles import Permission
from edge.console.signing import Signed
from edge.console.town.acting import Acting
from edge.console.town.hub import Hub, order_out
from edge.console.town.models import EventOut, EventsOut, NoteIn, OrderOut, SilenceIn, Table
from edge.console.town.sight import Sight
from edge.console.town.silences import Silences
from edge.console.town.tables import ALARMS, alarm_row, event_out, table, when
from edge.core.model import EventKind
from edge.core.ports import Clock
from edge.core.sayings import say

AUDITED = frozenset(
    {
        EventKind.COMMAND,
        EventKind.ACCESS,
        EventKind.ALARM_ACKNOWLEDGED,
        EventKind.CONFIG_RELOADED,
        EventKind.CONFIG_REFUSED,
        EventKind.PLAN_CHANGED,
        EventKind.CALIBRATION_BEGAN,
        EventKind.CALIBRATION_ENDED,
    }
)
"""Events that say who did what."""

GatewayName = Annotated[str, Path(min_length=1, max_length=32)]
AlarmName = Annotated[str, Path(min_length=1, max_length=96)]


def add_alarms_and_events(
    app: FastAPI, sight: Sight, silences: Silences, hub: Hub, acting: Acting, clock: Clock, acts: bool
) -> None:
    """Add the routes; with `acts` also those that acknowledge and silence."""
    began_ns = clock.stamp().utc_ns

    @app.get("/api/v1/town/alarms", tags=["town"], dependencies=needs(Permission.READ))
    async def alarms() -> Table:
        """All alarms that stand; `silenced_until` is where this console is silent about one."""
        sight.refresh()
        rows = [alarm_row(name, alarm, silences.until) for name, alarm in sight.picture.alarms.items()]
        return Table.model_validate(table(ALARMS, rows))

    @app.get("/api/v1/town/audit", tags=["town"], dependencies=needs(Permission.AUDIT))
    async def audit(limit: int = Query(200, ge=1, le=2_000)) -> EventsOut:
        """Who did what, since this console started, the newest first."""
        found = [event_out(one) for one in reversed(sight.picture.events) if one.row.kind in AUDITED]
        events = [EventOut.model_validate(one) for one in found[:limit]]
        return EventsOut(since=when(began_ns), events=events)

    @app.get("/api/v1/town/events", tags=["town"], dependencies=needs(Permission.READ))
    async def events(limit: int = Query(200, ge=1, le=2_000)) -> EventsOut:
        """What happened since this console started, without what only who may see the audit log may see."""
        found = [event_out(one) for one in reversed(sight.picture.events) if one.row.kind != EventKind.ACCESS]
        return EventsOut(since=when(began_ns), events=[EventOut.model_validate(one) for one in found[:limit]])

    if acts:
        _add_acting(app, sight, silences, hub, acting, clock)


def _add_acting(
    app: FastAPI, sight: Sight, silences: Silences, hub: Hub, acting: Acting, clock: Clock
) -> None:
    where = "/api/v1/town/alarms/{gateway}/{alarm}"

    def known(gateway: str, alarm: str) -> str:
        sight.refresh()
        name = f"{gateway}/{alarm}"
        if name not in sight.picture.alarms:
            raise HTTPException(404, say("alarm_over", alarm=name))
        return name

    def silence_until(name: str, until_ns: int | None) -> Table:
        silences.put(name, until_ns)
        hub.silenced[name] = None
        alarm = sight.picture.alarms[name]
        return Table.model_validate(table(ALARMS, [alarm_row(name, alarm, silences.until)]))

    @app.post(
        f"{where}/acknowledge", tags=["town"], dependencies=needs(Permission.ACKNOWLEDGE), status_code=202
    )
    async def acknowledge(
        request: Request, gateway: GatewayName, alarm: AlarmName, said: NoteIn, by: Signed
    ) -> OrderOut:
        """Say by name that somebody has seen an alarm; its gateway notes it."""
        words = (("note", said.note),) if said.note else ()
        order = acting.order("acknowledge", [known(gateway, alarm)], words, by)
        mine = order.by == (caller_of(request).user or "local")
        return OrderOut.model_validate(order_out(order, list(order.targets.values()), private=mine))

    @app.put(f"{where}/silence", tags=["town"], dependencies=needs(Permission.ACKNOWLEDGE))
    async def silence(gateway: GatewayName, alarm: AlarmName, asked: SilenceIn) -> Table:
        """Neither sound nor blink for an alarm until an end; it stands and is shown all the same."""
        return silence_until(known(gateway, alarm), clock.utc_ns() + round(asked.for_s * 1e9))

    @app.delete(f"{where}/silence", tags=["town"], dependencies=needs(Permission.ACKNOWLEDGE))
    async def heard_again(gateway: GatewayName, alarm: AlarmName) -> Table:
        """End a silence."""
        return silence_until(known(gateway, alarm), None)
