"""RADIUS packets: taken apart, verified and answered as pyrad does, and safe against any bytes."""

import hashlib
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrad.dictionary import Dictionary
from pyrad.packet import AcctPacket, StatusServer

from drivers.radius.packet import PACKET_BYTES_MAX, answer, is_genuine, parse
from edge.core.errors import ProtocolError
from tests.drivers.radius_works import SECRET, is_answer, request, session

NAMES = Dictionary(
    io.StringIO(
        "ATTRIBUTE User-Name 1 string\nATTRIBUTE Proxy-State 33 octets\n"
        "ATTRIBUTE Acct-Status-Type 40 integer\nATTRIBUTE Acct-Session-Id 44 string\n"
        "ATTRIBUTE Message-Authenticator 80 octets\n"
    )
)

values = st.binary(max_size=253)
kinds = st.integers(0, 255).filter(lambda kind: kind != 80)
attribute_lists = st.lists(st.tuples(kinds, values), max_size=12)


def of_pyrad(**more: object) -> AcctPacket:
    packet = AcctPacket(secret=SECRET, dict=NAMES, **more)
    packet["Acct-Status-Type"], packet["Acct-Session-Id"], packet["User-Name"] = 1, "s-1", "visitor"
    return packet


@given(attribute_lists, st.integers(0, 255), st.booleans(), st.binary(max_size=40))
def test_what_was_written_is_read_whatever_pads_it(attributes, identifier: int, signed: bool, padding: bytes):
    data = request(attributes, identifier, signed=signed)
    packet = parse(data + padding)
    assert (packet.code, packet.identifier, packet.data) == (4, identifier, data)
    assert list(packet.attributes)[: len(attributes)] == attributes
    assert is_genuine(packet, SECRET)
    assert is_genuine(data + padding, SECRET)
    assert not is_genuine(packet, SECRET + b"x")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_packet_or_a_protocol_error(data: bytes):
    judged(data)


@given(attribute_lists, st.data())
def test_any_change_of_a_packet_is_a_packet_or_a_protocol_error_and_never_genuine(attributes, data):
    whole = request(attributes, signed=data.draw(st.booleans()))
    at = data.draw(st.integers(0, len(whole) - 1))
    spoilt = bytearray(whole)
    spoilt[at] ^= data.draw(st.integers(1, 255))
    assert not judged(bytes(spoilt))
    assert not judged(whole[:at])


def test_a_million_bytes_of_noise_raise_nothing_else():
    chance = random.Random(5)
    whole = request(session(), signed=True)
    for _ in range(10_000):
        noise = bytearray(chance.randbytes(chance.randrange(120)))
        if chance.random() < 0.8:
            noise[:4] = bytes((4, 1, 0, chance.randrange(140)))
        judged(bytes(noise))
        mixed = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            mixed[chance.randrange(len(mixed))] = chance.randrange(256)
        judged(bytes(mixed[: chance.randrange(len(mixed) + 1)]))


def judged(data: bytes) -> bool:
    try:
        packet = parse(data)
    except ProtocolError:
        assert not is_genuine(data, SECRET)
        return False
    assert is_answer(answer(packet, SECRET), data) or packet.code == StatusServer
    return is_genuine(packet, SECRET)


@pytest.mark.parametrize("flip", range(len(request(session(), signed=True)) * 8))
def test_one_wrong_bit_is_never_genuine(flip: int):
    spoilt = bytearray(request(session(), signed=True))
    spoilt[flip // 8] ^= 1 << flip % 8
    assert not is_genuine(bytes(spoilt), SECRET)


def test_a_wrong_signature_is_not_genuine_though_the_authenticator_fits():
    attributes = [*session(), (80, bytes(16))]
    assert not is_genuine(request(attributes), SECRET)


@pytest.mark.parametrize(
    "attributes", [[(80, bytes(15))], [(80, bytes(17))], [(80, b"")], [(80, bytes(16)), (80, bytes(16))]]
)
def test_a_signature_of_a_wrong_size_or_two_of_them_are_malformed(attributes):
    with pytest.raises(ProtocolError):
        parse(request(attributes))


def test_the_longest_packet_is_read_and_a_longer_one_is_none():
    longest = [(11, bytes(253))] * 15 + [(11, bytes(249))]
    assert len(request(longest)) == PACKET_BYTES_MAX
    assert is_genuine(request(longest), SECRET)
    with pytest.raises(ProtocolError):
        parse(request([*longest, (11, b"")]))


def test_without_a_secret_nothing_is_genuine_not_even_what_was_made_without_one():
    assert not is_genuine(request(session(), secret=b""), b"")


@pytest.mark.parametrize("code", [0, 1, 2, 3, 5, 11, 13, 40, 43, 255])
def test_only_requests_of_accounting_and_of_status_are_genuine(code: int):
    assert not is_genuine(request(session(), code=code), SECRET)


def test_pyrads_requests_are_genuine_and_pyrad_believes_the_answers():
    for more in ({}, {"message_authenticator": True}):
        asked = of_pyrad(**more)
        asked.AddAttribute("Proxy-State", b"first")
        asked.AddAttribute("Proxy-State", b"second")
        data = asked.RequestPacket()
        assert is_genuine(data, SECRET)
        reply = asked.CreateReply(packet=answer(data, SECRET))
        assert asked.VerifyReply(reply, answer(data, SECRET))
        assert reply["Proxy-State"] == [b"first", b"second"]
        assert not asked.VerifyReply(reply, answer(data, b"another secret"))


def test_what_pyrad_believes_is_what_is_believed_here():
    for spoil in (None, 4, 25):
        data = bytearray(request(session(), signed=True))
        if spoil is not None:
            data[spoil] ^= 1
        theirs = AcctPacket(packet=bytes(data), secret=SECRET, dict=NAMES)
        both = theirs.VerifyAcctRequest() and theirs.verify_message_authenticator()
        assert is_genuine(bytes(data), SECRET) == both == (spoil is None)


def test_a_status_server_is_genuine_by_its_signature_alone_and_its_answer_is_signed():
    asked = AcctPacket(StatusServer, secret=SECRET, dict=NAMES)
    data = asked.RequestPacket()
    assert is_genuine(data, SECRET)
    assert not is_genuine(data, b"another secret")
    assert not is_genuine(request([], code=12), SECRET)
    raw = answer(data, SECRET)
    assert asked.VerifyReply(asked.CreateReply(packet=raw), raw, enforce_ma=True)


def test_proxy_states_come_back_in_order_and_nothing_else_does():
    states = [b"", b"b", b"a" * 253, b"b"]
    attributes = [*session(), *((33, state) for state in states), (25, b"class")]
    back = parse(answer(request(attributes), SECRET))
    assert [value for _, value in back.attributes] == states
    assert {kind for kind, _ in back.attributes} == {33}


def test_a_worked_answer_is_right_byte_by_byte():
    asked = bytes.fromhex("042a0014") + bytes(range(16))
    head = bytes.fromhex("052a0014")
    assert answer(asked, b"xyzzy5461") == head + hashlib.md5(head + asked[4:] + b"xyzzy5461").digest()


def test_neither_a_packet_nor_an_error_shows_what_it_holds():
    data = request([*session(), (8, bytes((10, 9, 8, 7)))])
    assert "visitor" not in repr(parse(data))
    assert "5E" not in repr(parse(data))
    with pytest.raises(ProtocolError) as caught:
        parse(data[:-1])
    assert "visitor" not in str(caught.value)
