"""What must survive a restart: who holds which lamps, and who is in which group."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from edge.core.errors import ConfigError
from edge.core.model import Stamp
from edge.core.ports import Memory
from edge.lighting.desired import EMPTY, Hold, Layers

log = logging.getLogger(__name__)

HOLDS = "lighting/holds"
MEMBERS = "lighting/members"

Resolve = Callable[[str], Sequence[str]]


class LightStore:
    """Keeps holds and membership under two keys of the gateway's memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def keep_holds(self, layers: Mapping[str, Layers], resolve: Resolve, now: Stamp) -> None:
        """Keep every hold with the lamps that it still has."""
        owned: dict[tuple[str, Hold], list[str]] = {}
        for lamp, layer in layers.items():
            for kind, hold in (("emergency", layer.emergency), ("override", layer.override)):
                if hold is not None:
                    owned.setdefault((kind, hold), []).append(lamp)
        rows = [_row(kind, hold, lamps, resolve, now) for (kind, hold), lamps in owned.items()]
        self._memory.remember(HOLDS, _json([row for row in rows if row is not None]))

    def holds(self, resolve: Resolve) -> dict[str, Layers]:
        """What was kept, also what has ended since, so that its end is told."""
        found: dict[str, Layers] = {}
        for row in self._rows(HOLDS):
            hold = Hold(row["target"], row["level"], row["until_ns"], None, row["by"], row["command"])
            for lamp in row.get("lamps") or _resolved(resolve, hold.target):
                before = found.get(lamp, EMPTY)
                found[lamp] = (
                    Layers(hold, before.override, None)
                    if row["kind"] == "emergency"
                    else Layers(before.emergency, hold, None)
                )
        return found

    def keep_members(self, members: Mapping[str, Sequence[str]]) -> None:
        """Keep the membership of the groups that were changed while running."""
        rows = [{"group": group, "devices": list(devices)} for group, devices in members.items()]
        self._memory.remember(MEMBERS, _json(rows))

    def members(self) -> dict[str, tuple[str, ...]]:
        """The membership that was changed while running."""
        return {row["group"]: tuple(row["devices"]) for row in self._rows(MEMBERS)}

    def _rows(self, key: str) -> list[dict[str, Any]]:
        text = self._memory.recall(key)
        if text is None:
            return []
        try:
            rows = json.loads(text)
        except ValueError:
            rows = None
        if not isinstance(rows, list):
            log.warning("%s in the gateway's memory cannot be read and is passed over", key)
            return []
        return rows


def _row(kind: str, hold: Hold, lamps: list[str], resolve: Resolve, now: Stamp) -> dict[str, Any] | None:
    until_ns = hold.ends_ns(now)
    if until_ns is None and hold.until_mono_ns is not None:
        # Its end is known on the clock of this boot alone: in another one nobody could say when it is over.
        return None
    whole = set(_resolved(resolve, hold.target)) == set(lamps)
    row = {"kind": kind, "target": hold.target, "level": hold.level, "until_ns": until_ns}
    return row | {"by": hold.by, "command": hold.command} | ({} if whole else {"lamps": lamps})


def _resolved(resolve: Resolve, target: str) -> Sequence[str]:
    try:
        return resolve(target)
    except ConfigError:
        return ()


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
