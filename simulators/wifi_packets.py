"""The attributes of an accounting message, as the habits of its NAS have them. Pure."""

import ipaddress
from collections.abc import Iterator

from simulators.wifi_places import Nas, NasClock, Spelling
from simulators.wifi_plan import Message, Session, Status
from simulators.wifi_radius import Attribute, vendor_specific, whole

WIRELESS_802_11 = 19
RADIUS_AUTHENTICATED = 1
MIKROTIK, MIKROTIK_HOST_IP = 14988, 10
NETWORK_NAME = "BA DON FREE"
OCTETS_PER_PACKET = 900

SPELLED = {
    Spelling.DASHES: ("-", 2),
    Spelling.COLONS: (":", 2),
    Spelling.DOTS: (".", 4),
    Spelling.BARE: ("", 2),
}


def spelled(address: bytes, spelling: Spelling) -> str:
    """A MAC address as a NAS writes it; dashes and large letters go together."""
    mark, size = SPELLED[spelling]
    digits = address.hex().upper() if spelling is Spelling.DASHES else address.hex()
    return mark.join(digits[at : at + size] for at in range(0, len(digits), size))


def attributes(message: Message, nas: Nas, now_s: float, up_since_s: float) -> list[tuple[int, bytes]]:
    """What the NAS sends at `now_s` of what happened at `message.at_s`; it runs since `up_since_s`."""
    return list(_attributes(message, nas, now_s, up_since_s))


def _attributes(message: Message, nas: Nas, now_s: float, up_since_s: float) -> Iterator[tuple[int, bytes]]:
    yield Attribute.ACCT_STATUS_TYPE, whole(message.status)
    yield Attribute.NAS_IP_ADDRESS, ipaddress.IPv4Address(nas.address).packed
    yield Attribute.NAS_IDENTIFIER, message.point.encode()
    delay_s = delay_of(message, now_s)
    if delay_s or nas.clock is not NasClock.RIGHT:
        yield Attribute.ACCT_DELAY_TIME, whole(delay_s)
    stamp_s = _stamp_s(message, nas, up_since_s)
    if stamp_s is not None:
        yield Attribute.EVENT_TIMESTAMP, whole(stamp_s)
    yield Attribute.CALLED_STATION_ID, f"{spelled(own_address(nas), nas.spelling)}:{NETWORK_NAME}".encode()
    if message.session is not None:
        yield from _of_session(message, nas, message.session)


def delay_of(message: Message, now_s: float) -> int:
    """Acct-Delay-Time: whole seconds for which it was tried to send this."""
    return max(0, int(now_s - message.at_s))


def _stamp_s(message: Message, nas: Nas, up_since_s: float) -> int | None:
    match nas.clock:
        case NasClock.RIGHT:
            return int(message.at_s)
        case NasClock.OFF:
            return int(message.at_s) + nas.clock_off_s
        case NasClock.UNSET:
            return max(0, int(message.at_s - up_since_s))
        case NasClock.SILENT:
            return None


def own_address(nas: Nas) -> bytes:
    """The MAC address of an access point itself."""
    return bytes((0x00, 0x00, 0x5E, 0x00, 0x53, nas.number))


def _of_session(message: Message, nas: Nas, session: Session) -> Iterator[tuple[int, bytes]]:
    guest = session.guest
    yield Attribute.USER_NAME, guest.user.encode()
    yield Attribute.CALLING_STATION_ID, spelled(guest.address, nas.spelling).encode()
    yield Attribute.FRAMED_IP_ADDRESS, guest.ip
    yield Attribute.NAS_PORT_TYPE, whole(WIRELESS_802_11)
    yield Attribute.ACCT_AUTHENTIC, whole(RADIUS_AUTHENTICATED)
    yield Attribute.ACCT_SESSION_ID, session.id.encode()
    yield Attribute.ACCT_MULTI_SESSION_ID, session.visit.encode()
    if nas.spelling is Spelling.COLONS:
        yield Attribute.VENDOR_SPECIFIC, vendor_specific(MIKROTIK, MIKROTIK_HOST_IP, guest.ip)
    if message.status is Status.START:
        return
    came, went = (message.down, message.up) if nas.swapped else (message.up, message.down)
    yield Attribute.ACCT_SESSION_TIME, whole(message.elapsed_s)
    yield Attribute.ACCT_INPUT_OCTETS, whole(came)
    yield Attribute.ACCT_OUTPUT_OCTETS, whole(went)
    yield Attribute.ACCT_INPUT_PACKETS, whole(came // OCTETS_PER_PACKET)
    yield Attribute.ACCT_OUTPUT_PACKETS, whole(went // OCTETS_PER_PACKET)
    if nas.wide:
        yield Attribute.ACCT_INPUT_GIGAWORDS, whole(came >> 32)
        yield Attribute.ACCT_OUTPUT_GIGAWORDS, whole(went >> 32)
    if message.cause is not None:
        yield Attribute.ACCT_TERMINATE_CAUSE, whole(message.cause)
