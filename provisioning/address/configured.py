"""What gateway.toml says of the addresses on a line: who has the new one, and what must be changed. Pure."""

from collections.abc import Sequence

from edge.config.rewrite import Rewriting
from edge.config.schema import Bus, Device
from edge.core.errors import ConfigError
from provisioning.address.journal import Where


def refuse_taken(devices: Sequence[Device], new: Where, itself: str | None) -> None:
    """Raises ConfigError where another device of the line is configured at the new unit id: it may only be
    without power now. `itself` is the id of the device that is moved, where somebody said so."""
    if itself is not None and itself not in [one.id for one in devices]:
        names = ", ".join(one.id for one in devices) or "none"
        raise ConfigError(f"gateway.toml has no {itself} on this line; it has: {names}")
    there = [one for one in devices if one.address == new.unit and one.id != itself]
    if there:
        names = ", ".join(f"{one.id} ({one.profile})" for one in there)
        raise ConfigError(
            f"gateway.toml has {names} at address {new.unit} of {there[0].bus}, perhaps without power now: "
            f"choose another address, or say --as {there[0].id} if the device that you move is this one"
        )


def left_behind(devices: Sequence[Device], old: Where, new: Where) -> tuple[Device, ...]:
    """The devices that gateway.toml still has at the former unit id, where nobody has the new one."""
    if old.unit == new.unit or any(one.address == new.unit for one in devices):
        return ()
    return tuple(one for one in devices if one.address == old.unit)


def with_address(text: str, devices: Sequence[Device], unit: int) -> str:
    """gateway.toml with these devices at the new unit id; comments and order stay. Raises ConfigError."""
    rewriting = Rewriting(text)
    for one in devices:
        rewriting.put_member("device", one.id, {"address": unit})
    return rewriting.text


def unreached(bus: Bus | None, new: Where) -> str:
    """Why the gateway does not reach the device at its new place; empty where it does."""
    line = new.line
    if bus is None or line is None:
        return ""
    if (bus.baudrate, bus.parity, bus.stop_bits) == (line.baudrate, line.parity, line.stop_bits):
        return ""
    usual = f"{bus.baudrate} 8{bus.parity}{bus.stop_bits}"
    return f"bus {bus.id} of gateway.toml is at {usual}, the device at {line}: the gateway does not reach it"
