"""RADIUS packets of accounting: taken apart, verified, answered (RFC 2865, RFC 2866 sections 3 and 4). Pure.

A packet names people: nothing here writes its contents into an error or a repr.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import md5
from struct import Struct

from edge.core.errors import ProtocolError

ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE, STATUS_SERVER = 4, 5, 12
"""Codes: RFC 2866 section 3, RFC 5997 section 2."""

PROXY_STATE, MESSAGE_AUTHENTICATOR = 33, 80
"""Attributes: RFC 2865 section 5.33, RFC 2869 section 5.14."""

HEADER_BYTES, PACKET_BYTES_MAX, HASH_BYTES = 20, 4096, 16

_HEAD = Struct(">BBH")
_BLANK = bytes(HASH_BYTES)


@dataclass(frozen=True, slots=True)
class Packet:
    """A well-formed packet: `attributes` in order, `data` its own bytes without padding.

    `signed_at` is where the value of its Message-Authenticator begins, 0 where it has none.
    """

    code: int
    identifier: int
    authenticator: bytes = field(repr=False)
    attributes: tuple[tuple[int, bytes], ...] = field(repr=False)
    data: bytes = field(repr=False)
    signed_at: int = 0


def parse(data: bytes) -> Packet:
    """The packet at the beginning of `data`; what follows its Length is padding (RFC 2865 section 3).

    Raises ProtocolError for anything that is none, and nothing else.
    """
    if len(data) < HEADER_BYTES:
        raise ProtocolError("a RADIUS packet is shorter than its header")
    code, identifier, length = _HEAD.unpack_from(data)
    if not HEADER_BYTES <= length <= PACKET_BYTES_MAX or length > len(data):
        raise ProtocolError("a RADIUS packet is not as long as it says")
    attributes = []
    at, signed_at = HEADER_BYTES, 0
    while at < length - 1:
        kind, end = data[at], at + data[at + 1]
        if end < at + 2 or end > length:
            break
        if kind == MESSAGE_AUTHENTICATOR:
            if signed_at or end - at != 2 + HASH_BYTES:
                raise ProtocolError("a RADIUS packet has a wrong Message-Authenticator")
            signed_at = at + 2
        attributes.append((kind, data[at + 2 : end]))
        at = end
    if at != length:
        raise ProtocolError("an attribute of a RADIUS packet is not as long as it says")
    own = data if length == len(data) else data[:length]
    return Packet(code, identifier, data[4:HEADER_BYTES], tuple(attributes), own, signed_at)


def is_genuine(packet: Packet | bytes, secret: bytes) -> bool:
    """Whether somebody who knows `secret` made it; in constant time, and never with an empty secret.

    Accounting: Request Authenticator (RFC 2866 section 3) and, where there is one, the Message-Authenticator
    over a request whose authenticator is zero. Status-Server: the Message-Authenticator, which it must have
    (RFC 5997 section 3). Any other code, and what is no packet, is not genuine.
    """
    if not isinstance(packet, Packet):
        try:
            packet = parse(packet)
        except ProtocolError:
            return False
    if not secret:
        return False
    if packet.code == ACCOUNTING_REQUEST:
        data = packet.data
        wanted = _md5(data[:4] + _BLANK + data[HEADER_BYTES:] + secret)
        is_sound = hmac.compare_digest(wanted, packet.authenticator)
        return is_sound and (not packet.signed_at or _is_signed(packet, _BLANK, secret))
    if packet.code == STATUS_SERVER:
        return packet.signed_at > 0 and _is_signed(packet, packet.authenticator, secret)
    return False


def answer(packet: Packet | bytes, secret: bytes) -> bytes:
    """The Accounting-Response to a request: Response Authenticator, and each Proxy-State in order.

    That to a Status-Server is signed by a Message-Authenticator besides. Raises ProtocolError where the
    request is bytes that are no packet.
    """
    if not isinstance(packet, Packet):
        packet = parse(packet)
    body = b"".join(
        bytes((PROXY_STATE, len(value) + 2)) + value
        for kind, value in packet.attributes
        if kind == PROXY_STATE
    )
    if packet.code == STATUS_SERVER:
        mark = bytes((MESSAGE_AUTHENTICATOR, 2 + HASH_BYTES))
        head = _HEAD.pack(
            ACCOUNTING_RESPONSE, packet.identifier, HEADER_BYTES + len(mark) + HASH_BYTES + len(body)
        )
        unsigned = head + packet.authenticator + mark + _BLANK + body
        body = mark + hmac.digest(secret, unsigned, "md5") + body
    head = _HEAD.pack(ACCOUNTING_RESPONSE, packet.identifier, HEADER_BYTES + len(body))
    return head + _md5(head + packet.authenticator + body + secret) + body


def _is_signed(packet: Packet, authenticator: bytes, secret: bytes) -> bool:
    data, at = packet.data, packet.signed_at
    end = at + HASH_BYTES
    blank = data[:4] + authenticator + data[HEADER_BYTES:at] + _BLANK + data[end:]
    return hmac.compare_digest(hmac.digest(secret, blank, "md5"), data[at:end])


def _md5(data: bytes) -> bytes:
    # The protocol's own choice; a machine that forbids MD5 for security must still speak it.
    return md5(data, usedforsecurity=False).digest()
