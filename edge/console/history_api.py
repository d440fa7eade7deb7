"""The API of local history, where acting is offered too: pages for `gianh export` and `gianh air report`."""

from array import array
from base64 import b64encode
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.core.air import Span
from edge.core.sayings import say
from edge.runtime.gateway import Gateway

MEANS_AT_ONCE = 4_000
"""Most spans that one question may be about."""

Names = Annotated[list[str], Query(max_length=64)]
Number = Annotated[int, Query(ge=-(2**62), le=2**62)]
"""A time in UTC ns, or the number of a row: the store has 64 bits."""


def add_history(app: FastAPI, gateway: Gateway) -> None:
    """Add the routes. Columns of numbers travel as base64 of their bytes, little-endian."""

    @app.get("/api/v1/history/points", tags=["history"], dependencies=needs(Permission.READ))
    async def points(of_means: bool) -> dict[str, list[str]]:
        """The points that were ever kept, by device or (of means) by station."""
        return {name: list(found) for name, found in gateway.store.kept_points(of_means).items()}

    @app.get("/api/v1/history/means", tags=["history"], dependencies=needs(Permission.READ))
    async def means(station: Names, span: Span, after: Number, through: Number) -> dict[str, Any]:
        """Means whose end lies in (after, through], UTC ns, by station."""
        if through - after > MEANS_AT_ONCE * span.seconds * 1_000_000_000:
            raise HTTPException(400, say("too_many_means", most=MEANS_AT_ONCE))
        found = await gateway.store.air.mean_columns(station, span, after, through)
        return {
            name: {
                "ends": _packed(columns.ends_ns),
                "values": {point: _packed(column) for point, column in columns.values.items()},
                "marks": {point: _packed(column) for point, column in columns.marks.items()},
            }
            for name, columns in found.items()
        }

    @app.get("/api/v1/history/samples", tags=["history"], dependencies=needs(Permission.READ))
    async def samples(device: Names, after: Number, from_ns: Number, to_ns: Number) -> dict[str, Any]:
        """A page of stored samples: `rows` are number, time (UTC ns), layout, values and flags."""
        if after <= 0:
            await gateway.store.flush()
        page, layouts = await gateway.store.history(device, after, from_ns, to_ns)
        return {
            "through": page.through,
            "last": page.last,
            "layouts": {str(key): [one.device, one.names] for key, one in layouts.items()},
            "rows": [[row.seq, row.at_ns, row.layout, row.body] for row in page.rows],
        }


def _packed(column: "array[Any]") -> str:
    return b64encode(column.tobytes()).decode("ascii")
