"""The dimming curve that a lamp's own gear is set to, where it is not its profile's. Pure."""

from dataclasses import replace
from typing import TypeVar

from drivers.coded import Coded, Curve
from drivers.device_model import Profile
from drivers.modbus.dali import LEVEL_MAX
from edge.config.schema import Device, DimmingCurve

C = TypeVar("C", bound=Coded)


def on_curve(profile: Profile, device: Device) -> Profile:
    """The profile with the level of its lamp, of its group and line too, on the curve of this device."""
    lamp, curve = profile.lamp, device.dimming_curve
    if lamp is None or curve is None:
        return profile
    told = {lamp.level, lamp.group, lamp.line}
    shown = {command.reads_back for command in profile.commands if command.name == lamp.level}
    return replace(
        profile,
        commands=tuple(_curved(one, curve) if one.name in told else one for one in profile.commands),
        points=tuple(_curved(one, curve) if one.name in shown else one for one in profile.points),
    )


def _curved(coded: C, curve: DimmingCurve) -> C:
    if curve is DimmingCurve.LOGARITHMIC:
        return replace(coded, curve=Curve.LOGARITHMIC) if coded.curve is Curve.LINEAR else coded
    if coded.curve is Curve.DALI:
        return replace(coded, curve=Curve.LINEAR, scale=100.0, divisor=LEVEL_MAX)
    return replace(coded, curve=Curve.LINEAR)
