"""The command desk: at most once, never late, honest."""

import asyncio
from collections.abc import AsyncIterator

from edge.core.errors import NoAnswer
from edge.core.model import Command, CommandState, Event, EventKind, Fields, Outcome
from edge.runtime.commands import OPEN_MAX, CommandDesk, Verb
from tests.virtual import VirtualClock, run_virtual


class Ledger:
    """Ids that were taken, as the store keeps them."""

    def __init__(self) -> None:
        self.kept: dict[str, Outcome] = {}

    async def claim(self, command_id: str) -> Outcome | None:
        await asyncio.sleep(0.01)
        if command_id in self.kept:
            return self.kept[command_id]
        self.kept[command_id] = Outcome(command_id, CommandState.UNKNOWN)
        return None

    def keep_outcome(self, outcome: Outcome) -> None:
        self.kept[outcome.id] = outcome


class Desk:
    """A desk with one verb, `light`, that works, and one, `stuck`, whose device is silent."""

    def __init__(self) -> None:
        self.clock, self.ledger = VirtualClock(), Ledger()
        self.events: list[Event] = []
        self.acted: list[str] = []
        verbs = {
            "light": Verb(self.light, True),
            "stuck": Verb(self.stuck, True),
            "dark": Verb(self.dark, True),
            "read": Verb(self.light, False),
        }
        self.desk = CommandDesk(self.ledger, verbs, self.events.append, self.clock)

    async def light(self, command: Command) -> AsyncIterator[Outcome]:
        self.acted.append(command.id)
        yield Outcome(command.id, CommandState.APPLIED)
        await asyncio.sleep(0.5)
        yield Outcome(command.id, CommandState.VERIFIED)

    async def stuck(self, command: Command) -> AsyncIterator[Outcome]:
        raise NoAnswer("lamp-7 does not answer")
        yield

    async def dark(self, command: Command) -> AsyncIterator[Outcome]:
        reason = "needs confirmation: repeat it with confirm 9f3a1c"
        yield Outcome(command.id, CommandState.FAILED, reason, (("confirm", "9f3a1c"),))

    async def send(
        self, verb: str, command_id: str = "c1", deadline_s: float = 30.0, arguments: Fields = ()
    ) -> list[Outcome]:
        seen: list[Outcome] = []
        now = self.clock.stamp()
        deadline_ns = now.mono_ns + round(deadline_s * 1e9)
        command = Command(command_id, verb, "lamp-7", arguments, "an", "mqtt", now, deadline_ns)
        self.desk.submit(command, seen.append)
        await asyncio.sleep(2)
        return seen

    def states(self, outcomes: list[Outcome]) -> list[str]:
        return [outcome.state.value for outcome in outcomes]


def test_a_command_is_accepted_applied_and_verified_and_audited_once() -> None:
    async def main() -> None:
        desk = Desk()
        seen = await desk.send("light")
        assert desk.states(seen) == ["accepted", "applied", "verified"]
        assert [event.kind for event in desk.events] == [EventKind.COMMAND]
        assert dict(desk.events[0].fields)["by"] == "an"

    run_virtual(main())


def test_the_token_of_a_confirmation_is_for_who_asked_and_in_no_event_and_no_log(caplog) -> None:
    caplog.set_level("DEBUG")

    async def main() -> None:
        desk = Desk()
        (*_, refused) = await desk.send("dark", arguments=(("level", 0.0), ("confirm", "77c0de")))
        assert "9f3a1c" in refused.reason
        (event,) = desk.events
        assert dict(event.fields)["reason"] == "needs confirmation: repeat it with confirm …"
        for token in ("9f3a1c", "77c0de"):
            assert token not in repr(event)
            assert token not in caplog.text

    run_virtual(main())


def test_the_same_id_twice_acts_once_and_gives_the_stored_outcome() -> None:
    async def main() -> None:
        desk = Desk()
        await desk.send("light")
        assert desk.states(await desk.send("light")) == ["verified"]
        assert desk.acted == ["c1"]

    run_virtual(main())


def test_an_expired_command_does_nothing() -> None:
    async def main() -> None:
        desk = Desk()
        seen = await desk.send("light", deadline_s=-1)
        assert desk.states(seen) == ["failed"]
        assert "expired" in seen[0].reason
        assert desk.acted == []

    run_virtual(main())


def test_an_unknown_verb_is_refused_with_the_known_ones() -> None:
    async def main() -> None:
        desk = Desk()
        seen = await desk.send("explode")
        assert desk.states(seen) == ["failed"]
        assert "light" in seen[0].reason

    run_virtual(main())


def test_what_fails_says_why() -> None:
    async def main() -> None:
        desk = Desk()
        seen = await desk.send("stuck")
        assert desk.states(seen) == ["accepted", "failed"]
        assert seen[-1].reason == "lamp-7 does not answer"
        assert desk.ledger.kept["c1"].state is CommandState.FAILED

    run_virtual(main())


def test_a_command_under_way_when_the_gateway_stops_is_unknown_not_failed() -> None:
    async def main() -> None:
        desk = Desk()
        seen: list[Outcome] = []
        now = desk.clock.stamp()
        command = Command("c1", "light", "lamp-7", (), "an", "mqtt", now, now.mono_ns + 10**10)
        desk.desk.submit(command, seen.append)
        await asyncio.sleep(0.2)
        await desk.desk.close()
        assert desk.states(seen) == ["accepted", "applied", "unknown"]

    run_virtual(main())


def test_a_question_leaves_no_mark_and_no_audit() -> None:
    async def main() -> None:
        desk = Desk()
        await desk.send("read")
        assert desk.ledger.kept == {}
        assert desk.events == []

    run_virtual(main())


def test_too_many_commands_at_once_are_refused() -> None:
    async def main() -> None:
        desk = Desk()
        seen: list[Outcome] = []
        now = desk.clock.stamp()
        for number in range(OPEN_MAX + 1):
            command = Command(f"c{number}", "read", "lamp-7", (), "an", "mqtt", now, now.mono_ns + 10**10)
            desk.desk.submit(command, seen.append)
        assert [outcome.state for outcome in seen] == [CommandState.FAILED]
        await asyncio.sleep(2)

    run_virtual(main())
