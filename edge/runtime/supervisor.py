"""Tells systemd that the gateway is ready, and feeds its watchdog as long as there is real progress.

sd_notify(3): datagrams to the socket that NOTIFY_SOCKET names; WATCHDOG_USEC is how often systemd wants to
hear. A task that only ticks would prove a live event loop; this one feeds only while every bus makes progress
and the store's thread does work that it is given.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Mapping, Sequence

from edge.core.ports import Aside

log = logging.getLogger(__name__)

SHARE = 1 / 3
"""How often it is fed, as a share of the time after which systemd ends a silent gateway."""

IDLE_S = 10.0
"""How often the status line is told where systemd has no watchdog for us."""


class Supervisor:
    """A service that speaks with systemd; without NOTIFY_SOCKET it does nothing.

    `stalled` names what makes no progress, `aside` has work done by the store's thread, `says` is the line
    that `systemctl status` shows; `stays` tells, at the end, that this process goes on with another gateway.
    """

    name = "supervisor"

    def __init__(
        self,
        stalled: Callable[[], Sequence[str]],
        aside: Aside,
        says: Callable[[], str],
        environ: Mapping[str, str] = os.environ,
        stays: Callable[[], bool] = lambda: False,
    ) -> None:
        self._stalled, self._aside, self._says, self._stays = stalled, aside, says, stays
        self._socket = environ.get("NOTIFY_SOCKET", "")
        watchdog_s = _watchdog_s(environ)
        self._every_s = watchdog_s * SHARE if watchdog_s else IDLE_S
        self._has_watchdog = watchdog_s > 0
        self._starving = False

    async def run(self) -> None:
        """Say READY, then feed the watchdog until cancelled, and say STOPPING."""
        if not self._socket:
            return
        self._tell("READY=1", f"STATUS={self._says()}")
        try:
            while True:
                await self._feed()
                await asyncio.sleep(self._every_s)
        finally:
            if not self._stays():
                self._tell("STOPPING=1")

    async def _feed(self) -> None:
        why = list(self._stalled()) or await self._store_stalled()
        if why and not self._starving:
            log.error("the watchdog is not fed: %s", "; ".join(why))
        self._starving = bool(why)
        status = f"STATUS={'; '.join(why) or self._says()}"
        if self._has_watchdog and not why:
            self._tell("WATCHDOG=1", status)
        else:
            self._tell(status)

    async def _store_stalled(self) -> list[str]:
        try:
            # Not wait_for: before Python 3.12 it swallows a cancellation that comes as the work ends.
            async with asyncio.timeout(self._every_s):
                await self._aside(lambda: None)
        except TimeoutError:
            return [f"the store does nothing for {self._every_s:g} s"]
        return []

    def _tell(self, *lines: str) -> None:
        place = "\0" + self._socket[1:] if self._socket.startswith("@") else self._socket
        # systemd not listening is no reason to stop lamps.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto("\n".join(lines).encode(), place)


def _watchdog_s(environ: Mapping[str, str]) -> float:
    """How often systemd wants to hear; 0 if it does not, or not from this process."""
    text, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not text.isdecimal() or (pid and pid != str(os.getpid())):
        return 0.0
    return int(text) / 1e6
