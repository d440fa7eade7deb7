"""What commands may ask of a gateway, verb by verb."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from edge.core.errors import ConfigError, GianhError
from edge.core.model import Command, CommandState, Fields, Outcome, Reading
from edge.core.ports import Breathe, Driver
from edge.core.registers import RegisterBlock, RegisterDriver
from edge.core.sayings import say
from edge.core.serviced import Serviced, keep_serviced
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

    async def registers(command: Command) -> AsyncIterator[Outcome]:
        fields = await registers_now(gateway, command.target)
        yield Outcome(command.id, CommandState.VERIFIED, result=fields)

    async def serviced(command: Command) -> AsyncIterator[Outcome]:
        gateway.bus_of(command.target)
        note = dict(command.arguments).get("note")
        text = note if isinstance(note, str) else ""
        by = command.by or "nobody named"
        keep_serviced(gateway.store, command.target, Serviced(by, text, command.received.utc_ns))
        yield Outcome(command.id, CommandState.VERIFIED)

    return {
        "read": Verb(read, acts=False),
        "registers": Verb(registers, acts=False),
        "reload": Verb(reload, acts=True),
        "serviced": Verb(serviced, acts=True),
    }


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


async def registers_now(gateway: "Gateway", device: str) -> Fields:
    """A device's registers as they are, block by block: `holding 40+2` to `00fa 01b3`; of a block that was
    refused the reason. Polls go between two blocks. Raises ConfigError for a device without registers.
    """
    bus = gateway.bus_of(device)
    driver = bus.driver
    if not isinstance(driver, RegisterDriver):
        raise ConfigError(say("no_registers", device=device))
    found: list[tuple[str, str]] = []
    for block in driver.blocks_of(device):
        try:
            words = await bus.ask(_words_of(device, block))
        except GianhError as error:
            if not found:
                raise  # who does not answer the first will not answer the others: the bus has better to do
            found.append((block.name, f"! {error}"))
        else:
            found.append((block.name, " ".join(f"{word:04x}" for word in words)))
    return tuple(found)


def _words_of(device: str, block: RegisterBlock) -> Callable[[Driver, Breathe], Awaitable[Sequence[int]]]:
    async def job(driver: Driver, breathe: Breathe) -> Sequence[int]:
        if not isinstance(driver, RegisterDriver):
            raise ConfigError(say("registers_gone", device=device))
        return await driver.read_registers(device, block, breathe)

    return job


def _only(fields: Fields, wanted: tuple[str, ...], device: str) -> Fields:
    known = dict(fields)
    for name in wanted:
        if name not in known:
            raise ConfigError(say("no_such_point", device=device, point=f"{name!r}", known=", ".join(known)))
    return tuple((name, known[name]) for name in wanted)
