"""What gateway.toml says of the addresses on a line: who has the new one, and what must be changed. Pure."""

from collections.abc import Sequence

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


def to_change(devices: Sequence[Device], bus: Bus | None, old: Where, new: Where) -> tuple[str, ...]:
    """What has to be changed in gateway.toml now that the device is at its new place, a sentence each."""
    found: list[str] = []
    if old.unit != new.unit and not any(one.address == new.unit for one in devices):
        found += [
            f"gateway.toml still has {one.id} at address {old.unit}: set address = {new.unit} there, then "
            "`gianh reload`"
            for one in devices
            if one.address == old.unit
        ]
    line = new.line
    if bus is not None and line is not None:
        usual = (bus.baudrate, bus.parity, bus.stop_bits)
        if usual != (line.baudrate, line.parity, line.stop_bits):
            found.append(
                f"bus {bus.id} of gateway.toml is at {usual[0]} 8{usual[1]}{usual[2]}, the device at {line}: "
                "the gateway does not reach it there"
            )
    return tuple(found)
