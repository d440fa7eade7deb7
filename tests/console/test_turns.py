"""Requests take turns: their order, and what becomes of who is too many, waits for long, or goes away."""

import asyncio
from collections.abc import Callable

from starlette.types import Message, Receive, Scope, Send

from edge.console.turns import LINE_MAX, NO_POLLS, POLLS_FIRST, Turns


class Room:
    """An application that notes who is inside, and keeps each until it is told to go on."""

    def __init__(self, share: float = NO_POLLS) -> None:
        self.inside: list[str] = []
        self.doors: dict[str, asyncio.Event] = {}
        self.turns = Turns(self._answer, share)

    async def _answer(self, scope: Scope, _receive: Receive, send: Send) -> None:
        name = scope["path"]
        self.inside.append(name)
        await self.doors.setdefault(name, asyncio.Event()).wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def ask(self, name: str, address: str = "10.0.0.1") -> "asyncio.Task[list[Message]]":
        return asyncio.ensure_future(self._ask(name, address))

    async def _ask(self, name: str, address: str) -> list[Message]:
        said: list[Message] = []

        async def send(message: Message) -> None:
            said.append(message)

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        await self.turns({"type": "http", "path": name, "client": (address, 1)}, receive, send)
        return said

    def let_on(self, name: str) -> None:
        self.doors.setdefault(name, asyncio.Event()).set()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - nothing tells when a task has come to its wait
            await asyncio.sleep(0)


async def test_an_address_that_asks_a_lot_keeps_no_other_waiting_behind_all_of_it() -> None:
    room = Room()
    names = ["a1", "a2", "a3", "a4", "b1"]
    for name in names:
        room.let_on(name)
    asking = [room.ask(name, name[0]) for name in names]
    await asyncio.gather(*asking)
    assert room.inside == ["a1", "a2", "b1", "a3", "a4"]


async def test_one_too_many_from_an_address_is_told_when_to_come_again() -> None:
    room = Room()
    asking = [room.ask(f"a{number}") for number in range(1 + LINE_MAX)]
    await until(lambda: room.inside == ["a0"])
    start, body = await room.ask("late")
    headers = dict(start["headers"])
    assert (start["status"], headers[b"retry-after"]) == (503, b"2")
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert b"come again" in body["body"]
    for number in range(len(asking)):
        room.let_on(f"a{number}")
    await asyncio.gather(*asking)
    assert "late" not in room.inside


async def test_who_waits_for_something_else_gives_the_turn_away() -> None:
    room = Room(POLLS_FIRST)
    slow, quick = room.ask("slow"), room.ask("quick")
    room.let_on("quick")
    assert (await asyncio.wait_for(quick, 10))[0]["status"] == 200
    assert room.inside == ["slow", "quick"]
    room.let_on("slow")
    await slow


async def test_who_went_away_while_waiting_is_passed_over() -> None:
    room = Room()
    first, gone, last = (room.ask(name) for name in ("first", "gone", "last"))
    await until(lambda: room.inside == ["first"])
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    for name in ("first", "last"):
        room.let_on(name)
    await asyncio.gather(first, last)
    assert room.inside == ["first", "last"]


async def test_an_answer_that_goes_on_keeps_nobody_waiting() -> None:
    over = asyncio.Event()

    async def endless(scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello", "more_body": scope["path"] == "live"})
        if scope["path"] == "live":
            await over.wait()

    room = Room()
    room.turns = Turns(endless, NO_POLLS)
    live = room.ask("live")
    assert len(await asyncio.wait_for(room.ask("status"), 10)) == 2
    over.set()
    await live
