"""Which devices are being calibrated, until when, over restarts. Pure but for the gateway's memory."""

import json
import logging
from collections.abc import Iterable

from edge.core.ports import Memory

log = logging.getLogger(__name__)

KEY = "air/calibrating"

FOR_S = 3_600.0
"""How long a calibration lasts if nobody says."""


class Calibrations:
    """Devices by id with the UTC (ns) at which each is over by itself."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._until: dict[str, int] = {}

    def restore(self) -> None:
        """Take over what was going on at the last stop."""
        try:
            found = json.loads(self._memory.recall(KEY) or "{}")
            self._until = {str(device): int(until_ns) for device, until_ns in found.items()}
        except (ValueError, AttributeError, TypeError):
            log.warning("%s in the gateway's memory cannot be read and is passed over", KEY)

    @property
    def devices(self) -> frozenset[str]:
        """Those that are being calibrated."""
        return frozenset(self._until)

    def begin(self, devices: Iterable[str], until_ns: int) -> None:
        """These are, until then."""
        self._until |= dict.fromkeys(devices, until_ns)
        self._remember()

    def end(self, devices: Iterable[str]) -> list[str]:
        """These are no more; gives those that were."""
        ended = [device for device in devices if self._until.pop(device, None) is not None]
        if ended:
            self._remember()
        return ended

    def end_past(self, now_ns: int) -> list[str]:
        """Those whose time is over are no more; gives them."""
        return self.end([device for device, until_ns in self._until.items() if until_ns <= now_ns])

    def _remember(self) -> None:
        self._memory.remember(KEY, json.dumps(self._until))
