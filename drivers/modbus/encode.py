"""From values to what is written on the wire: commands, and the registers of simulated devices. Pure."""

import struct

from drivers.coded import Coded, Curve, Type
from drivers.modbus.answer import FORMAT, in_order
from drivers.modbus.dali import arc_level, signal_of
from drivers.modbus.linear import Linear
from edge.core.errors import ConfigError
from edge.core.sayings import say


def encode(coded: Coded, value: float) -> tuple[int, ...]:
    """The registers (16-bit words in wire order) or the coil that say `value`.

    A bit is set in its own place of its register, the others being 0. Raises ConfigError where the value
    does not fit the type.
    """
    try:
        return _words(coded, value)
    except (ValueError, OverflowError, struct.error) as error:
        raise ConfigError(
            say(
                "does_not_fit",
                point=coded.name,
                value=f"{value:g}",
                type=coded.type,
                scale=f"{coded.scale:g}",
            )
        ) from error


def _words(coded: Coded, value: float) -> tuple[int, ...]:
    if coded.type is Type.COIL:
        return (int(bool(Linear.of(coded).raw_of(value))),)
    if coded.type is Type.BIT:
        return (int(bool(Linear.of(coded).raw_of(value))) << (coded.bit or 0),)
    packed = struct.pack(f">{FORMAT[coded.type]}", _raw(coded, value))
    wire = bytearray(len(packed))
    for byte, place in zip(packed, in_order(len(packed), coded.word_order), strict=True):
        wire[place] = byte
    return struct.unpack(f">{len(wire) // 2}H", wire)


def _raw(coded: Coded, value: float) -> int | float:
    linear = Linear.of(coded)
    value = signal_of(value) if coded.curve is Curve.LOGARITHMIC else value
    if coded.type in (Type.F32, Type.F64):
        return linear.raw_float_of(value)
    return arc_level(value) if coded.curve is Curve.DALI else linear.raw_of(value)
