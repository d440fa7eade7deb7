import asyncio

from edge.core.watchers import PART, Watchers


async def test_a_slow_watcher_gets_what_there_is_first_and_then_the_newest_of_each() -> None:
    things = {"a": 1, "b": 2}
    watchers: Watchers[int] = Watchers(things.get)
    async with watchers.watch(list(things)) as seen:
        assert [await anext(seen), await anext(seen)] == [1, 2]
        for value in (3, 4, 5):
            things["a"] = value
            watchers.tell("a")
        things["c"] = 9
        watchers.tell("c")
        assert [await anext(seen), await anext(seen)] == [5, 9]
        del things["b"]
        watchers.tell("b")
        things["a"] = 6
        watchers.tell("a")
        assert await anext(seen) == 6


async def test_many_changes_at_once_let_others_have_their_turn() -> None:
    things = {str(number): number for number in range(PART * 3)}
    watchers: Watchers[int] = Watchers(things.get)
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async with watchers.watch(list(things)) as seen:
        for _ in things:
            await anext(seen)
    task.cancel()
    await asyncio.wait([task])
    assert turns >= 2


async def test_who_watches_no_more_is_not_told_any_more() -> None:
    watchers: Watchers[int] = Watchers(lambda name: 1)
    async with watchers.watch([]):
        assert len(watchers._watchers) == 1
    assert len(watchers._watchers) == 0
