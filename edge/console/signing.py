"""In whose name a command goes to the desk: a user signs with their own id, the unix socket with any."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import HTTPConnection

from edge.console.access.needs import caller_of
from edge.console.models import OutcomeOut
from edge.core.model import Fields


@dataclass(frozen=True, slots=True)
class Signature:
    """`by` and `source` of a Command."""

    by: str
    source: str


async def _signature(
    connection: HTTPConnection,
    by: Annotated[
        str,
        Query(
            min_length=1,
            max_length=64,
            pattern=r"^[^\x00-\x1f\x7f]*$",
            description="On the unix socket alone: who asks. Who is logged in signs with their own id.",
        ),
    ] = "local",
) -> Signature:
    caller = caller_of(connection)
    return Signature(caller.user or by, caller.source)


Signed = Annotated[Signature, Depends(_signature)]
"""The parameter of a route that acts."""

Act = Callable[[str, str, Fields, Signature], Awaitable[OutcomeOut]]
"""Carries out a verb on a target with arguments, for somebody."""
