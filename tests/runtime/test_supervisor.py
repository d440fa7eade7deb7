"""The watchdog is fed by progress alone."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

from edge.runtime.supervisor import Supervisor


def listening(folder: Path) -> socket.socket:
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.bind(str(folder / "notify"))
    heard.setblocking(False)
    return heard


async def told(heard: socket.socket) -> str:
    return (await asyncio.wait_for(asyncio.get_running_loop().sock_recv(heard, 4096), 5)).decode()


async def works(work: Callable[[], None]) -> None:
    work()


async def hangs(_work: Callable[[], None]) -> None:
    await asyncio.Event().wait()


def around(folder: Path) -> dict[str, str]:
    return {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "30000"}


async def test_it_says_ready_feeds_and_says_that_it_stops(tmp_path: Path) -> None:
    with listening(tmp_path) as heard:
        task = asyncio.create_task(Supervisor(list, works, lambda: "3 devices", around(tmp_path)).run())
        assert await told(heard) == "READY=1\nSTATUS=3 devices"
        assert await told(heard) == "WATCHDOG=1\nSTATUS=3 devices"
        assert await told(heard) == "WATCHDOG=1\nSTATUS=3 devices"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        rest = [await told(heard)]
        while rest[-1] != "STOPPING=1":
            rest.append(await told(heard))


async def test_a_bus_without_progress_starves_the_watchdog_until_it_goes_on(tmp_path: Path) -> None:
    stalled = ["bus line-1 made no progress for 90 s"]
    with listening(tmp_path) as heard:
        task = asyncio.create_task(Supervisor(lambda: stalled, works, lambda: "ok", around(tmp_path)).run())
        assert (await told(heard)).startswith("READY=1")
        for _ in range(3):
            assert await told(heard) == "STATUS=bus line-1 made no progress for 90 s"
        stalled.clear()
        while (said := await told(heard)) != "WATCHDOG=1\nSTATUS=ok":
            assert "WATCHDOG" not in said
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_store_that_does_no_work_starves_the_watchdog(tmp_path: Path) -> None:
    with listening(tmp_path) as heard:
        task = asyncio.create_task(Supervisor(list, hangs, lambda: "ok", around(tmp_path)).run())
        assert (await told(heard)).startswith("READY=1")
        assert "the store does nothing" in await told(heard)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_without_systemd_it_does_nothing_and_ends() -> None:
    looked: list[int] = []

    def look() -> list[str]:
        looked.append(1)
        return []

    await asyncio.wait_for(Supervisor(look, works, lambda: "ok", {}).run(), 5)
    assert looked == []


async def test_a_socket_that_is_gone_hinders_neither_feeding_nor_the_end(tmp_path: Path) -> None:
    looked = asyncio.Queue[int]()

    def look() -> list[str]:
        looked.put_nowait(1)
        return []

    task = asyncio.create_task(Supervisor(look, works, lambda: "ok", around(tmp_path)).run())
    for _ in range(3):
        await asyncio.wait_for(looked.get(), 5)
    with listening(tmp_path) as heard:  # systemd is there again, and hears of progress at once
        assert "WATCHDOG=1" in await told(heard)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_the_end_is_not_lost_when_it_comes_just_as_the_store_has_answered(tmp_path: Path) -> None:
    """Once it went on feeding, and the gateway waited for it for ever."""
    tasks: list[asyncio.Task[None]] = []

    async def stopped_meanwhile(work: Callable[[], None]) -> None:
        work()
        if tasks:
            asyncio.get_running_loop().call_soon(tasks[0].cancel)

    with listening(tmp_path):
        tasks.append(
            asyncio.create_task(Supervisor(list, stopped_meanwhile, lambda: "ok", around(tmp_path)).run())
        )
        done, _ = await asyncio.wait(tasks, timeout=5)
    assert done
    assert tasks[0].cancelled()


async def test_a_gateway_that_starts_again_in_the_same_process_does_not_say_that_it_stops(
    tmp_path: Path,
) -> None:
    with listening(tmp_path) as heard:
        supervisor = Supervisor(list, works, lambda: "ok", around(tmp_path), stays=lambda: True)
        task = asyncio.create_task(supervisor.run())
        assert (await told(heard)).startswith("READY=1")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with contextlib.suppress(BlockingIOError):
            while True:
                assert b"STOPPING" not in heard.recv(4096)
