"""What each check says of one value: why it fails, in words, or nothing. Pure."""

from edge.air.checks import Check
from edge.core.vocabulary import Kind, quantity

MINUTE_S = 60.0
"""Over which a rate of change is taken; samples that are nearer together may differ as much."""


def sentinel(check: Check, value: float) -> str:
    """It is one of the values that stand for none."""
    return f"{value:g} stands for no value" if value in (check.values or ()) else ""


def outside(check: Check, value: float) -> str:
    """It is out of the range."""
    low, high = check.low, check.high
    if low is not None and value < low:
        return f"{_said(check, value)} is less than {low:g}"
    if high is not None and value > high:
        return f"{_said(check, value)} is more than {high:g}"
    return ""


def warming(check: Check, powered_s: float) -> str:
    """It was taken too soon after power or sleep."""
    if check.for_s is None or powered_s >= check.for_s:
        return ""
    return f"taken {powered_s:.0f} s after power-up, and {check.for_s:g} s are needed"


def too_fast(check: Check, before: float, value: float, elapsed_s: float) -> str:
    """It changed by more than the limit for each minute; a counter that begins anew did not."""
    if check.limit is None or (value < before and _counts_up(check.point)):
        return ""
    change = abs(value - before)
    if change <= check.limit * max(1.0, elapsed_s / MINUTE_S):
        return ""
    return f"changed from {before:g} to {_said(check, value)} within {elapsed_s:.0f} s"


def spike(check: Check, before: float, value: float, after: float) -> str:
    """It stands alone, above or below both neighbours; a step that stays is none."""
    if check.limit is None or (value > before) != (value > after):
        return ""
    if min(abs(value - before), abs(value - after)) <= check.limit:
        return ""
    if value > before:
        large, small = value, max(before, after)
    else:
        large, small = min(before, after), value
    if check.ratio is not None and large <= check.ratio * small:
        return ""
    return f"{_said(check, value)} stands alone between {before:g} and {after:g}"


def stuck(check: Check, value: float, same_s: float, readings: int, readings_max: int) -> str:
    """It has been the same for too long, and is none of the values that may last."""
    if check.limit is None or check.for_s is None or same_s < check.for_s or readings <= readings_max:
        return ""
    if may_last(check, value):
        return ""
    return f"{_said(check, value)} for {same_s / MINUTE_S:.0f} minutes"


def may_last(check: Check, value: float) -> bool:
    """Whether it is one of the values that may stay the same for any time."""
    return any(abs(value - one) <= (check.limit or 0) for one in check.values or ())


def differs(check: Check, value: float, other: float, twin: str) -> str:
    """It differs too much from what another device of the station says."""
    apart = abs(value - other)
    if check.limit is None or apart <= check.limit:
        return ""
    if check.ratio is not None and apart <= check.ratio * abs(value + other) / 2:
        return ""
    return f"{_said(check, value)}, and {twin} says {other:g}"


def _said(check: Check, value: float) -> str:
    found = quantity(check.point)
    return f"{value:g} {found.display}".rstrip() if found else f"{value:g}"


def _counts_up(point: str) -> bool:
    found = quantity(point)
    return found is not None and found.kind is Kind.COUNTER
