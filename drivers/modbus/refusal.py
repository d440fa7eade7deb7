"""Modbus exception codes as errors. Pure."""

from edge.core.errors import Busy, GianhError, Refused, TargetSilent

ILLEGAL_ADDRESS = 2
TARGET_SILENT = 11

_BUSY = {
    5: "has accepted the request but needs longer to do it",
    6: "is busy",
}

_REFUSED = {
    1: "does not know this function: check the profile",
    2: "has no such register: check the profile",
    3: "does not take this count or value: check the profile",
    4: "reports a fault of its own: check the device",
    8: "reports a memory parity fault: check the device",
    10: "cannot be reached by its gateway (path unavailable): check the gateway's settings",
}


def refusal(code: int, where: str) -> GianhError:
    """The error for exception `code` (Modbus application protocol V1.1b3 §7).

    Busy for 05 and 06; TargetSilent for 0B, by which a gateway says that the unit behind it kept silent.
    """
    if code in _BUSY:
        return Busy(f"{where} {_BUSY[code]} (exception {code:02X})")
    if code == TARGET_SILENT:
        words = "did not answer its gateway: check power, address and wiring behind the gateway"
        return TargetSilent(f"{where} {words} (exception {code:02X})")
    words = _REFUSED.get(code, "refuses for a reason that Modbus does not define: see the device's manual")
    return Refused(f"{where} {words} (exception {code:02X})", code)
