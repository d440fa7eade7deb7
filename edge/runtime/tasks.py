"""Named tasks for services: started, stopped, and started again should one ever fail."""

import asyncio
import logging
import random

from edge.core.backoff import Backoff
from edge.core.ports import Service

log = logging.getLogger(__name__)

RESTART = Backoff(first_s=1.0, cap_s=60.0, floor=0.5)
"""Waits before a service that failed is started again."""

STOP_S = 5.0
"""Longest wait for a service to stop once it was told to."""


class Tasks:
    """The running services by name."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, service: Service) -> None:
        """Run a service in a task of its own."""
        task = asyncio.get_running_loop().create_task(_keep_running(service), name=service.name)
        self._tasks[service.name] = task

    async def stop(self, *names: str) -> None:
        """Stop services by name; all at once, in bounded time."""
        tasks = [task for name in names if (task := self._tasks.pop(name, None)) is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            _, hanging = await asyncio.wait(tasks, timeout=STOP_S)
            for task in hanging:
                log.error("%s did not stop within %g s", task.get_name(), STOP_S)

    async def stop_all(self) -> None:
        """Stop everything that still runs."""
        await self.stop(*self._tasks)


async def _keep_running(service: Service) -> None:
    failures = 0
    while True:
        try:
            await service.run()
        except Exception:  # the outermost edge: one broken service must not end the gateway
            failures += 1
            log.exception("%s failed and is started again", service.name)
            await asyncio.sleep(RESTART.wait_s(failures, random.random))
        else:
            return
