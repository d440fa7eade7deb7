"""The HTTP API, `/api/v1`. Each route declares its permission."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import StreamingResponse

from edge.console.access.accounts import Accounts
from edge.console.access.api import ConsoleOut, add_console, add_session, add_users
from edge.console.access.gate import Door, Gate, LoginDoor, OpenDoor
from edge.console.access.needs import check_declared, needs
from edge.console.access.pages import add_pages
from edge.console.access.roles import LOOPBACK, SOCKET, Permission
from edge.console.access.shield import Shield
from edge.console.air_api import add_air, add_air_acting
from edge.console.alarms_api import add_acknowledging, add_alarms
from edge.console.audit_api import add_audit
from edge.console.commission_api import LARGER, CommissionBoard, add_commission
from edge.console.contract import add_contract
from edge.console.health import add_health
from edge.console.history_api import add_history
from edge.console.lighting_api import add_lighting
from edge.console.loan_api import add_loans
from edge.console.models import (
    DeviceDetail,
    Health,
    OutcomeOut,
    QuarantinedRow,
    StatusOut,
    SyncOut,
    device_detail,
    status_out,
    targets_out,
    value_out,
)
from edge.console.panels.acting import submitted
from edge.console.panels.all import add_panels
from edge.console.plan_api import add_plan
from edge.console.plan_board import PlanBoard
from edge.console.refusals import add_refusals
from edge.console.signing import Signature, Signed
from edge.console.site import origin_of
from edge.console.town.api import Town, add_town, town_of
from edge.console.town.local import LocalSight
from edge.console.wifi_api import add_wifi
from edge.core.model import Fields
from edge.core.ports import Aside, Clock
from edge.core.sayings import say
from edge.core.times import rfc3339_ms
from edge.runtime.gateway import Gateway
from edge.runtime.metrics import metrics_text

HOSTS = ("127.0.0.1", "localhost", "[::1]", "gianh")
"""Names by which a browser may call us: a foreign name pointing here is DNS rebinding."""

More = Callable[[FastAPI], None]
"""Adds routes to an application: pages."""


class Elsewhere(Protocol):
    """A provider of logins beside our own accounts: what people call it, and its routes."""

    @property
    def title(self) -> str:
        """What people call it."""

    def add(self, app: FastAPI, accounts: Accounts, door: LoginDoor) -> None:
        """Add the routes by which one goes there and comes back."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """By which way an application is offered: who comes in, under which names, and what it says of itself.

    With `acts` also the routes that change something or use a bus are there. `any_address` lets browsers call
    it by any IP address as well; `town` is shared by all applications that show one gateway; `tiles` is
    where maps have their background from; by `elsewhere` one may log in besides.
    """

    door: Door
    acts: bool
    hosts: tuple[str, ...] = HOSTS
    any_address: bool = False
    accounts: Accounts | None = None
    says: Callable[[], ConsoleOut] | None = None
    town: Town | None = None
    commission: CommissionBoard | None = None
    plan: PlanBoard | None = None
    tiles: str = ""
    elsewhere: Elsewhere | None = None


def create_app(gateway: Gateway, clock: Clock, acts: bool) -> FastAPI:
    """The API of one gateway as the unix socket offers it or, without `acts`, loopback without login."""
    return create_entrance(gateway, clock, Entrance(OpenDoor(SOCKET if acts else LOOPBACK), acts))


def create_entrance(gateway: Gateway, clock: Clock, entrance: Entrance, more: More | None = None) -> FastAPI:
    """The API of one gateway; `more` adds pages. Raises TypeError for routes that declare no permission."""

    def routes(app: FastAPI) -> None:
        add_health(app, partial(_readiness, gateway), lambda: metrics_text(gateway.status()))
        _add_reading(app, gateway)
        add_lighting(app, gateway, clock, entrance.acts)
        add_alarms(app, gateway)
        add_air(app, gateway)
        add_wifi(app, gateway)
        add_audit(app, gateway)
        add_town(app, entrance.town or local_town(gateway, clock), entrance.acts)
        add_panels(app, gateway, clock, entrance.acts)
        if entrance.plan is not None:
            add_plan(app, gateway, entrance.plan, clock, entrance.acts)
        if entrance.acts:
            _add_acting(app, gateway, clock)
            add_loans(app, gateway)
            add_history(app, gateway)
            add_acknowledging(app, partial(_act, gateway, clock))
            add_air_acting(app, partial(_act, gateway, clock))
            if entrance.commission is not None:
                add_commission(app, entrance.commission)

    return create_frame(entrance, gateway.store.aside, routes, more)


def create_frame(entrance: Entrance, aside: Aside, routes: More, more: More | None = None) -> FastAPI:
    """An application with our gate and shield before `routes`, those of access, and `more`."""
    app = FastAPI(title="Gianh", version="1", openapi_url=None)
    app.add_middleware(Gate, routes=lambda: app.routes, door=entrance.door)
    app.add_middleware(
        Shield,
        hosts=entrance.hosts,
        any_address=entrance.any_address,
        larger=LARGER,
        images=origin_of(entrance.tiles),
    )
    add_refusals(app)
    add_contract(app, aside)
    routes(app)
    _add_access(app, entrance)
    if more is not None:
        more(app)
    check_declared(app.routes)
    return app


def local_town(gateway: Gateway, clock: Clock) -> Town:
    """The town's routes of one gateway; its services have to run."""
    return town_of(LocalSight(gateway, clock), clock)


def _add_access(app: FastAPI, entrance: Entrance) -> None:
    if entrance.says is not None:
        add_console(app, entrance.says)
    if entrance.accounts is None:
        return
    add_users(app, entrance.accounts)
    if isinstance(entrance.door, LoginDoor):
        add_session(app, entrance.accounts, entrance.door)
        elsewhere = entrance.elsewhere
        add_pages(app, entrance.accounts, entrance.door, elsewhere.title if elsewhere is not None else "")
        if elsewhere is not None:
            elsewhere.add(app, entrance.accounts, entrance.door)


def _readiness(gateway: Gateway) -> Health:
    status = gateway.status()
    return Health(ok=status.ready, reasons=list(status.not_ready))


def _add_reading(app: FastAPI, gateway: Gateway) -> None:
    @app.get("/api/v1/status", tags=["gateway"], dependencies=needs(Permission.READ))
    async def status() -> StatusOut:
        """The gateway now."""
        return status_out(gateway.status())

    @app.get("/api/v1/devices", tags=["devices"], dependencies=needs(Permission.READ))
    async def devices() -> list[DeviceDetail]:
        """All devices with their last known good values."""
        return [device_detail(state) for state in gateway.live.states()]

    @app.get("/api/v1/devices/{device}", tags=["devices"], dependencies=needs(Permission.READ))
    async def device(device: str) -> DeviceDetail:
        """One device with its last known good values."""
        for state in gateway.live.states():
            if state.device == device:
                return device_detail(state)
        raise HTTPException(404, say("no_device", device=f"{device!r}"))

    @app.get("/api/v1/live", tags=["devices"], dependencies=needs(Permission.READ))
    async def live() -> StreamingResponse:
        """Devices as they change, as server-sent events."""
        return StreamingResponse(_changes(gateway), media_type="text/event-stream")

    @app.get("/api/v1/sync", tags=["sync"], dependencies=needs(Permission.READ))
    async def sync() -> SyncOut:
        """What waits for the targets, and what they refused."""
        now = gateway.status()
        return SyncOut(
            targets=targets_out(now),
            dropped=now.outbox.dropped,
            quarantined=now.outbox.quarantined,
            bytes=now.outbox.bytes,
        )

    @app.get("/api/v1/sync/quarantine", tags=["sync"], dependencies=needs(Permission.READ))
    async def quarantine(limit: int = Query(100, ge=1, le=1000)) -> list[QuarantinedRow]:
        """Rows that a target refused for ever, newest first."""
        rows = await gateway.store.quarantine(limit)
        return [
            QuarantinedRow(
                id=row.id, target=row.target, at=rfc3339_ms(row.at_ns), line=row.line, reason=row.reason
            )
            for row in rows
        ]


def _add_acting(app: FastAPI, gateway: Gateway, clock: Clock) -> None:
    @app.post("/api/v1/devices/{device}/read", tags=["devices"], dependencies=needs(Permission.ASK))
    async def read(device: str, by: Signed, points: str = "") -> OutcomeOut:
        """Ask a device now, ahead of the polls."""
        return await _act(gateway, clock, "read", device, (("points", points),), by)

    @app.post("/api/v1/reload", tags=["gateway"], dependencies=needs(Permission.RELOAD))
    async def reload(by: Signed) -> OutcomeOut:
        """Apply the configuration file as it is now."""
        return await _act(gateway, clock, "reload", gateway.config.gateway.id, (), by)

    @app.post("/api/v1/sync/quarantine/retry", tags=["sync"], dependencies=needs(Permission.QUARANTINE))
    async def retry() -> dict[str, int]:
        """Offer what was refused once more."""
        return {"rows": await gateway.store.retry_quarantine()}

    @app.delete("/api/v1/sync/quarantine", tags=["sync"], dependencies=needs(Permission.QUARANTINE))
    async def clear() -> dict[str, int]:
        """Throw away what was refused."""
        return {"rows": await gateway.store.clear_quarantine()}


async def _act(
    gateway: Gateway, clock: Clock, verb: str, target: str, arguments: Fields, by: Signature
) -> OutcomeOut:
    outcome = await submitted(gateway.desk, clock, verb, target, arguments, by)
    values = [
        value_out(name, value, "good" if value is not None else "bad")
        for name, value in outcome.result
        if isinstance(value, float | int | None)
    ]
    return OutcomeOut(id=outcome.id, state=outcome.state.value, reason=outcome.reason, values=values)


async def _changes(gateway: Gateway) -> AsyncIterator[str]:
    async with gateway.live.watch() as changes:
        async for state in changes:
            body = json.dumps(device_detail(state).model_dump(), ensure_ascii=False)
            yield f"event: device\ndata: {body}\n\n"
