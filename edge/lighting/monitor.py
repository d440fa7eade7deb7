"""What operators watch: each rule a pure function over what is known of one thing now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from edge.config.alarms import Rule
from edge.core.alarms import AlarmKind, Finding, Sign
from edge.core.lighting import LightSource
from edge.core.sayings import say
from edge.lighting.power import expected_w

POWER_FACTOR_LEVEL = 50.0
"""Below this level, in percent, the power factor of LED gear says nothing about its health."""

POWER_FACTOR_W = 10.0
"""Below this power a power factor is noise."""

LOW_W = 5.0
"""A lamp that should draw less than this is not judged by its power: meters are too coarse."""


@dataclass(frozen=True, slots=True)
class View:
    """All that is known of one device now.

    `wanted` is the level that it is to have, percent, None where nobody says; `source` whose word that is;
    `night` is None while the clock is not set; `restarts_h` counts starts in the last hour that nobody
    commanded, None where they cannot be seen; `relays` are the relay states wanted, by point name.
    `is_feeder` marks a segment that is a lamp itself: whether its relay answers is that one's own affair;
    `in_cabinet` marks a device whose temperature is that of a cabinet's inside.
    """

    device: str
    values: Mapping[str, float] = field(default_factory=dict)
    online: bool | None = None
    is_lamp: bool = False
    wanted: float | None = None
    source: LightSource | None = None
    nominal_w: float | None = None
    night: bool | None = None
    restarts_h: int | None = None
    relays: Mapping[str, bool] = field(default_factory=dict)
    is_feeder: bool = False
    in_cabinet: bool = False


Look = Callable[[View, Rule], tuple[Sign, float | None, str]]


def findings(view: View, rules: Mapping[AlarmKind, Rule]) -> Iterator[Finding]:
    """What every rule in force says of a device; a device that is away is not judged by its last values."""
    for kind, (concerns, look) in _LOOKS.items():
        if (rule := rules.get(kind)) is None or not concerns(view):
            continue
        if view.online or kind is AlarmKind.COMMUNICATION_FAILURE:
            sign, value, text = look(view, rule)
            yield Finding(kind, view.device, sign, value, text)
        else:
            yield Finding(kind, view.device, Sign.UNSURE)


def above(value: float, threshold: float, hysteresis: float) -> Sign:
    """Trouble above the threshold; well again once below it by the hysteresis."""
    if value > threshold:
        return Sign.TROUBLE
    return Sign.WELL if value <= threshold - hysteresis else Sign.UNSURE


def below(value: float, threshold: float, hysteresis: float) -> Sign:
    """Trouble below the threshold; well again once above it by the hysteresis."""
    return above(-value, -threshold, hysteresis)


def lamp_failure(view: View, rule: Rule) -> tuple[Sign, float | None, str]:
    """The controller says so, or a lamp that is to shine draws hardly anything."""
    bits = [view.values[name] for name in ("lamp_failure", "control_gear_failure") if name in view.values]
    if any(bits):
        return Sign.TROUBLE, 1.0, say("reports_failure", device=view.device)
    share = _share(view)
    if share is None:
        return (Sign.WELL if bits else Sign.UNSURE), None, ""
    text = _draws(view, share)
    return below(share, rule.threshold, rule.hysteresis), share, text


def _draws(view: View, share: float) -> str:
    return say("draws_share", device=view.device, share=f"{share:.0f}", wanted=f"{view.wanted:g}")


def lamp_unexpected_on(view: View, rule: Rule) -> tuple[Sign, float | None, str]:
    """A day burner: it is to be dark, or it is day and no plan says anything, and yet it burns."""
    unplanned = view.source in (None, LightSource.DEFAULT) and view.night is False
    if view.wanted is None and not unplanned:
        return Sign.UNSURE, None, ""
    if view.wanted and not unplanned:
        return Sign.WELL, None, ""
    power_w, said = view.values.get("active_power"), view.values.get("lamp_unexpected_on")
    if said:
        return Sign.TROUBLE, 1.0, say("reports_burning", device=view.device)
    if power_w is not None:
        text = say("draws_in_the_dark", device=view.device, power=f"{power_w:.1f}")
        return above(power_w, rule.threshold, rule.hysteresis), power_w, text
    if (lit := view.values.get("lamp_on")) is not None:
        return (Sign.TROUBLE if lit else Sign.WELL), lit, say("burns_in_the_dark", device=view.device)
    return Sign.UNSURE, None, ""


def dimming_failure(view: View, rule: Rule) -> tuple[Sign, float | None, str]:
    """It shines, but not as told: by the level read back, or by its power. Dead lamps have their own rule."""
    if not view.wanted:
        return Sign.UNSURE, None, ""
    signs: list[tuple[Sign, float, str]] = []
    if (level := view.values.get("level")) is not None:
        off = abs(level - view.wanted)
        text = say("other_level", device=view.device, level=f"{level:g}", wanted=f"{view.wanted:g}")
        signs.append((above(off, rule.threshold, rule.hysteresis), off, text))
    share = _share(view)
    if share is not None and share > rule.threshold:
        off = abs(share - 100)
        text = _draws(view, share)
        signs.append((above(off, rule.threshold, rule.hysteresis), off, text))
    return _worst(signs)


def cycling(view: View, rule: Rule) -> tuple[Sign, float | None, str]:
    """It went off and came on again by itself, more often than a fault of the supply explains."""
    if view.restarts_h is None:
        return Sign.UNSURE, None, ""
    count = float(view.restarts_h)
    text = say("restarted", device=view.device, times=view.restarts_h)
    return above(count, rule.threshold, rule.hysteresis), count, text


def relay_failure(view: View, _rule: Rule) -> tuple[Sign, float | None, str]:
    """A relay is not as commanded."""
    signs: list[tuple[Sign, float, str]] = []
    for point, wanted in view.relays.items():
        if (state := view.values.get(point)) is not None:
            wrong = bool(state) is not wanted
            text = say(
                "contact",
                device=view.device,
                point=point,
                state=_closed(bool(state)),
                commanded=_closed(wanted),
            )
            signs.append((Sign.TROUBLE if wrong else Sign.WELL, state, text))
    return _worst(signs)


def supply_voltage(view: View, rule: Rule) -> tuple[Sign, float | None, str]:
    """A voltage out of range; a phase that is gone while another is there is phase loss, not this."""
    phases = _phases(view)
    volts = [(name, value) for name, value in phases if value >= _GONE_V] or phases
    if "supply_voltage" in view.values:
        volts.append(("supply_voltage", view.values["supply_voltage"]))
    return _worst(_voltage_signs(view.device, volts, rule))


def power_factor(view: View, rule: Rule) -> tuple[Sign, float | None, str]:
    """A power factor too low, where it means something."""
    factor, power_w = view.values.get("power_factor"), view.values.get("active_power")
    faint = power_w is not None and abs(power_w) < POWER_FACTOR_W
    dim = view.is_lamp and (view.wanted is None or view.wanted < POWER_FACTOR_LEVEL)
    if factor is None or faint or dim:
        return Sign.UNSURE, factor, ""
    text = say("power_factor", device=view.device, factor=f"{factor:.2f}")
    return below(abs(factor), rule.threshold, rule.hysteresis), factor, text


def communication_failure(view: View, _rule: Rule) -> tuple[Sign, float | None, str]:
    """It does not answer, or its controller says that it cannot reach it."""
    if view.online is None:
        return Sign.UNSURE, None, ""
    if not view.online:
        return Sign.TROUBLE, None, say("silent", device=view.device)
    if view.values.get("communication_failure"):
        return Sign.TROUBLE, None, say("unreached", device=view.device)
    return Sign.WELL, None, ""


def cabinet_door(view: View, _rule: Rule) -> tuple[Sign, float | None, str]:
    """The door of a cabinet stands open."""
    is_open = view.values["cabinet_door_open"]
    return (Sign.TROUBLE if is_open else Sign.WELL), is_open, say("door_open", device=view.device)


def cabinet_power(view: View, rule: Rule) -> tuple[Sign, float | None, str]:
    """The mains are lost: the cabinet says so, or a meter that something else feeds sees no voltage."""
    said = view.values.get("mains_lost")
    if said:
        return Sign.TROUBLE, said, say("mains_lost", device=view.device)
    volts = _voltages(view)
    if not volts:
        return Sign.WELL, said, ""
    text = say("volts_at_most", device=view.device, volts=f"{max(volts):.0f}")
    return below(max(volts), rule.threshold, rule.hysteresis), max(volts), text


def cabinet_temperature(view: View, rule: Rule) -> tuple[Sign, float | None, str]:
    """It is too hot inside a cabinet."""
    inside = [view.values[name] for name in ("cabinet_temperature", "temperature") if name in view.values]
    text = say("hot", device=view.device, celsius=f"{inside[0]:.1f}")
    return above(inside[0], rule.threshold, rule.hysteresis), inside[0], text


def phase_loss(view: View, rule: Rule) -> tuple[Sign, float | None, str]:
    """One phase is gone while another is there."""
    phases = _phases(view)
    name, lowest = min(phases, key=lambda phase: phase[1])
    if max(value for _, value in phases) < rule.threshold + rule.hysteresis:
        return Sign.UNSURE, lowest, ""
    text = say("volts", device=view.device, point=name, volts=f"{lowest:.0f}")
    return below(lowest, rule.threshold, rule.hysteresis), lowest, text


_GONE_V = 50.0
"""A phase below this has no voltage at all."""


def _voltage_signs(
    device: str, volts: Iterable[tuple[str, float]], rule: Rule
) -> list[tuple[Sign, float, str]]:
    found = []
    for name, value in volts:
        low = below(value, rule.threshold, rule.hysteresis)
        high = above(value, rule.upper, rule.hysteresis)
        sign = _WORST_FIRST[min(_WORST_FIRST.index(low), _WORST_FIRST.index(high))]
        found.append((sign, value, say("volts", device=device, point=name, volts=f"{value:.0f}")))
    return found


_WORST_FIRST = (Sign.TROUBLE, Sign.UNSURE, Sign.WELL)


def _worst(signs: Iterable[tuple[Sign, float, str]]) -> tuple[Sign, float | None, str]:
    return min(signs, key=lambda one: _WORST_FIRST.index(one[0]), default=(Sign.UNSURE, None, ""))


def _share(view: View) -> float | None:
    """Power in percent of what the wanted level should draw; None where that cannot be said."""
    power_w = view.values.get("active_power")
    if power_w is None or view.nominal_w is None or not view.wanted:
        return None
    should_w = expected_w(view.nominal_w, view.wanted)
    return power_w / should_w * 100 if should_w >= LOW_W else None


def _voltages(view: View) -> list[float]:
    names = ("supply_voltage", *(name for name, _ in _phases(view)))
    return [view.values[name] for name in names if name in view.values]


def _phases(view: View) -> list[tuple[str, float]]:
    names = (f"phase{phase}_supply_voltage" for phase in (1, 2, 3))
    return [(name, view.values[name]) for name in names if name in view.values]


def _closed(closed: bool) -> str:
    return "closed" if closed else "open"


def _lamp(view: View) -> bool:
    return view.is_lamp


def _has_mains(view: View) -> bool:
    return "mains_lost" in view.values or (not view.is_lamp and bool(_voltages(view)))


def _has_inside(view: View) -> bool:
    return "cabinet_temperature" in view.values or (view.in_cabinet and "temperature" in view.values)


_LOOKS: Mapping[AlarmKind, tuple[Callable[[View], bool], Look]] = MappingProxyType(
    {
        AlarmKind.LAMP_FAILURE: (_lamp, lamp_failure),
        AlarmKind.LAMP_UNEXPECTED_ON: (_lamp, lamp_unexpected_on),
        AlarmKind.DIMMING_FAILURE: (_lamp, dimming_failure),
        AlarmKind.CYCLING: (_lamp, cycling),
        AlarmKind.RELAY_FAILURE: (lambda view: bool(view.relays), relay_failure),
        AlarmKind.SUPPLY_VOLTAGE: (
            lambda view: any(name.endswith("supply_voltage") for name in view.values),
            supply_voltage,
        ),
        AlarmKind.POWER_FACTOR: (lambda view: "power_factor" in view.values, power_factor),
        AlarmKind.COMMUNICATION_FAILURE: (lambda view: not view.is_feeder, communication_failure),
        AlarmKind.CABINET_DOOR: (lambda view: "cabinet_door_open" in view.values, cabinet_door),
        AlarmKind.CABINET_POWER: (_has_mains, cabinet_power),
        AlarmKind.CABINET_TEMPERATURE: (_has_inside, cabinet_temperature),
        AlarmKind.PHASE_LOSS: (lambda view: len(_phases(view)) > 1, phase_loss),
    }
)
"""Each rule with the devices that it concerns."""
