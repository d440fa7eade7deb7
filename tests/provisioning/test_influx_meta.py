"""Metadata of InfluxDB 1.x without continuous queries: all else stays as it is, rubbish is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.backup.influx_meta import MetaUnknown, without_queries


def varint(value: int) -> bytes:
    return (bytes([value & 0x7F | 0x80]) + varint(value >> 7)) if value > 0x7F else bytes([value])


def field(number: int, body: bytes | int) -> bytes:
    if isinstance(body, int):
        return varint(number << 3) + varint(body)
    return varint(number << 3 | 2) + varint(len(body)) + body


OTHERS = st.lists(
    st.builds(field, st.sampled_from([1, 2, 3, 6, 900]), st.binary(max_size=300) | st.integers(0, 2**63))
).map(b"".join)
QUERIES = st.lists(st.binary(max_size=300), max_size=4)


@given(OTHERS, OTHERS, OTHERS, QUERIES)
def test_only_the_queries_of_databases_leave(
    inside: bytes, beside: bytes, outside: bytes, queries: list[bytes]
) -> None:
    outside = field(2, outside)  # field 1 is the metadata itself, of which there is one
    before = field(1, beside + field(5, b"".join(field(4, one) for one in queries) + inside) + field(6, b"u"))
    after = field(1, beside + field(5, inside) + field(6, b"u"))
    assert without_queries(before + outside) == after + outside


@given(st.binary(max_size=200))
def test_rubbish_is_refused_or_stays_readable(rubbish: bytes) -> None:
    with contextlib.suppress(MetaUnknown):
        assert without_queries(without_queries(rubbish)) == without_queries(rubbish)


def test_a_file_that_ends_too_early_is_refused() -> None:
    with pytest.raises(MetaUnknown, match="ends too early"):
        without_queries(field(1, field(5, b"town"))[:-1])
