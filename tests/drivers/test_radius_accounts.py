"""What an accounting packet tells of a session, without the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.radius.accounts import accounting, device_address
from drivers.radius.clients import Senders
from drivers.radius.packet import parse
from edge.core.errors import ProtocolError
from edge.core.model import Stamp
from edge.core.wifi import Accounting, AccountingKind
from tests.drivers.radius_works import NOW, NOW_S, Pseudonyms, client, hotspot, number, request, session

SECOND_NS = 1_000_000_000
MAC = bytes.fromhex("02005e100001")


def told(attributes, *hotspots, now: Stamp = NOW, **keys: object) -> Accounting | None:
    sender = Senders([client(**keys)], hotspots).at("127.0.0.1")
    assert sender is not None
    return accounting(parse(request(attributes)), sender, Pseudonyms(), now)


def record(attributes, *hotspots, now: Stamp = NOW, **keys: object) -> Accounting:
    found = told(attributes, *hotspots, now=now, **keys)
    assert found is not None
    return found


def test_a_stop_tells_volume_duration_and_cause():
    found = record(session(2, a42=10, a43=20, a46=90, a49=4, a55=NOW_S - 3))
    assert (found.client, found.access_point, found.kind) == ("ap-1", "ap-1", AccountingKind.STOP)
    assert (found.bytes_up, found.bytes_down, found.session_s) == (10, 20, 90)
    assert found.cause == "idle_timeout"
    assert found.at_ns == (NOW_S - 3) * SECOND_NS
    assert found.received_ns == NOW.mono_ns
    assert not found.wide


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (1, AccountingKind.START),
        (2, AccountingKind.STOP),
        (3, AccountingKind.INTERIM),
        (7, AccountingKind.ON),
        (8, AccountingKind.OFF),
    ],
)
def test_each_status_is_its_kind(status: int, kind: AccountingKind):
    assert record(session(status)).kind is kind


@pytest.mark.parametrize("status", [0, 4, 9, 10, 14, 15, 255, 1 << 31])
def test_the_status_of_what_is_no_session_tells_nothing(status: int):
    assert told(session(status)) is None


def test_octets_are_from_the_visitor_by_the_rfc_and_swapped_where_the_client_says_so():
    attributes = session(3, a42=1, a43=2, a52=3, a53=4)
    by_rfc, swapped = record(attributes), record(attributes, direction="swapped")
    assert (by_rfc.bytes_up, by_rfc.bytes_down) == (3 << 32 | 1, 4 << 32 | 2)
    assert (swapped.bytes_up, swapped.bytes_down) == (by_rfc.bytes_down, by_rfc.bytes_up)
    assert by_rfc.wide


def test_a_counter_without_gigawords_can_wrap_and_one_that_is_not_there_cannot():
    assert record(session(1)).wide
    assert not record(session(3, a42=1, a43=1)).wide
    assert not record(session(3, a42=1, a43=1, a52=0)).wide
    assert record(session(3, a42=1, a43=1, a52=0, a53=0)).wide


@pytest.mark.parametrize(
    ("numbers", "seconds"),
    [
        ({}, 0),
        ({"a41": 30}, -30),
        ({"a55": NOW_S - 40}, -40),
        ({"a55": NOW_S - 40, "a41": 40}, -40),
        ({"a55": NOW_S - 7200}, -7200),
        ({"a55": NOW_S - 7200, "a41": 7200}, -7200),
        ({"a55": NOW_S - 7200, "a41": 5}, -5),
        ({"a55": NOW_S + 25_200}, 0),
        ({"a55": 0, "a41": 7}, -7),
        ({"a55": (1 << 32) - 1}, 0),
        ({"a41": (1 << 32) - 1}, 0),
    ],
)
def test_when_it_happened_is_what_the_sender_says_unless_its_clock_is_wrong(numbers, seconds: int):
    assert record(session(3, **numbers)).at_ns == (NOW_S + seconds) * SECOND_NS


def test_while_the_clock_is_not_set_there_is_no_time():
    assert record(session(1, a55=NOW_S), now=Stamp(7, None)).at_ns is None


@pytest.mark.parametrize(
    "written", [b"02-00-5E-10-00-01", b"02:00:5e:10:00:01", b"0200.5e10.0001", b"02005E100001"]
)
def test_a_device_is_the_same_however_its_address_is_written(written: bytes):
    assert device_address(written) == MAC
    attributes = [(40, number(1)), (44, b"s"), (31, written)]
    assert record(attributes).device == Pseudonyms().device(MAC, "")


@given(st.binary(max_size=40))
def test_any_station_is_a_device(station: bytes):
    assert isinstance(device_address(station), bytes)


def test_a_packet_that_names_no_device_has_none():
    assert record([(40, number(1)), (44, b"s")]).device == 0
    assert record([(40, number(1)), (44, b"s"), (31, b"")]).device == 0


def test_sessions_of_two_boxes_that_share_a_client_are_two_though_their_ids_are_equal():
    boxes = [[(32, b"a")], [(32, b"b")], [(4, bytes(4))], [(95, bytes(16))], [(4, bytes(4)), (32, b"a")], []]
    found = [record([(40, number(1)), (44, b"same"), *box]) for box in boxes]
    assert len({each.session for each in found}) == len(boxes)
    assert len({each.nas for each in found}) == len(boxes)
    assert found[-1].nas == 0


def test_on_and_off_are_about_a_box_and_no_session():
    found = record([(40, number(7)), (44, b"x"), (32, b"a")])
    assert found.session == 0
    assert found.nas == record([(40, number(1)), (44, b"s"), (32, b"a")]).nas != 0


def test_a_session_counts_for_the_hotspot_that_its_box_names():
    spots = (
        hotspot("beach", nas_identifier="nas-a", site="south"),
        hotspot("market", nas_identifier="nas-b"),
        hotspot("other"),
    )
    found = [
        record([(40, number(1)), (44, b"s"), (31, b"x"), (32, nas)], *spots) for nas in (b"nas-a", b"nas-c")
    ]
    assert [each.access_point for each in found] == ["beach", "other"]
    assert [each.device for each in found] == [Pseudonyms().device(b"x", site) for site in ("south", "")]


def test_the_hotspot_of_a_client_stands_for_what_names_none():
    spots = (hotspot("beach", nas_identifier="nas-b"), hotspot("market", nas_identifier="nas-c"))
    assert record(session(), *spots).access_point == "ap-1"
    assert record(session(), *spots, hotspot="market").access_point == "market"


def test_of_several_equal_attributes_the_first_counts():
    assert record([*session(1), (40, number(2))]).kind is AccountingKind.START


@pytest.mark.parametrize(
    "attributes",
    [
        [(44, b"s")],
        [(40, b"\x01"), (44, b"s")],
        [(40, number(1))],
        [(40, number(1)), (44, b"")],
        [*session(3), (42, b"\0\0\0\0\x01")],
        [*session(3), (46, b"")],
        [*session(2), (49, b"\1\1")],
        [*session(3), (55, b"now")],
    ],
)
def test_what_lacks_what_it_must_have_is_malformed_and_the_error_shows_nothing_of_it(attributes):
    with pytest.raises(ProtocolError) as caught:
        told(attributes)
    assert "visitor" not in str(caught.value)


def test_every_cause_has_a_name():
    causes = [record(session(2, a49=code)).cause for code in range(1, 23)]
    assert len(set(causes)) == 22
    assert (causes[0], causes[10], causes[18]) == ("user_request", "nas_reboot", "supplicant_restart")
    assert [record(session(2, a49=code)).cause for code in (0, 23, 1 << 31)] == ["other"] * 3
    assert record(session(2)).cause == ""


@given(st.lists(st.tuples(st.integers(0, 255).filter(lambda kind: kind != 80), st.binary(max_size=20))))
def test_any_attributes_tell_something_or_are_a_protocol_error(attributes):
    try:
        found = told([(40, number(3)), *attributes])
    except ProtocolError:
        return
    assert found is not None
    assert found.bytes_up >= 0
    assert found.session != 0


def test_a_record_shows_nothing_of_the_visitor():
    shown = repr(record(session(1)))
    for secret in ("visitor", "5E-10", "5e10", "s-1", "nas-a"):
        assert secret not in shown
