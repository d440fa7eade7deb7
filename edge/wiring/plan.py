"""The plan of a running gateway changed from its console: judged, written into gateway.toml, and applied."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from edge.config.plan import plan_text, with_plan
from edge.config.plan_view import LastChange, Managed, PlanDraft, PlanView, TargetPlan, Verdict
from edge.config.schema import Config
from edge.console.plan_board import PlanConflict, PlanRefused
from edge.console.signing import Signature
from edge.core.errors import ConfigError
from edge.core.fleet import ConfigBoard, Phase
from edge.core.model import Event, EventKind, Severity
from edge.core.ports import Clock
from edge.core.sayings import say
from edge.core.times import rfc3339_ms
from edge.lighting.plan_changes import plan_changes
from edge.lighting.plan_guard import Darkness, dark_nights, in_words, too_dark, worse
from edge.lighting.plans import Plans
from edge.runtime.gateway import Gateway
from edge.wiring.plan_file import CHANGED, PlanFile, Written

T = TypeVar("T")

NIGHTS_AT_ONCE = 4
"""So many nights are judged before others have their turn."""

WHAT_MAX = 390
"""Most letters that an event carries of what was changed."""


class Planning:
    """Implements PlanBoard. `configs` tells what the centre knows of this gateway's configuration."""

    def __init__(self, gateway: Gateway, file: Path, clock: Clock, configs: ConfigBoard) -> None:
        self._gateway, self._clock, self._configs = gateway, clock, configs
        self._file = PlanFile(file, gateway.config.gateway.data_dir)
        self._changing = asyncio.Lock()

    async def look(self) -> PlanView:
        """The plan as it stands in the file."""
        written = await self._done(self._file.read)
        now, draft = self._gateway.config, written.draft
        last = written.undoable
        return PlanView(
            plan=draft.model_copy(update={"fade_s": self._fade_s(written)}),
            version=written.version,
            trouble=self._trouble(written),
            default_level=now.lighting.default_level,
            targets=tuple(targets_of(now, self._lamps())),
            managed=managed(self._configs),
            undo=None
            if last is None
            else LastChange(at=_when(last.at_ns), by=last.by, what=tuple(last.what)),
        )

    async def judge(self, draft: PlanDraft) -> Verdict:
        """What a draft is worth."""
        return await self._judged(await self._done(self._file.read), draft)

    async def save(self, draft: PlanDraft, version: str, second_word: str, by: Signature) -> PlanView:
        """Write it and apply it; where the gateway refuses it, the file is put back as it was."""
        async with self._changing:
            written = await self._begun(version)
            verdict = await self._judged(written, draft)
            if verdict.config is None:
                raise PlanRefused(verdict.faults)
            if verdict.second_word and second_word != verdict.second_word:
                raise PlanConflict(verdict.dark)
            if verdict.changes:
                fade_s = draft.fade_s if draft.fade_s != self._fade_s(written) else None
                after = with_plan(written.text, draft.tables(), fade_s)
                await self._changed(written, after, verdict.changes, by)
        return await self.look()

    async def undo(self, version: str, by: Signature) -> PlanView:
        """Bring back the file as it was before the newest change of the plan."""
        async with self._changing:
            written = await self._begun(version)
            if (last := written.undoable) is None:
                raise PlanConflict(say("plan_nothing_to_undo"))
            await self._done(lambda: self._file.put_back(last))
            await self._applied(written)
            await self._done(lambda: self._file.drop(last))
            self._tell(by, say("taken_back", why="; ".join(last.what)))
        return await self.look()

    async def text(self) -> str:
        """The sections of the plan as TOML, for the centre's inventory."""
        draft = (await self._done(self._file.read)).draft
        return plan_text(draft.tables())

    async def _judged(self, written: Written, draft: PlanDraft) -> Verdict:
        config, faults = await self._done(lambda: written.with_draft(draft))
        if config is None:
            return Verdict(None, faults, ())
        changes = plan_changes(written.config or self._gateway.config, config)
        if not changes:
            return Verdict(config, (), ())
        worst = await self._worst(config)
        if worst is None or not too_dark(worst, config):
            return Verdict(config, (), changes)
        return Verdict(config, (), changes, in_words(worst, config), _token(draft, written))

    async def _worst(self, draft: Config) -> Darkness | None:
        """The darkest night of the coming year, looked for in small steps between which polls go on."""
        now, worst = self._gateway.config, None
        known = {one.id for one in draft.device} | {one.id for one in draft.segment}
        lamps = [lamp for lamp in self._lamps() if lamp in known]
        first = Plans(draft).evening(self._clock.utc_ns())
        for nth, found in enumerate(dark_nights(now, draft, lamps, first)):
            worst = worse(worst, found)
            if nth % NIGHTS_AT_ONCE == 0:
                await asyncio.sleep(0)
        return worst

    async def _begun(self, version: str) -> Written:
        """The file, if it is the one that was shown and nothing else is on trial."""
        if self._configs.state.phase is Phase.TRIAL:
            raise PlanConflict(say("plan_on_trial"))
        written = await self._done(self._file.read)
        if written.version != version:
            raise PlanConflict(CHANGED)
        return written

    async def _changed(self, written: Written, after: str, what: Sequence[str], by: Signature) -> None:
        at_ns = self._clock.utc_ns() if self._clock.is_set() else None
        await self._done(lambda: self._file.write(written.version, after, what, by.by, at_ns))
        await self._applied(written)
        self._tell(by, "; ".join(what))

    async def _applied(self, before: Written) -> None:
        """Have the gateway take the file; if it does not, put the text of before back."""
        try:
            await self._gateway.reload()
        except ConfigError as error:
            await self._done(lambda: self._file.put_again(before.text))
            raise PlanConflict(say("plan_not_taken", why=error)) from error

    def _tell(self, by: Signature, what: str) -> None:
        who = by.by or "nobody named"
        said = what if len(what) <= WHAT_MAX else f"{what[:WHAT_MAX]}…"
        fields = (("by", by.by), ("source", by.source), ("what", said))
        subject, text = self._gateway.config.gateway.id, say("plan_changed", person=who, change=said)
        stamp = self._clock.stamp()
        self._gateway.report(Event(stamp, EventKind.PLAN_CHANGED, subject, Severity.INFO, text, fields))

    def _trouble(self, written: Written) -> str:
        config, now = written.config, self._gateway.config
        if config is None:
            return say("file_not_right")
        if plan_changes(now, config):
            return say("file_not_in_force")
        return ""

    def _fade_s(self, written: Written) -> float:
        return (written.config or self._gateway.config).lighting.fade_s

    def _lamps(self) -> list[str]:
        board = self._gateway.rooms.lights
        return [state.target for state in board.states()] if board is not None else []

    async def _done(self, work: Callable[[], T]) -> T:
        kept: list[T] = []
        await self._gateway.store.aside(lambda: kept.append(work()))
        return kept[0]


def targets_of(config: Config, lamps: list[str]) -> list[TargetPlan]:
    """Everything that may have a calendar, the widest first."""
    plans = Plans(config)
    own = {one.target: one.calendar for one in config.assignment}
    titles: dict[str, str | None] = {one.id: one.title for one in config.device}
    titles |= {one.id: one.title for one in config.group} | {one.id: one.title for one in config.segment}
    wide = [(config.gateway.id, "gateway"), *((one.id, "group") for one in config.group)]
    wide += [(one.id, "segment") for one in config.segment if one.lamps]
    found = []
    for name, kind in [*wide, *((lamp, "lamp") for lamp in lamps)]:
        try:
            follows = plans.calendar_of(name)
        except ConfigError:
            follows = None
        title = titles.get(name) or name
        found.append(TargetPlan(id=name, title=title, kind=kind, own=own.get(name), follows=follows))
    return found


def managed(configs: ConfigBoard) -> Managed | None:
    """What the centre has to do with it; None where it never sent anything that stayed."""
    state = configs.state
    if state.phase is Phase.NONE:
        return None
    return Managed(version=state.version, phase=state.phase.value, changed=state.changed)


def _when(at_ns: int | None) -> str | None:
    return None if at_ns is None else rfc3339_ms(at_ns)


def _token(draft: PlanDraft, written: Written) -> str:
    """The second word is good for this draft over this file alone."""
    said = json.dumps([draft.tables(), draft.fade_s, written.version], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
