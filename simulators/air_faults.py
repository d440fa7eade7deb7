"""Which sensors go wrong, how and when, and which days the town has: by name, or by share and seed. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.core.errors import ConfigError
from simulators.nature import AirFault, Flaw, Scenario
from simulators.town import DevicePlan, GatewayPlan, Town

SOUND_S = 20.0
"""So many real seconds named sensors are sound, so that the first sample of each is there and good."""

BEGINS_S = 2 * 3600.0
"""Faults by seed begin within so much simulated time after the start,"""

LASTS_S = (3 * 3600.0, 24 * 3600.0)
"""and last so long."""


@dataclass(frozen=True, slots=True)
class AirFaultPlan:
    """`named` sensors are at fault soon and for ever; of the others a `share` is, by `seed`, for a while."""

    seed: int
    share: float = 0.0
    kinds: tuple[AirFault, ...] = tuple(AirFault)
    named: tuple[tuple[str, AirFault], ...] = ()


def parse_air_faults(text: str, seed: int) -> AirFaultPlan:
    """A plan from `SHARE`, `SHARE:KIND,KIND` or `DEVICE=KIND,DEVICE=KIND`; raises ConfigError."""
    try:
        if "=" in text:
            pairs = (part.partition("=") for part in text.split(","))
            return AirFaultPlan(seed, named=tuple((name, AirFault(kind)) for name, _, kind in pairs))
        share, _, kinds = text.partition(":")
        chosen = tuple(AirFault(kind) for kind in kinds.split(",") if kind) or tuple(AirFault)
        plan = AirFaultPlan(seed, float(share), chosen)
    except ValueError as error:
        known = ", ".join(AirFault)
        raise ConfigError(
            f"air faults {text!r}: {error}; write SHARE, SHARE:KIND,KIND or air=KIND,air-twin=KIND "
            f"with kinds of {known}"
        ) from error
    if not 0.0 <= plan.share <= 1.0:
        raise ConfigError(f"air faults {text!r}: the share of sensors is from 0 to 1")
    return plan


def with_air_faults(town: Town, plan: AirFaultPlan, start_s: float, speed: float = 1.0) -> Town:
    """The town with what the plan says from UTC second `start_s` on, its day running `speed` times as fast.

    Raises ConfigError for a name that no sensor of air or weather has.
    """
    sensors = {device.id for gateway in town.gateways for device in gateway.devices if device.in_air}
    for name, _ in plan.named:
        if name not in sensors:
            raise ConfigError(
                f"air faults: there is no sensor {name}; there are: {', '.join(sorted(sensors))}"
            )

    def faulty(device: DevicePlan) -> DevicePlan:
        if not device.in_air:
            return device
        flaws = tuple(_flaws(plan, device, start_s, speed))
        return replace(device, nature=replace(device.nature, flaws=flaws))

    return _changed(town, faulty)


def with_scenario(town: Town, scenario: Scenario) -> Town:
    """The town with days of that kind."""

    def device(one: DevicePlan) -> DevicePlan:
        return replace(one, nature=replace(one.nature, scenario=scenario))

    return _changed(town, device)


def _flaws(plan: AirFaultPlan, device: DevicePlan, start_s: float, speed: float) -> list[Flaw]:
    from_s, step_s = start_s + SOUND_S * speed, device.interval_s * speed
    named = [Flaw(kind, from_s, step_s=step_s) for name, kind in plan.named if name == device.id]
    chance = random.Random(f"{plan.seed}/{device.nature.seed}/air")
    if named or chance.random() >= plan.share:
        return named
    began_s = start_s + chance.uniform(0.0, BEGINS_S)
    return [Flaw(chance.choice(plan.kinds), began_s, began_s + chance.uniform(*LASTS_S), step_s)]


def _changed(town: Town, device: Callable[[DevicePlan], DevicePlan]) -> Town:
    def gateway(one: GatewayPlan) -> GatewayPlan:
        buses = (replace(bus, devices=tuple(map(device, bus.devices))) for bus in one.buses)
        return replace(one, buses=tuple(buses))

    return replace(town, gateways=tuple(map(gateway, town.gateways)))
