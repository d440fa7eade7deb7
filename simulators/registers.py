"""How a simulated device writes a value into its registers, also one that does not fit. Pure."""

from drivers.coded import ProfilePoint, Table, Type
from drivers.modbus.decode import encode
from edge.core.errors import ConfigError
from edge.core.vocabulary import Kind

_BITS = {Type.U16: 16, Type.U32: 32, Type.U64: 64}
ALL_ONES = 0xFFFF


def registers_of(point: ProfilePoint, value: float) -> tuple[int, ...]:
    """The words of `value`. A counter begins anew where its register is full.

    What cannot be written is all ones, which is how many sensors say that they have no value.
    """
    bits = _BITS.get(point.type)
    if bits is not None and point.quantity.kind is Kind.COUNTER:
        value %= 2**bits * point.scale / point.divisor
    try:
        return encode(point, value)
    except ConfigError:
        words = point.count // 2 if point.table is Table.FRAME else point.count
        return (ALL_ONES,) * words
