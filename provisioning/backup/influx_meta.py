"""What a back-up of InfluxDB 1.x knows of its databases, without their continuous queries. Pure.

`influxd restore -portable` sends this file in one piece, and the server takes what one read of its
connection gives: of a long one that is a part, and it says "connection reset by peer" (seen with 1.6.7, where
our queries are 170 KiB). They are the only large thing in it, and `gianh influx setup` makes them anew.

The file is Protocol Buffers: field 1 has the metadata, of which field 5 is a database, of which field 4 is a
continuous query (worked out from a file of 1.6.7).
"""

from collections.abc import Iterator

METADATA, DATABASE, QUERY = 1, 5, 4
VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5
_WIDTH = {FIXED_64: 8, FIXED_32: 4}


class MetaUnknown(ValueError):
    """The file is not what 1.6 writes."""


def without_queries(meta: bytes) -> bytes:
    """The same file without continuous queries. Raises MetaUnknown."""
    return _rewritten(meta, (METADATA, DATABASE))


def _rewritten(message: bytes, path: tuple[int, ...]) -> bytes:
    found = bytearray()
    for number, begin, body, end in _fields(message):
        if not path and number == QUERY:
            continue
        if path and number == path[0] and body is not None:
            inner = _rewritten(message[body:end], path[1:])
            found += _varint(number << 3 | BYTES) + _varint(len(inner)) + inner
        else:
            found += message[begin:end]
    return bytes(found)


def _fields(message: bytes) -> Iterator[tuple[int, int, int | None, int]]:
    """Number of each field, where it begins, where its bytes begin (None: it has none), and its end."""
    at = 0
    while at < len(message):
        begin = at
        key, at = _read(message, at)
        kind, body = key & 7, None
        if kind == VARINT:
            _, at = _read(message, at)
        elif kind == BYTES:
            length, body = _read(message, at)
            at = body + length
        elif kind in _WIDTH:
            at += _WIDTH[kind]
        else:
            raise MetaUnknown(f"a field of kind {kind}")
        if at > len(message):
            raise MetaUnknown("it ends too early")
        yield key >> 3, begin, body, at


def _read(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise MetaUnknown("it ends too early")


def _varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
