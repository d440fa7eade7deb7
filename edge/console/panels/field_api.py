"""The API of the page at the pole: buses and devices, raw registers, blinking, that a device was serviced."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query

from drivers.profile import load_profile
from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.models import OutcomeOut, sentences_out
from edge.console.panels.acting import Submit
from edge.console.panels.air_panel import label_of, unit_of
from edge.console.panels.field_shapes import BlockOut, FieldOut, MappedOut, RegistersOut
from edge.console.panels.field_view import field_out
from edge.console.signing import Signed
from edge.core.errors import ConfigError
from edge.core.model import Fields, Outcome
from edge.core.ports import Clock
from edge.core.registers import RegisterDriver
from edge.core.sayings import say
from edge.core.times import rfc3339_ms
from edge.runtime.gateway import Gateway

AGAIN_S = 2

Name = Annotated[str, Path(min_length=1, max_length=32)]


def add_field(app: FastAPI, gateway: Gateway, clock: Clock) -> None:
    """Add the reading route."""
    load = cache(load_profile)

    @app.get("/api/v1/field", tags=["field"], dependencies=needs(Permission.READ))
    async def field() -> FieldOut:
        """This gateway's buses and devices, with last answers, error counts, and who serviced what."""
        return field_out(gateway, load, clock.utc_ns())


def add_field_acting(app: FastAPI, gateway: Gateway, clock: Clock, submit: Submit) -> None:
    """Add the acting routes."""
    looking: set[str] = set()

    @app.post("/api/v1/field/{device}/registers", tags=["field"], dependencies=needs(Permission.ASK))
    async def registers(device: Name, by: Signed) -> RegistersOut:
        """A Modbus device's registers as they are now: at most 8 requests, polls go between them.

        One look at a device at a time: 429 says to come again.
        """
        _known(gateway, device)
        if device in looking:
            text = say("looked_at", device=device)
            raise HTTPException(429, text, headers={"retry-after": str(AGAIN_S)})
        looking.add(device)
        try:
            outcome = await submit("registers", device, (), by)
        finally:
            looking.discard(device)
        return RegistersOut(
            state=outcome.state.value,
            reason=outcome.reason,
            said=sentences_out(outcome.reason),
            at=rfc3339_ms(clock.utc_ns()),
            blocks=[block_out(name, str(value)) for name, value in outcome.result],
            points=_mapped(gateway, device),
        )

    @app.post("/api/v1/field/{device}/identify", tags=["field"], dependencies=needs(Permission.LIGHT))
    async def identify(device: Name, by: Signed) -> OutcomeOut:
        """A lamp goes up and down a few times and back to what is wanted of it; answers when it is back."""
        _known(gateway, device)
        return outcome_out(await submit("identify", device, (), by))

    @app.post("/api/v1/field/{device}/serviced", tags=["field"], dependencies=needs(Permission.SERVICE))
    async def serviced(
        device: Name, by: Signed, note: Annotated[str, Query(min_length=1, max_length=200)]
    ) -> OutcomeOut:
        """Note that a device was serviced, by whom, and what was done: kept, and in the audit log."""
        _known(gateway, device)
        words: Fields = (("note", note.strip()),)
        return outcome_out(await submit("serviced", device, words, by))


def _known(gateway: Gateway, device: str) -> None:
    if device not in {one.id for one in gateway.config.device}:
        raise HTTPException(404, say("no_device", device=f"{device!r}"))


def _mapped(gateway: Gateway, device: str) -> Sequence[MappedOut]:
    """The points with what the last poll made of them; none while its bus is being opened anew."""
    try:
        driver = gateway.bus_of(device).driver
    except (ConfigError, KeyError):
        return []
    if not isinstance(driver, RegisterDriver):
        return []
    state = next((one for one in gateway.live.states() if one.device == device), None)
    values = dict(state.values) if state is not None else {}
    return [
        MappedOut(
            point=one.point,
            label=label_of(one.point),
            table=one.table,
            address=one.address,
            count=one.count,
            kind=one.kind,
            value=values.get(one.point),
            unit=unit_of(one.point),
        )
        for one in driver.map_of(device)
    ]


def block_out(name: str, said: str) -> BlockOut:
    """A block of the outcome of `registers` (`holding 40+2`, `00fa 01b3`, or `! why`)."""
    table, _, place = name.partition(" ")
    address, _, count = place.partition("+")
    trouble = said.removeprefix("! ") if said.startswith("!") else ""
    words = [] if trouble else [int(word, 16) for word in said.split()]
    return BlockOut(
        table=table,
        address=int(address),
        count=int(count),
        words=words,
        trouble=trouble,
        said=sentences_out(trouble),
    )


def outcome_out(outcome: Outcome) -> OutcomeOut:
    """An outcome without values."""
    said = sentences_out(outcome.reason)
    return OutcomeOut(id=outcome.id, state=outcome.state.value, reason=outcome.reason, said=said)
