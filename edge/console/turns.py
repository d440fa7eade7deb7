"""Requests take turns, so that what a gateway is there for finds its loop free however many ask.

One request at a time is begun, and after each the loop belongs to the polls for as long as the request had
it. Who waits stands in the line of his address, and lines are served in turn: somebody who asks a thousand
things keeps nobody else waiting. Answers that go on, such as live data, give their turn away once they began.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from types import MappingProxyType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.console.access.refusal import refusal
from edge.console.access.shield import HEADERS
from edge.core.sayings import say

HOLD_S = 0.05
"""A request that waits for something, such as the store, gives its turn away after this."""

WAITING_MAX = 192
"""Most requests that wait; one more is told to come again."""

LINE_MAX = 96
"""Most of them from one address: six browsers that open a page at once."""

WAIT_S = 10.0
"""Longest wait for a turn."""

AGAIN_S = 2
"""When to come again."""

POLLS_FIRST: float = 0.5
"""On a gateway requests have this share of the loop's time at most."""

NO_POLLS: float = 1.0
"""Where nothing is polled."""

BUSY: Mapping[str, str] = MappingProxyType(dict(HEADERS) | {"retry-after": str(AGAIN_S)})


class Turns:
    """The outermost application. `share` is the part of the time, above 0 to 1, that requests may have."""

    def __init__(self, app: ASGIApp, share: float) -> None:
        self._app, self._rest = app, 1 / share - 1
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._waiting = 0
        self._taken = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer when it is the request's turn."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not await self._turn(scope["client"][0] if scope.get("client") else ""):
            text = say("come_again", seconds=AGAIN_S)
            await refusal(text, 503, BUSY, reason="busy")(scope, receive, send)
            return
        turn = _Turn(self)

        async def said(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body":
                turn.end()

        try:
            await self._app(scope, receive, said)
        finally:
            turn.end()

    async def _turn(self, address: str) -> bool:
        """Wait for a turn; False where too many wait, or it takes too long."""
        if not self._taken:
            self._taken = True
            return True
        if self._waiting >= WAITING_MAX or len(self._lines.get(address, ())) >= LINE_MAX:
            return False
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(address, deque()).append(mine)
        self._waiting += 1
        try:
            await asyncio.wait((mine,), timeout=WAIT_S)
        except asyncio.CancelledError:
            if mine.done():
                self.given_back(0.0)
            raise
        finally:
            self._waiting -= 1
            given = mine.done()
            mine.cancel()
        return given

    def given_back(self, took_s: float) -> None:
        """A turn is over that took the loop for so long: the next one begins after its rest."""
        asyncio.get_running_loop().call_later(took_s * self._rest, self._next)

    def _next(self) -> None:
        """Give the turn to the first of the next line; who gave up is passed over."""
        while self._lines:
            address, line = self._lines.popitem(last=False)
            mine = line.popleft()
            if line:
                self._lines[address] = line
            if not mine.done():
                mine.set_result(None)
                return
        self._taken = False


class _Turn:
    """One request's turn."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._began_s = time.thread_time()
        self._late = asyncio.get_running_loop().call_later(HOLD_S, self.end)
        self._over = False

    def end(self) -> None:
        """Give it back, once."""
        if self._over:
            return
        self._over = True
        self._late.cancel()
        self._turns.given_back(time.thread_time() - self._began_s)
