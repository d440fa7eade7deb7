"""Commissioning within a running gateway: its command desk does what a technician asks of the devices."""

from pathlib import Path

from edge.config.commissioning_view import Choices, Identified
from edge.core.errors import ConfigError, TransientError
from edge.core.model import CommandState, Fields, Outcome
from edge.core.ports import Clock
from edge.core.sayings import say, understood
from edge.runtime.asking import carried_out
from edge.runtime.gateway import Gateway
from edge.wiring.commission_identify import Recogniser
from edge.wiring.problems import problems_of_wiring
from provisioning.commission.bench import Bench
from provisioning.commission.hands import Values
from provisioning.commission.record import finish
from provisioning.commission.service import Commissioning

ASK_S = 60.0
"""Longest wait for a device or a lamp."""

HOLD_S = 300.0
"""A lamp that is tested goes back to its plan after this, also if the gateway dies in between."""


class PoleCommissioning(Commissioning):
    """With what a page needs besides: what may be named, and what a unit may be."""

    def __init__(self, bench: Bench, gateway: Gateway, clock: Clock) -> None:
        super().__init__(bench, DeskHands(gateway, clock), gateway.store.aside)
        self._recognise = Recogniser(gateway)

    async def choices(self) -> Choices:
        """What answers may name."""
        return await self._recognise.choices()

    async def identify(self, bus: str, address: int) -> Identified:
        """What the unit at an address may be. Raises ConfigError for a line that is not there."""
        return await self._recognise.identify(bus, address)


def commissioning(gateway: Gateway, file: Path, clock: Clock) -> PoleCommissioning:
    """The commissioning of this gateway by its file."""

    def now_ns() -> int:
        if (utc_ns := clock.stamp().utc_ns) is None:
            raise TransientError(say("record_needs_clock"))
        return utc_ns

    bench = Bench(file, problems_of_wiring, now_ns, finish)
    return PoleCommissioning(bench, gateway, clock)


class TooSoon(TransientError):
    """A lamp was set a moment ago, and is to be left alone for `wait_s`."""

    def __init__(self, text: str, wait_s: float) -> None:
        super().__init__(text)
        self.wait_s = wait_s


class DeskHands:
    """The running gateway, asked in its own process."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        self._gateway, self._clock = gateway, clock

    async def reload(self) -> str:
        """Apply gateway.toml."""
        return await self._gateway.reload()

    async def read(self, device: str) -> Values:
        """Ask a device now."""
        outcome = await self._ask("read", device, ())
        return {
            name: float(value) if isinstance(value, int | float) else None for name, value in outcome.result
        }

    async def blink(self, device: str) -> None:
        """Let a lamp show itself; one that cannot be read back has blinked all the same."""
        await self._ask("identify", device, (), blind=True)

    async def light(self, device: str, level: float) -> None:
        """Set a lamp for HOLD_S; one that cannot be read back is set all the same: a meter will show it.

        A lamp that was set a moment ago has its rest first.
        """
        arguments: Fields = (("level", level), ("for_s", HOLD_S), ("fade_s", 0.0))
        try:
            await self._ask("light", device, arguments, blind=True)
        except TooSoon as early:
            await self.pause(early.wait_s)
            await self._ask("light", device, arguments, blind=True)

    async def release(self, device: str) -> None:
        """Let the plan have the lamp again."""
        await self._ask("light", device, (("release", True),), blind=True)

    async def pause(self, seconds: float) -> None:
        """Wait."""
        await self._clock.sleep(seconds)

    async def _ask(self, verb: str, device: str, arguments: Fields, blind: bool = False) -> Outcome:
        if device not in {one.id for one in self._gateway.config.device}:
            raise ConfigError(say("device_not_written", device=f"{device!r}"))
        desk = self._gateway.desk
        try:
            outcome = await carried_out(
                desk, self._clock, verb, device, arguments, "commission", "local", ASK_S
            )
        except TimeoutError as error:
            raise TransientError(say("gateway_silent", gateway=device, seconds=f"{ASK_S:g}")) from error
        good = {CommandState.VERIFIED, CommandState.UNKNOWN} if blind else {CommandState.VERIFIED}
        if outcome.state not in good:
            for one in understood(outcome.reason):
                if one.code == "too_soon":
                    raise TooSoon(outcome.reason, float(dict(one.what)["seconds"]))
            raise TransientError(outcome.reason or f"{device}: {outcome.state.value}")
        return outcome
