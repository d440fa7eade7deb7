"""Rows as they come from disk, and which of them are sound. Pure."""

from collections.abc import Iterable, Iterator

from edge.core.model import Stream
from edge.runtime.store.database import StoreDamaged, Value
from edge.runtime.store.rows import Row, Undated, row_crc, undated_crc

JOURNAL_COLUMNS = (
    "seq, CAST(at_ns AS INTEGER), CAST(layout AS INTEGER), CAST(body AS BLOB), CAST(crc AS INTEGER)"
)
"""Casts, so that a flipped bit in a row's header gives a wrong sum and not a failed read."""

UNDATED_COLUMNS = (
    "id, CAST(boot AS BLOB), CAST(stream AS BLOB), CAST(mono_ns AS INTEGER), CAST(layout AS INTEGER),"
    " CAST(body AS BLOB), CAST(crc AS INTEGER)"
)


def sound_rows(raw: Iterable[tuple[Value, ...]]) -> Iterator[Row]:
    """Rows of JOURNAL_COLUMNS whose sum is right."""
    for seq, at_ns, layout, body, crc in raw:
        if (
            isinstance(seq, int)
            and isinstance(at_ns, int)
            and isinstance(layout, int)
            and isinstance(body, bytes)
            and crc == row_crc(seq, at_ns, layout, body)
        ):
            yield Row(seq, at_ns, layout, body.decode("utf-8", "replace"))


def sound_undated(raw: Iterable[tuple[Value, ...]]) -> Iterator[Undated]:
    """Rows of UNDATED_COLUMNS whose sum is right."""
    for key, boot, stream, mono_ns, layout, body, crc in raw:
        if not (isinstance(boot, bytes) and isinstance(stream, bytes) and isinstance(body, bytes)):
            continue
        try:
            row = Undated(
                number(key),
                boot.decode(),
                Stream(stream.decode()),
                number(mono_ns),
                number(layout),
                body.decode(),
            )
        except (ValueError, StoreDamaged):
            continue
        if crc == undated_crc(row):
            yield row


def number(value: Value) -> int:
    """The value, which must be a whole number."""
    if not isinstance(value, int):
        raise StoreDamaged(f"the store holds {value!r} where a number belongs")
    return value
