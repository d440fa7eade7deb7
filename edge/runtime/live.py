"""The latest values of every device, and who watches them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from edge.core.model import DeviceState, Quality, Sample


@dataclass(slots=True)
class _Entry:
    online: bool | None = None
    last_utc_ns: int | None = None
    last_mono_ns: int | None = None
    values: dict[str, float] = field(default_factory=dict)
    flags: dict[str, Quality] = field(default_factory=dict)


class _Watcher:
    """Changed devices that one watcher has not seen yet; the newest state of each is what it gets."""

    def __init__(self, devices: Iterable[str]) -> None:
        self.changed = dict.fromkeys(devices)
        self.wake = asyncio.Event()
        self.wake.set()


class LiveState:
    """Last known good values by device; implements the Live port."""

    def __init__(self, devices: Iterable[str]) -> None:
        self._entries = {device: _Entry() for device in devices}
        self._watchers: set[_Watcher] = set()

    def replace_devices(self, devices: Iterable[str]) -> None:
        """Take another set of devices; those that stay keep their values."""
        self._entries = {device: self._entries.get(device) or _Entry() for device in devices}
        for device in self._entries:
            self._tell(device)

    def take(self, sample: Sample) -> None:
        """Show a sample: its good values replace the last ones, what it could not read stays as it was."""
        entry = self._entries.get(sample.layout.device)
        if entry is None:
            return
        entry.online = True
        entry.last_utc_ns, entry.last_mono_ns = sample.stamp.utc_ns, sample.stamp.mono_ns
        names, values = sample.layout.names, sample.values
        if entry.flags:
            for name in names:
                entry.flags.pop(name, None)
        if sample.flags or None in values:
            entry.values.update((n, v) for n, v in zip(names, values, strict=True) if v is not None)
            entry.flags.update((names[position], flag) for position, flag in sample.flags)
        else:
            entry.values.update(zip(names, values, strict=True))  # type: ignore[arg-type]
        if self._watchers:
            self._tell(sample.layout.device)

    def lost(self, device: str) -> None:
        """Show that a device does not answer any more."""
        entry = self._entries.get(device)
        if entry is not None and entry.online is not False:
            entry.online = False
            self._tell(device)

    def state(self, device: str) -> DeviceState | None:
        """One device, or None if it is not configured."""
        entry = self._entries.get(device)
        if entry is None:
            return None
        return DeviceState(
            device, entry.online, entry.last_utc_ns, tuple(entry.values.items()), tuple(entry.flags.items())
        )

    def states(self) -> Sequence[DeviceState]:
        """All devices in configured order."""
        return [state for device in self._entries if (state := self.state(device)) is not None]

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[AsyncIterator[DeviceState]]:
        """States as they change, all of them first."""
        watcher = _Watcher(self._entries)
        self._watchers.add(watcher)
        try:
            yield self._changes(watcher)
        finally:
            self._watchers.discard(watcher)

    async def _changes(self, watcher: _Watcher) -> AsyncIterator[DeviceState]:
        while True:
            await watcher.wake.wait()
            watcher.wake.clear()
            changed, watcher.changed = watcher.changed, {}
            for device in changed:
                if (state := self.state(device)) is not None:
                    yield state

    def _tell(self, device: str) -> None:
        for watcher in self._watchers:
            watcher.changed[device] = None
            watcher.wake.set()
