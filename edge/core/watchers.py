"""Telling whoever watches: a slow watcher gets the newest of each thing, not every one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

T = TypeVar("T")

PART = 100
"""So many things are told of in a row before others have their turn."""


class _Watcher:
    """Names of what one watcher has not seen yet."""

    def __init__(self, names: Iterable[str]) -> None:
        self.changed = dict.fromkeys(names)
        self.wake = asyncio.Event()
        self.wake.set()


class Watchers(Generic[T]):
    """Who watches things that have names; `newest` gives a thing as it is now, None when it is gone."""

    def __init__(self, newest: Callable[[str], T | None]) -> None:
        self._newest = newest
        self._watchers: set[_Watcher] = set()

    def tell(self, name: str) -> None:
        """Note that a thing changed."""
        for watcher in self._watchers:
            watcher.changed[name] = None
            watcher.wake.set()

    @asynccontextmanager
    async def watch(self, names: Iterable[str]) -> AsyncIterator[AsyncIterator[T]]:
        """Things as they change, those of `names` first."""
        watcher = _Watcher(names)
        self._watchers.add(watcher)
        try:
            yield self._changes(watcher)
        finally:
            self._watchers.discard(watcher)

    async def _changes(self, watcher: _Watcher) -> AsyncIterator[T]:
        while True:
            await watcher.wake.wait()
            watcher.wake.clear()
            changed, watcher.changed = watcher.changed, {}
            for count, name in enumerate(changed, 1):
                if count % PART == 0:
                    await asyncio.sleep(0)
                if (thing := self._newest(name)) is not None:
                    yield thing
