"""What Home Assistant was told of, remembered over restarts, so that it can be taken back later."""

import json
from collections.abc import Iterable, Sequence

from cloud_sync.mqtt.ha_payload import HaNames
from edge.core.ports import Memory

KEY = "mqtt/discovery"
"""Under which key the memory has it: `{prefix: [device, ...]}`, the gateway itself by an empty name."""

Item = tuple[str, str]
"""The prefix under which, and the name of which was told."""


class Told:
    """Every device that may stand retained at the broker; one leaves by the broker's receipt alone."""

    def __init__(self, memory: Memory, gateway: str) -> None:
        self._memory, self._gateway = memory, gateway
        self._items: dict[str, Item] = {}
        self._is_open = False

    @property
    def stands(self) -> bool:
        """Whether anything may stand there still."""
        return bool(self._items)

    def recall(self) -> Sequence[Item]:
        """What was told so far, also before a restart. To be called first, once the memory is open."""
        self._is_open = True
        before = len(self._items)
        text = self._memory.recall(KEY)
        for prefix, names in (json.loads(text) if text else {}).items():
            self._put(prefix, names)
        if before:
            self._keep()
        return list(self._items.values())

    def add(self, prefix: str, names: Iterable[str]) -> None:
        """These are told of from now on."""
        before = len(self._items)
        self._put(prefix, names)
        if len(self._items) != before:
            self._keep()

    def cleared(self, topics: Iterable[str]) -> None:
        """Nothing stands at these topics any more."""
        if [topic for topic in topics if self._items.pop(topic, None)]:
            self._keep()

    def _put(self, prefix: str, names: Iterable[str]) -> None:
        where = HaNames(prefix, self._gateway, "")
        for name in names:
            self._items[where.topic(name)] = prefix, name

    def _keep(self) -> None:
        if not self._is_open:
            return
        found: dict[str, list[str]] = {}
        for prefix, name in sorted(self._items.values()):
            found.setdefault(prefix, []).append(name)
        self._memory.remember(KEY, json.dumps(found, separators=(",", ":")))
