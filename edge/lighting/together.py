"""What groups, segments and the whole gateway are to have: the states of their lamps taken together."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType

from edge.core.lighting import LightSource, LightState, TargetState
from edge.core.watchers import Watchers

EVERY_S = 1.0
"""Least time between two states of one target."""

STRENGTH: Mapping[LightSource, int] = MappingProxyType(
    {source: place for place, source in enumerate(LightSource)}
)
"""The strongest source has the least number."""


def together(
    target: str, lamps: Sequence[str], states: Mapping[str, LightState], failed: AbstractSet[str]
) -> TargetState:
    """The states of `lamps` as one. A lamp that has none yet leaves the level open. Pure."""
    known = [states[lamp] for lamp in lamps if lamp in states]
    if not known:
        return TargetState(target, None, 0, 0, LightSource.DEFAULT, None, False, None, 0, 0)
    levels = {state.level for state in known}
    lowest, highest, complete = min(levels), max(levels), len(known) == len(lamps)
    return TargetState(
        target=target,
        level=lowest if lowest == highest and complete else None,
        lowest=lowest,
        highest=highest,
        source=min({state.source for state in known}, key=STRENGTH.__getitem__),
        until_ns=min((state.until_ns for state in known if state.until_ns is not None), default=None),
        verified=complete and all(state.verified for state in known),
        at_ns=max((state.at_ns for state in known if state.at_ns is not None), default=None),
        lamps=len(lamps),
        failed=sum(lamp in failed for lamp in lamps) if failed else 0,
    )


class Together:
    """Implements TargetBoard. Looks only at targets of which a lamp changed, and at none oftener than once
    a second, so that a town's worth of lamps changing at once costs one look at each target.

    `lamps` are the states of single lamps, which their owner keeps up to date.
    """

    def __init__(self, lamps: Mapping[str, LightState]) -> None:
        self._lamps = lamps
        self._members: Mapping[str, Sequence[str]] = {}
        self._targets_of: dict[str, list[str]] = {}
        self._failed: set[str] = set()
        self._states: dict[str, TargetState] = {}
        self._due: dict[str, None] = {}
        self._fresh = asyncio.Event()
        self._watchers: Watchers[TargetState] = Watchers(self._states.get)

    def use(self, members: Mapping[str, Sequence[str]]) -> None:
        """Take other targets, or other members of them; a target that is gone has no state any more."""
        self._members, self._targets_of = members, {}
        for target, lamps in members.items():
            for lamp in lamps:
                self._targets_of.setdefault(lamp, []).append(target)
        self._failed &= self._targets_of.keys()
        for gone in self._states.keys() - members.keys():
            del self._states[gone]
        self._owe(members)

    def members(self) -> Mapping[str, Sequence[str]]:
        """As TargetBoard."""
        return self._members

    def changed(self, lamp: str) -> None:
        """A lamp's state changed."""
        self._owe(self._targets_of.get(lamp, ()))

    def failed(self, lamp: str, failed: bool) -> None:
        """Whether a lamp does not follow after all tries."""
        if failed != (lamp in self._failed) and lamp in self._targets_of:
            (self._failed.add if failed else self._failed.discard)(lamp)
            self.changed(lamp)

    def states(self) -> Sequence[TargetState]:
        """As TargetBoard."""
        return [state for state in self._states.values() if state.lamps]

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[TargetState]]:
        """As TargetBoard; a target whose last lamp left is told of with `lamps` 0."""
        return self._watchers.watch([state.target for state in self.states()])

    async def run(self) -> None:
        """Run until cancelled."""
        self._owe(self._members)
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            # What one decision brings upon many lamps is told of once, not with the first of them.
            await asyncio.sleep(0)
            due, self._due = self._due, {}
            for target in due:
                self._look(target)
                await asyncio.sleep(0)
            await asyncio.sleep(EVERY_S)

    def _look(self, target: str) -> None:
        if target not in self._members:
            return
        state = together(target, self._members[target], self._lamps, self._failed)
        before = self._states.get(target)
        if state != before and (state.lamps or before is not None):
            self._states[target] = state
            self._watchers.tell(target)

    def _owe(self, targets: Iterable[str]) -> None:
        self._due.update(dict.fromkeys(targets))
        if self._due:
            self._fresh.set()
