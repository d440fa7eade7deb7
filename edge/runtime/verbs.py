"""What commands may ask of a gateway, verb by verb."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from edge.core.errors import ConfigError
from edge.core.model import Command, CommandState, Fields, Outcome, Reading
from edge.core.ports import Breathe, Driver
from edge.runtime.commands import Verb

if TYPE_CHECKING:
    from edge.runtime.gateway import Gateway


def verbs(gateway: "Gateway") -> dict[str, Verb]:
    """The verbs of this gateway."""

    async def read(command: Command) -> AsyncIterator[Outcome]:
        wanted = dict(command.arguments).get("points")
        fields = await read_now(gateway, command.target)
        if isinstance(wanted, str) and wanted:
            fields = _only(fields, tuple(wanted.split(",")), command.target)
        yield Outcome(command.id, CommandState.VERIFIED, result=fields)

    async def reload(command: Command) -> AsyncIterator[Outcome]:
        said = await gateway.reload()
        yield Outcome(command.id, CommandState.VERIFIED, said)

    return {"read": Verb(read, acts=False), "reload": Verb(reload, acts=True)}


async def read_now(gateway: "Gateway", device: str) -> Fields:
    """Ask a device for all its points, now, ahead of the polls."""
    bus = gateway.bus_of(device)

    async def job(driver: Driver, breathe: Breathe) -> Fields:
        fields: list[tuple[str, float | None]] = []
        for poll in driver.polls:
            if poll.device == device:
                reading: Reading = await driver.read(poll, breathe)
                fields += zip(poll.layout.names, reading.values, strict=True)
        return tuple(fields)

    return await bus.ask(job)


def _only(fields: Fields, wanted: tuple[str, ...], device: str) -> Fields:
    known = dict(fields)
    for name in wanted:
        if name not in known:
            raise ConfigError(f"{device} has no point {name!r}; it has {', '.join(known)}")
    return tuple((name, known[name]) for name in wanted)
