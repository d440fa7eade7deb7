"""What an accounting packet tells of a session, without the person: RFC 2866, RFC 2869 section 5. Pure.

Addresses and ids become keyed hashes here, and are gone.
"""

from collections.abc import Mapping
from types import MappingProxyType

from drivers.radius.clients import Sender
from drivers.radius.packet import Packet
from edge.core.errors import ProtocolError
from edge.core.model import Stamp
from edge.core.wifi import Accounting, AccountingKind, Pseudonyms

NAS_IP_ADDRESS, CALLING_STATION_ID, NAS_IDENTIFIER, NAS_IPV6_ADDRESS = 4, 31, 32, 95
STATUS_TYPE, DELAY_TIME, INPUT_OCTETS, OUTPUT_OCTETS = 40, 41, 42, 43
SESSION_ID, SESSION_TIME, TERMINATE_CAUSE = 44, 46, 49
INPUT_GIGAWORDS, OUTPUT_GIGAWORDS, EVENT_TIMESTAMP = 52, 53, 55

KINDS: Mapping[int, AccountingKind] = MappingProxyType(
    {
        1: AccountingKind.START,
        2: AccountingKind.STOP,
        3: AccountingKind.INTERIM,
        7: AccountingKind.ON,
        8: AccountingKind.OFF,
    }
)
"""Acct-Status-Type: RFC 2866 section 5.1. All others are no sessions (RFC 2867: tunnels)."""

CAUSES = (
    "user_request",
    "lost_carrier",
    "lost_service",
    "idle_timeout",
    "session_timeout",
    "admin_reset",
    "admin_reboot",
    "port_error",
    "nas_error",
    "nas_request",
    "nas_reboot",
    "port_unneeded",
    "port_preempted",
    "port_suspended",
    "service_unavailable",
    "callback",
    "user_error",
    "host_request",
    "supplicant_restart",
    "reauthentication_failed",
    "port_reinitialized",
    "port_administratively_disabled",
)
"""Acct-Terminate-Cause from 1 on: RFC 2866 section 5.10, RFC 3580 section 2.3."""

OTHER_CAUSE = "other"

CLOCKS_APART_MAX_NS = 300 * 1_000_000_000
"""A sender's clock that is further from ours than this is wrong: then the time of reception counts."""

KEPT_MAX_NS = 7 * 86_400 * 1_000_000_000
"""Longest time that a sender keeps a record; what says that it is older is a wrong clock."""

NO_SESSION = (AccountingKind.ON, AccountingKind.OFF)
_SECOND_NS = 1_000_000_000
_MAC_DIGITS = 12
_NO_NAS = bytes(3)


def accounting(packet: Packet, sender: Sender, pseudonyms: Pseudonyms, received: Stamp) -> Accounting | None:
    """The record in a verified packet; None where it tells of no session.

    Raises ProtocolError where what a record must have is missing or has a wrong length.
    """
    # The first of several equal attributes counts, as it is the last that a dict takes in.
    found = dict(reversed(packet.attributes))
    status = _number(found, STATUS_TYPE)
    if status is None:
        raise ProtocolError("an accounting packet has no Acct-Status-Type")
    kind = KINDS.get(status)
    if kind is None:
        return None
    nas = _nas(found)
    place = (
        sender.places.get(found[NAS_IDENTIFIER], sender.place) if NAS_IDENTIFIER in found else sender.place
    )
    bytes_in, is_wide_in = _octets(found, INPUT_OCTETS, INPUT_GIGAWORDS)
    bytes_out, is_wide_out = _octets(found, OUTPUT_OCTETS, OUTPUT_GIGAWORDS)
    station = found.get(CALLING_STATION_ID)
    return Accounting(
        client=sender.id,
        access_point=place.id,
        kind=kind,
        session=0 if kind in NO_SESSION else pseudonyms.session(sender.id, _session(found, nas)),
        device=pseudonyms.device(device_address(station), place.site) if station else 0,
        at_ns=_at_ns(found, received),
        received_ns=received.mono_ns,
        session_s=_number(found, SESSION_TIME) or 0,
        bytes_up=bytes_out if sender.is_swapped else bytes_in,
        bytes_down=bytes_in if sender.is_swapped else bytes_out,
        wide=is_wide_in and is_wide_out,
        cause=_cause(found) if kind is AccountingKind.STOP else "",
        nas=pseudonyms.session(sender.id, b"nas" + nas) if nas != _NO_NAS else 0,
    )


def device_address(station: bytes) -> bytes:
    """A MAC address as its six bytes, however it is written; anything else as it is, in small letters."""
    text = station.translate(None, b":-. ")
    if len(text) == _MAC_DIGITS:
        try:
            return bytes.fromhex(text.decode("ascii"))
        except ValueError:
            pass
    return station.lower()


def _session(found: Mapping[int, bytes], nas: bytes) -> bytes:
    """A session's id is unique within its NAS only, and a client can be several."""
    session_id = found.get(SESSION_ID)
    if not session_id:
        raise ProtocolError("an accounting packet has no Acct-Session-Id")
    return b"session" + nas + session_id


def _nas(found: Mapping[int, bytes]) -> bytes:
    """What names the box: each part behind its length, so that no two boxes look the same."""
    name, address, address6 = (
        found.get(kind, b"") for kind in (NAS_IDENTIFIER, NAS_IP_ADDRESS, NAS_IPV6_ADDRESS)
    )
    return b"%c%b%c%b%c%b" % (len(name), name, len(address), address, len(address6), address6)


def _octets(found: Mapping[int, bytes], low: int, high: int) -> tuple[int, bool]:
    """A counter, and whether it cannot wrap: with Gigawords, or not there at all."""
    octets, gigawords = _number(found, low), _number(found, high)
    return ((gigawords or 0) << 32) + (octets or 0), gigawords is not None or octets is None


def _at_ns(found: Mapping[int, bytes], received: Stamp) -> int | None:
    """The sender's own time of the event, unless its clock is wrong; else reception less its delay.

    Event-Timestamp stays in a packet that is sent again, Acct-Delay-Time grows: so they are not added.
    """
    told_s, delay_s = _number(found, EVENT_TIMESTAMP), _number(found, DELAY_TIME)
    if received.utc_ns is None:
        return None
    delay_ns = (delay_s or 0) * _SECOND_NS
    happened_ns = received.utc_ns - (delay_ns if delay_ns <= KEPT_MAX_NS else 0)
    if told_s is None:
        return happened_ns
    late_max_ns = KEPT_MAX_NS if delay_s is None else CLOCKS_APART_MAX_NS
    told_ns = told_s * _SECOND_NS
    is_likely = -late_max_ns <= told_ns - happened_ns <= CLOCKS_APART_MAX_NS
    return told_ns if is_likely else happened_ns


def _cause(found: Mapping[int, bytes]) -> str:
    code = _number(found, TERMINATE_CAUSE)
    if code is None:
        return ""
    return CAUSES[code - 1] if 1 <= code <= len(CAUSES) else OTHER_CAUSE


def _number(found: Mapping[int, bytes], kind: int) -> int | None:
    value = found.get(kind)
    if value is None:
        return None
    if len(value) != 4:
        raise ProtocolError(f"attribute {kind} of an accounting packet is no number of four bytes")
    return int.from_bytes(value, "big")
