"""The sight of the whole town, over MQTT alone."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud_sync.mqtt.message import NOT_AUTHORIZED, SUCCESS_BELOW, Outgoing
from cloud_sync.mqtt.topics import Topics
from cloud_sync.mqtt.watcher import Ears, Watcher
from edge.config.schema import Mqtt
from edge.console.centre.feed import Feed
from edge.console.centre.past import Past
from edge.console.centre.reading import outcome_of
from edge.console.town.picture import Picture
from edge.console.town.sight import Ask, Reply, Series, Span
from edge.console.town.things import Mode, Presence
from edge.core.model import CommandState, Outcome
from edge.core.ports import Clock, Memory
from edge.core.sayings import say
from edge.core.times import rfc3339_ms
from edge.runtime.asking import ENDS

log = logging.getLogger(__name__)

OPEN_MAX = 20_000
"""Most commands that wait for answers; one more is refused."""

WORK_S = 120.0
"""An accepted command that is not at its end by then has an unknown one."""

LOOK_S = 0.5
"""How often is looked for commands whose time is over."""

LISTS = frozenset({"points", "devices"})
"""Arguments that are lists on the wire, and texts with commas in a Command."""


@dataclass(slots=True)
class _Open:
    ask: Ask
    reply: Reply
    until_ns: int
    accepted: bool = False


class CentreSight:
    """Implements Sight, and Service: brings commands to the broker and looks after their time."""

    name = "town commands"

    def __init__(self, settings: Mqtt, console: str, memory: Memory, past: Past, clock: Clock) -> None:
        self._memory, self._past, self._clock = memory, past, clock
        self.picture = Picture(Mode.CENTRE)
        self.picture.heard.append(past.see)
        self.feed = Feed(self.picture, self._answered)
        ears = Ears(self.feed.heard, lambda: None, self.feed.asked, self.feed.told)
        self.watcher = Watcher(settings, console, ears, clock)
        self._open: dict[str, _Open] = {}
        self._outgoing: asyncio.Queue[tuple[str, Outgoing]] = asyncio.Queue()

    def refresh(self) -> None:
        """Nothing to do: what gateways say comes by itself."""

    def submit(self, ask: Ask, reply: Reply) -> None:
        """Send a command to its gateway; one that is away is not asked, since it could not hear it."""
        if problem := self._problem(ask):
            reply(Outcome(ask.id, CommandState.FAILED, problem))
            return
        self._open[ask.id] = _Open(ask, reply, self._clock.mono_ns() + round(ask.life_s * 1e9))
        self._outgoing.put_nowait((ask.id, self._message(ask)))

    def remember(self, key: str, value: str) -> None:
        """Keep something small over restarts."""
        self._memory.remember(key, value)

    def recall(self, key: str) -> str | None:
        """What was kept."""
        return self._memory.recall(key)

    async def series(self, gateway: str, device: str, point: str, span: Span) -> Series:
        """The past of a point."""
        return await self._past.series(self.picture.things[f"{gateway}/{device}"], point, span)

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send(), name=f"{self.name} send")
            group.create_task(self._look(), name=f"{self.name} look")

    def _problem(self, ask: Ask) -> str:
        row = self.picture.gateways.get(ask.gateway)
        if row is None:
            return say("no_gateway", gateway=ask.gateway)
        if not self.watcher.connected:
            return say("no_broker", why=self.watcher.trouble)
        if row.presence is not Presence.ONLINE:
            if row.since_ns is None:
                return say("away", gateway=ask.gateway)
            return say("away_since", gateway=ask.gateway, since=rfc3339_ms(row.since_ns))
        if len(self._open) >= OPEN_MAX:
            return say("busy", most=OPEN_MAX)
        if any(name == "emergency" for name, _ in ask.arguments):
            return say("emergency_there")
        return ""

    def _message(self, ask: Ask) -> Outgoing:
        words: dict[str, object] = {"id": ask.id, "by": ask.by}
        for name, value in ask.arguments:
            words[name] = str(value).split(",") if name in LISTS else value
        topics = Topics(ask.gateway)
        return Outgoing(
            f"{topics.base}/command/{ask.verb}/{ask.target}",
            json.dumps(words, ensure_ascii=False).encode(),
            correlation=ask.id.encode(),
            response_topic=self.watcher.reply_topic(ask.gateway),
            expiry_s=max(1, int(ask.life_s)),
        )

    def _answered(self, gateway: str, command_id: str, found: Mapping[str, Any]) -> None:
        waiting = self._open.get(command_id)
        if waiting is None or waiting.ask.gateway != gateway:
            return
        outcome = outcome_of(command_id, found)
        if outcome.state in ENDS:
            del self._open[command_id]
        elif not waiting.accepted:
            waiting.accepted = True
            waiting.until_ns = self._clock.mono_ns() + round(WORK_S * 1e9)
        waiting.reply(outcome)

    async def _send(self) -> None:
        while True:
            lot = [await self._outgoing.get()]
            while len(lot) < 500 and not self._outgoing.empty():
                lot.append(self._outgoing.get_nowait())
            reasons = await self.watcher.publish([message for _, message in lot])
            for (command_id, _), reason in zip(lot, reasons, strict=True):
                if reason is None:
                    self._end(command_id, CommandState.UNKNOWN, say("link_lost"))
                elif reason >= SUCCESS_BELOW:
                    hint = ": the console's user may not publish commands" if reason == NOT_AUTHORIZED else ""
                    words = f"the broker refuses the command (0x{reason:02X}){hint}"
                    self._end(command_id, CommandState.FAILED, words)

    async def _look(self) -> None:
        while True:
            trouble = "" if self.watcher.connected else self.watcher.trouble
            self.picture.see_link(trouble, self._clock.utc_ns())
            await self._clock.sleep(LOOK_S)
            now_ns = self._clock.mono_ns()
            for command_id, waiting in [*self._open.items()]:
                if now_ns < waiting.until_ns:
                    continue
                if waiting.accepted:
                    words = say("no_end", gateway=waiting.ask.gateway, seconds=f"{WORK_S:g}")
                    self._end(command_id, CommandState.UNKNOWN, words)
                else:
                    words = say(
                        "gateway_silent", gateway=waiting.ask.gateway, seconds=f"{waiting.ask.life_s:g}"
                    )
                    self._end(command_id, CommandState.FAILED, words)

    def _end(self, command_id: str, state: CommandState, reason: str) -> None:
        waiting = self._open.pop(command_id, None)
        if waiting is not None:
            waiting.reply(Outcome(command_id, state, reason))
