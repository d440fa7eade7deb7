"""RADIUS accounting as a NAS writes it (RFC 2865, 2866, 2869). Pure.

Written from the RFCs for the simulated access points alone, so that it is a second witness beside the
gateway's own codec.
"""

import hashlib
import hmac
import struct
from collections.abc import Iterable
from enum import IntEnum

ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE = 4, 5
HEAD = struct.Struct("!BBH")
AUTHENTICATOR_BYTES = 16
LEAST_BYTES = HEAD.size + AUTHENTICATOR_BYTES

VALUE_BYTES_MAX = 253
PACKET_BYTES_MAX = 4095
"""RFC 2866 section 3."""


class Attribute(IntEnum):
    """What a NAS tells (RFC 2865 section 5, RFC 2866 section 5, RFC 2869 section 5)."""

    USER_NAME = 1
    NAS_IP_ADDRESS = 4
    NAS_PORT = 5
    FRAMED_IP_ADDRESS = 8
    VENDOR_SPECIFIC = 26
    CALLED_STATION_ID = 30
    CALLING_STATION_ID = 31
    NAS_IDENTIFIER = 32
    ACCT_STATUS_TYPE = 40
    ACCT_DELAY_TIME = 41
    ACCT_INPUT_OCTETS = 42
    ACCT_OUTPUT_OCTETS = 43
    ACCT_SESSION_ID = 44
    ACCT_AUTHENTIC = 45
    ACCT_SESSION_TIME = 46
    ACCT_INPUT_PACKETS = 47
    ACCT_OUTPUT_PACKETS = 48
    ACCT_TERMINATE_CAUSE = 49
    ACCT_MULTI_SESSION_ID = 50
    ACCT_INPUT_GIGAWORDS = 52
    ACCT_OUTPUT_GIGAWORDS = 53
    EVENT_TIMESTAMP = 55
    NAS_PORT_TYPE = 61


Attributes = Iterable[tuple[int, bytes]]


def whole(number: int) -> bytes:
    """An integer, time or address as attributes hold it: 32 bits, the highest byte first."""
    return struct.pack("!I", number & 0xFFFFFFFF)


def vendor_specific(vendor: int, kind: int, value: bytes) -> bytes:
    """The value of a Vendor-Specific attribute (RFC 2865 section 5.26) with one inner attribute."""
    return whole(vendor) + bytes((kind, len(value) + 2)) + value


def accounting_request(identifier: int, attributes: Attributes, secret: bytes) -> bytes:
    """A whole Accounting-Request; its authenticator is over zeroes in its own place (RFC 2866 section 3)."""
    body = b"".join(bytes((kind, len(value) + 2)) + value for kind, value in attributes)
    head = HEAD.pack(ACCOUNTING_REQUEST, identifier, LEAST_BYTES + len(body))
    proof = hashlib.md5(head + bytes(AUTHENTICATOR_BYTES) + body + secret, usedforsecurity=False).digest()
    return head + proof + body


def is_answer(data: bytes, request: bytes, secret: bytes) -> bool:
    """Whether `data` is the genuine Accounting-Response to `request` (RFC 2866 section 4.2)."""
    if len(data) < LEAST_BYTES:
        return False
    code, identifier, length = HEAD.unpack_from(data)
    if code != ACCOUNTING_RESPONSE or identifier != request[1] or length != len(data):
        return False
    asked = request[HEAD.size : LEAST_BYTES]
    proof = hashlib.md5(data[: HEAD.size] + asked + data[LEAST_BYTES:] + secret, usedforsecurity=False)
    return hmac.compare_digest(proof.digest(), data[HEAD.size : LEAST_BYTES])
