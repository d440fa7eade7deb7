"""Modbus exception codes as errors. Pure."""

from edge.core.errors import Busy, GianhError, Refused, TargetSilent
from edge.core.sayings import say

ILLEGAL_ADDRESS = 2
TARGET_SILENT = 11

_BUSY = {5: "needs_longer", 6: "unit_busy"}

_REFUSED = {
    1: "no_function",
    2: "no_register",
    3: "no_such_value",
    4: "own_fault",
    8: "parity_fault",
    10: "no_path",
}


def refusal(code: int, unit: int, line: str) -> GianhError:
    """The error for exception `code` (Modbus application protocol V1.1b3 §7).

    Busy for 05 and 06; TargetSilent for 0B, by which a gateway says that the unit behind it kept silent.
    """
    if code in _BUSY:
        return Busy(say(_BUSY[code], unit=unit, line=line))
    if code == TARGET_SILENT:
        return TargetSilent(say("behind_gateway", unit=unit, line=line))
    if code in _REFUSED:
        return Refused(say(_REFUSED[code], unit=unit, line=line), code)
    words = "refuses for a reason that Modbus does not define: see the device's manual"
    return Refused(f"unit {unit} on {line} {words} (exception {code:02X})", code)
