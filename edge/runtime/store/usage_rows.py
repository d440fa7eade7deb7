"""Rows of the table `usage`: how they lie in the file."""

import zlib
from collections.abc import Iterable

from edge.core.wifi import KeptKey, KeptRow
from edge.runtime.store.database import Database, StoreDamaged, Value

FORGET_AT_ONCE = 5_000
"""Most rows that one transaction takes away."""

CHUNK_ROWS = 5_000

COLUMNS = "kind, at, place, key, CAST(body AS BLOB), CAST(crc AS INTEGER)"

_KEYS = 1 << 64


def _signed(key: int) -> int:
    """SQLite's whole numbers are signed."""
    return key - _KEYS if key >= _KEYS >> 1 else key


def _crc(kind: int, at: int, place: str, key: int, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(f"{kind},{at},{place},{key},".encode()))


def write_usage(
    database: Database,
    rows: Iterable[tuple[KeptKey, bytes | None]],
    forgotten: Iterable[tuple[int, int]],
) -> None:
    """Bring rows to the file, within its transaction; of what is to be forgotten only so much at once."""
    rows = list(rows)
    database.many(
        "INSERT OR REPLACE INTO usage VALUES (?, ?, ?, ?, ?, ?)",
        [
            (kind, at, place, signed, body, _crc(kind, at, place, signed, body))
            for (kind, at, place, key), body in rows
            if body is not None
            for signed in (_signed(key),)
        ],
    )
    database.many(
        "DELETE FROM usage WHERE kind = ? AND at = ? AND place = ? AND key = ?",
        [(kind, at, place, _signed(key)) for (kind, at, place, key), body in rows if body is None],
    )
    for kind, before in forgotten:
        database.run(
            "DELETE FROM usage WHERE (kind, at, place, key) IN"
            " (SELECT kind, at, place, key FROM usage WHERE kind = ? AND at < ? LIMIT ?)",
            (kind, before, FORGET_AT_ONCE),
        )


def read_usage(database: Database, kind: int, first: int, last: int) -> list[KeptRow]:
    """Sound rows of a kind whose `at` lies in [first, last], in the order of their keys."""
    return sound_usage(
        database.run(
            f"SELECT {COLUMNS} FROM usage WHERE kind = ? AND at BETWEEN ? AND ?"
            " ORDER BY kind, at, place, key",
            (kind, first, last),
        )
    )


def sound_usage(raw: Iterable[tuple[Value, ...]]) -> list[KeptRow]:
    """Rows of COLUMNS whose sum is right."""
    return [
        KeptRow(kind, at, place, key % _KEYS, body)
        for kind, at, place, key, body, crc in raw
        if isinstance(kind, int)
        and isinstance(at, int)
        and isinstance(place, str)
        and isinstance(key, int)
        and isinstance(body, bytes)
        and crc == _crc(kind, at, place, key, body)
    ]


def copy_usage(old: Database, fresh: Database) -> None:
    """Take over the sound rows of a damaged file: the first up to a damaged place, then the last."""
    for sign, order in ((">", "ASC"), ("<", "DESC")):
        key: tuple[Value, ...] = (-1, 0, "", 0) if sign == ">" else (1 << 62, 0, "", 0)
        try:
            while raw := old.run(
                f"SELECT {COLUMNS} FROM usage WHERE (kind, at, place, key) {sign} (?, ?, ?, ?)"
                f" ORDER BY kind {order}, at {order}, place {order}, key {order} LIMIT ?",
                (*key, CHUNK_ROWS),
            ):
                key = raw[-1][:4]
                with fresh.transaction():
                    write_usage(fresh, [(row.key_of, row.body) for row in sound_usage(raw)], ())
            return
        except StoreDamaged:
            continue
