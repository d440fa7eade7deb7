"""What checks found in a station's values within the last day, for whoever looks after its sensors. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from edge.air.spans import HOUR_NS
from edge.core.air import CheckKind, Remark, Remarked

KEPT_NS = 24 * HOUR_NS
"""So long after its last remark a finding stays."""


class Lately:
    """The findings of one station: at most one for each check of each point of each device."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, CheckKind], Remarked] = {}

    def add(self, device: str, remarks: Iterable[Remark], at_ns: int) -> None:
        """Take in what was said of one sample that was taken at `at_ns`."""
        for remark in remarks:
            key = device, remark.point, remark.check
            before = self._found.get(key)
            if before is None:
                self._found[key] = Remarked(device, remark, at_ns, at_ns)
            else:
                newest = remark if at_ns >= before.at_ns else before.last
                self._found[key] = replace(
                    before,
                    last=newest,
                    since_ns=min(before.since_ns, at_ns),
                    at_ns=max(before.at_ns, at_ns),
                    times=before.times + 1,
                )

    def prune(self, now_ns: int) -> None:
        """Let go of what was last found too long ago."""
        for key in [key for key, one in self._found.items() if now_ns - one.at_ns > KEPT_NS]:
            del self._found[key]

    def newest_first(self) -> tuple[Remarked, ...]:
        """All findings; of the same time by device, point and check."""
        by_name = sorted(self._found.items())
        return tuple(one for _, one in sorted(by_name, key=lambda pair: -pair[1].at_ns))
