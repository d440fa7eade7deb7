"""What is shown of a device: that it answers, that its lamp is the right one, and what the lamp draws."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from edge.config.commissioning import DeviceAnswer, PowerAnswer, TestAnswer, TestKind
from edge.config.commissioning_view import Measured, Tested
from edge.core.errors import ConfigError, GianhError, TransientError
from edge.core.sayings import in_vietnamese, say
from provisioning.commission.hands import Hands, Values

POWER = "active_power"
FULL, OFF = 100.0, 0.0

SETTLE_S = 2.0
SETTLE_TRIES = 15
STEADY = 0.02
"""A power counts as settled once two readings, SETTLE_S apart, differ by less than this share."""


async def tested(hands: Hands, device: str, answer: TestAnswer) -> Tested:
    """The result of a test; a device that does not answer is a test that failed, not an error."""
    if answer.kind is TestKind.BLINK:
        if answer.seen is None:
            raise ConfigError(say("seen_wanted", device=device))
        said = say("seen_to_blink") if answer.seen else say("other_blinked")
        return _tested(device, answer, answer.seen, said)
    try:
        values = await hands.read(device)
    except GianhError as error:
        return _tested(device, answer, False, str(error))
    good = {name: value for name, value in values.items() if value is not None}
    said = "" if good else say("answered_badly")
    return _tested(device, answer, bool(good), said, values)


def _tested(device: str, answer: TestAnswer, passed: bool, said: str, values: Values | None = None) -> Tested:
    shown = tuple((values or {}).items())
    return Tested(
        device=device,
        kind=answer.kind,
        passed=passed,
        values=shown,
        said=said,
        said_vi=in_vietnamese(said),
    )


async def measured(hands: Hands, device: DeviceAnswer, answer: PowerAnswer) -> Measured:
    """The power of a lamp at full light, its own or what a meter shows more than without it."""
    expected_w = answer.expected_w or device.expected_w
    if expected_w is None:
        raise ConfigError(say("expected_wanted", device=device.id))
    meter = answer.meter or device.id
    async with _released(hands, device.id):
        before_w = 0.0
        if meter != device.id:
            await hands.light(device.id, OFF)
            before_w = await _settled(hands, meter)
        await hands.light(device.id, FULL)
        found_w = await _settled(hands, meter) - before_w
    return Measured(
        device=device.id,
        meter=meter,
        expected_w=expected_w,
        tolerance=answer.tolerance,
        measured_w=round(found_w, 2),
        passed=abs(found_w - expected_w) <= answer.tolerance * expected_w,
    )


async def _settled(hands: Hands, meter: str) -> float:
    """The power that a meter shows once it no longer changes, or after SETTLE_TRIES readings."""
    before_w = _power(await hands.read(meter), meter)
    for _ in range(SETTLE_TRIES):
        await hands.pause(SETTLE_S)
        now_w = _power(await hands.read(meter), meter)
        if abs(now_w - before_w) <= max(0.5, STEADY * abs(before_w)):
            return now_w
        before_w = now_w
    return before_w


def _power(values: Values, meter: str) -> float:
    if POWER not in values:
        raise ConfigError(say("no_power_of", meter=meter))
    value = values[POWER]
    if value is None:
        raise TransientError(say("power_ungiven", meter=meter))
    return value


@asynccontextmanager
async def _released(hands: Hands, device: str) -> AsyncIterator[None]:
    """Whatever happens, the lamp goes back to its plan."""
    try:
        yield
    finally:
        await hands.release(device)
