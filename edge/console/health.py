"""What watches a program asks: whether it lives, whether it does its work, and its figures."""

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from edge.console.access.needs import caller_of, needs
from edge.console.access.roles import Permission
from edge.console.models import Health

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def add_health(app: FastAPI, readiness: Callable[[], Health], figures: Callable[[], str]) -> None:
    """Add the routes; `figures` are in the format of OpenMetrics."""

    @app.get("/healthz", tags=["health"], dependencies=needs(Permission.OPEN))
    async def healthz() -> Health:
        """Alive: the process answers."""
        return Health(ok=True)

    @app.get(
        "/readyz", tags=["health"], dependencies=needs(Permission.OPEN), responses={503: {"model": Health}}
    )
    async def readyz(request: Request) -> JSONResponse:
        """Ready: a gateway polls and stores, a centre is connected to its broker; why not is only for who
        may read.
        """
        found = readiness()
        told = found if caller_of(request).may(Permission.READ) else Health(ok=found.ok)
        return JSONResponse(told.model_dump(), 200 if found.ok else 503)

    @app.get("/metrics", tags=["health"], dependencies=needs(Permission.READ))
    async def metrics() -> PlainTextResponse:
        """OpenMetrics."""
        return PlainTextResponse(figures(), media_type=OPENMETRICS)
