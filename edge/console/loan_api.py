"""Lending a bus to a technician's command, over the unix socket only."""

import secrets

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.core.sayings import say
from edge.runtime.bus import BusRunner
from edge.runtime.gateway import Gateway

PLACE = "/api/v1/buses/{bus}/loan"


class LoanAsked(BaseModel):
    """Who wants the bus, for which command, and for how long without a sign of life."""

    by: str = Field(min_length=1, max_length=64)
    why: str = Field(min_length=1, max_length=64)
    for_s: float = Field(15.0, gt=0, le=60)


class Renewal(BaseModel):
    """How long from now on."""

    for_s: float = Field(15.0, gt=0, le=60)


class LoanOut(BaseModel):
    """A loan: what renews and ends it, and how long it lasts."""

    token: str
    left_s: float


def add_loans(app: FastAPI, gateway: Gateway) -> None:
    """Add the routes."""

    def bus_named(name: str) -> BusRunner:
        runner = gateway.buses.get(name)
        if runner is None:
            raise HTTPException(404, say("no_bus", bus=f"{name!r}"))
        return runner

    @app.post(PLACE, tags=["gateway"], dependencies=needs(Permission.LEND))
    async def lend(bus: str, asked: LoanAsked) -> LoanOut:
        """Leave the line to somebody else; answers once it is closed."""
        token = secrets.token_urlsafe(16)
        return LoanOut(token=token, left_s=await bus_named(bus).lend(token, asked.by, asked.why, asked.for_s))

    @app.put(PLACE + "/{token}", tags=["gateway"], dependencies=needs(Permission.LEND))
    async def renew(bus: str, token: str, asked: Renewal) -> LoanOut:
        """Still there: the loan goes on."""
        return LoanOut(token=token, left_s=bus_named(bus).renew(token, asked.for_s))

    @app.delete(PLACE + "/{token}", tags=["gateway"], dependencies=needs(Permission.LEND), status_code=204)
    async def give_back(bus: str, token: str) -> None:
        """Done: the polls go on."""
        bus_named(bus).give_back(token)
