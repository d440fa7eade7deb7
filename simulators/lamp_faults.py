"""Which lamps and relays go wrong, how and when: by name, or by share and seed. Pure."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from drivers.profile import Profile, load_profile
from edge.core.errors import ConfigError
from simulators.nature import LampFault, Trouble
from simulators.town import BusPlan, DevicePlan, GatewayPlan, Town

BEGINS_S = 2 * 3600.0
"""Faults by seed begin within so much simulated time after the start,"""

LASTS_S = (0.5 * 3600.0, 8 * 3600.0)
"""and last so long."""

RELAYS = "relays"
"""The device of a simulated gateway that feeds segments."""


@dataclass(frozen=True, slots=True)
class LampFaultPlan:
    """`named` things suffer all the time; of the others a `share` does, by `seed`, for a while."""

    seed: int
    share: float = 0.0
    kinds: tuple[LampFault, ...] = tuple(LampFault)
    named: tuple[tuple[str, LampFault], ...] = ()


def parse_lamp_faults(text: str, seed: int) -> LampFaultPlan:
    """A plan from `SHARE`, `SHARE:KIND,KIND` or `DEVICE=KIND,DEVICE=KIND`; raises ConfigError."""
    try:
        if "=" in text:
            pairs = (part.partition("=") for part in text.split(","))
            return LampFaultPlan(seed, named=tuple((name, LampFault(kind)) for name, _, kind in pairs))
        share, _, kinds = text.partition(":")
        chosen = tuple(LampFault(kind) for kind in kinds.split(",") if kind) or tuple(LampFault)
        plan = LampFaultPlan(seed, float(share), chosen)
    except ValueError as error:
        known = ", ".join(LampFault)
        raise ConfigError(
            f"lamp faults {text!r}: {error}; write SHARE, SHARE:KIND,KIND or lamp-13=KIND,lamp-17=KIND "
            f"with kinds of {known}"
        ) from error
    if not 0.0 <= plan.share <= 1.0:
        raise ConfigError(f"lamp faults {text!r}: the share of lamps is from 0 to 1")
    return plan


def with_lamp_faults(town: Town, plan: LampFaultPlan, start_s: float) -> Town:
    """The town with what the plan says, faults by seed counted from UTC second `start_s`.

    Raises ConfigError for a name that no device has.
    """
    there = {device.id for gateway in town.gateways for device in gateway.devices}
    for name, _ in plan.named:
        if name not in there:
            raise ConfigError(
                f"lamp faults: there is no device {name}; lamps are lamp-01 and so on, relays relays"
            )

    def gateway(one: GatewayPlan) -> GatewayPlan:
        return replace(
            one, buses=tuple(_bus(bus, lambda device: _troubles(plan, device, start_s)) for bus in one.buses)
        )

    return replace(town, gateways=tuple(gateway(one) for one in town.gateways))


SHOWN_BY: Mapping[LampFault, frozenset[str]] = MappingProxyType(
    {
        LampFault.DEAD: frozenset({"lamp_failure", "control_gear_failure", "active_power"}),
        LampFault.DAY_BURNER: frozenset({"active_power", "lamp_on"}),
        LampFault.CYCLING: frozenset({"switch_on_counter", "lamp_on", "active_power"}),
        LampFault.DRIFTING: frozenset({"active_power"}),
        LampFault.NOT_DIMMING: frozenset({"active_power"}),
    }
)
"""By which points a fault of a lamp shows, one of them at least; the others show by themselves."""


def unseen(town: Town, plan: LampFaultPlan, load: Callable[[str], Profile] = load_profile) -> list[str]:
    """The named faults that nobody can see, in words: the lamp's profile reads nothing that shows them."""
    named = dict(plan.named)
    found = {}
    for device in (device for gateway in town.gateways for device in gateway.devices):
        kind = named.get(device.id)
        if kind is None or kind not in SHOWN_BY or not device.nature.is_lamp:
            continue
        points = {point.name for point in load(device.profile).points}
        if not points & SHOWN_BY[kind]:
            wants = " or ".join(sorted(SHOWN_BY[kind]))
            found[device.id] = f"{device.id}={kind} cannot be seen: {device.profile} reads no {wants}"
    return list(found.values())


def _bus(bus: BusPlan, troubles: Callable[[DevicePlan], tuple[Trouble, ...]]) -> BusPlan:
    def device(one: DevicePlan) -> DevicePlan:
        return replace(one, nature=replace(one.nature, troubles=troubles(one)))

    return replace(bus, devices=tuple(device(one) for one in bus.devices))


def _troubles(plan: LampFaultPlan, device: DevicePlan, start_s: float) -> tuple[Trouble, ...]:
    named = tuple(Trouble(kind) for name, kind in plan.named if name == device.id)
    fitting = _fitting(plan, device)
    chance = random.Random(f"{plan.seed}/{device.nature.seed}")
    if named or not fitting or chance.random() >= plan.share:
        return named
    began_s = start_s + chance.uniform(0.0, BEGINS_S)
    return (Trouble(chance.choice(fitting), began_s, began_s + chance.uniform(*LASTS_S)),)


def _fitting(plan: LampFaultPlan, device: DevicePlan) -> tuple[LampFault, ...]:
    """The kinds that this device can suffer by chance."""
    if device.nature.is_lamp:
        return tuple(kind for kind in plan.kinds if kind is not LampFault.STUCK_RELAY)
    relays = device.id == RELAYS and LampFault.STUCK_RELAY in plan.kinds
    return (LampFault.STUCK_RELAY,) if relays else ()
