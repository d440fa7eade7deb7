"""All data files of a gateway: one service that follows the configuration."""

import asyncio
from collections.abc import Callable, Sequence

from cloud_sync.reports.sending import Sender
from cloud_sync.reports.service import DataFiles, FileParts, sender_of
from edge.config.air import DataFile


class DataFileRoom:
    """Implements Service. What did not change in a new configuration goes on as it is."""

    name = "data files"

    def __init__(
        self,
        files: Sequence[DataFile],
        parts: FileParts,
        sender: Callable[[DataFile], Sender] = sender_of,
    ) -> None:
        self._wanted, self._parts, self._sender = {one.id: one for one in files}, parts, sender
        self._running: dict[str, tuple[DataFile, asyncio.Task[None]]] = {}
        self._changed = asyncio.Event()

    def use(self, files: Sequence[DataFile]) -> None:
        """Go by these from now on."""
        self._wanted = {one.id: one for one in files}
        self._changed.set()

    async def run(self) -> None:
        """Run until cancelled."""
        self._running.clear()
        async with asyncio.TaskGroup() as group:
            while True:
                self._changed.clear()
                await self._end_others()
                for name, settings in self._wanted.items():
                    if name not in self._running:
                        service = DataFiles(settings, self._parts, self._sender(settings))
                        task = group.create_task(service.run(), name=service.name)
                        self._running[name] = (settings, task)
                await self._changed.wait()

    async def _end_others(self) -> None:
        gone = [name for name, (settings, _) in self._running.items() if self._wanted.get(name) != settings]
        for name in gone:
            _, task = self._running.pop(name)
            task.cancel()
            await asyncio.wait([task])
