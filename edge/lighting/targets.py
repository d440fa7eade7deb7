"""What a target of lighting stands for: the lamps of a lamp, group, segment or the whole gateway."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from edge.config.schema import Config
from edge.core.errors import ConfigError
from edge.core.sayings import say

NAMES_SHOWN_MAX = 12
"""Most names of one kind that an error lists."""


class Targets:
    """Finds the lamps of a target; membership of groups may change while running, so ask when needed.

    Where one id has several meanings, the narrowest is meant: lamp, group, segment, gateway.
    """

    def __init__(self, config: Config, lamps: Collection[str]) -> None:
        order = {device.id: index for index, device in enumerate(config.device)}
        self._lamps = tuple(sorted(lamps, key=lambda lamp: order.get(lamp, len(order))))
        self._known = frozenset(self._lamps)
        self._gateway = config.gateway.id
        self._groups = {group.id: tuple(group.devices) for group in config.group}
        # A segment without lamps of its own is a lamp itself, where its relay is there.
        self._segments = {one.id: one.lamps for one in config.segment if one.id not in self._known}

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that can be named, the narrow before the wide."""
        return (*self._lamps, *self._groups, *self._segments, self._gateway)

    @property
    def groups(self) -> Mapping[str, Sequence[str]]:
        """The groups as they are now, also members that are not lamps."""
        return MappingProxyType(self._groups)

    @property
    def members(self) -> Mapping[str, Sequence[str]]:
        """The lamps of each target that stands for several: the gateway, segments, groups."""
        wide: dict[str, Sequence[str]] = {self._gateway: self._lamps}
        for target, those in (*self._segments.items(), *self._groups.items()):
            wide[target] = tuple(dict.fromkeys(one for one in those if one in self._known))
        return {target: lamps for target, lamps in wide.items() if target not in self._known}

    def resolve(self, target: str) -> tuple[str, ...]:
        """The lamps of a target in the order of the configuration, each once.

        Raises ConfigError where there is no such target, naming those that there are.
        """
        if target in self._known:
            return (target,)
        if target in self._groups:
            return self._in_order(self._groups[target])
        if target in self._segments:
            return self._in_order(self._segments[target])
        if target == self._gateway:
            return self._lamps
        raise ConfigError(say("unknown_target", target=target, known=self._known_names()))

    def covering(self, lamp: str) -> tuple[str, ...]:
        """The targets that a lamp belongs to, itself first, the gateway last."""
        groups = (group for group, members in self._groups.items() if lamp in members)
        segments = (segment for segment, members in self._segments.items() if lamp in members)
        return (lamp, *groups, *segments, self._gateway)

    def set_members(self, group: str, devices: Iterable[str]) -> None:
        """Change who is in a group. Raises ConfigError for a group or a lamp that there is not."""
        wanted = tuple(dict.fromkeys(devices))
        if group not in self._groups:
            raise ConfigError(say("unknown_group", group=group, known=_listed("groups", list(self._groups))))
        for name in wanted:
            if name not in self._known and name not in self._groups[group]:
                raise ConfigError(say("unknown_lamp", lamp=name, known=_listed("lamps", self._lamps)))
        self._groups[group] = wanted

    def _in_order(self, members: Iterable[str]) -> tuple[str, ...]:
        found = frozenset(members)
        return tuple(lamp for lamp in self._lamps if lamp in found)

    def _known_names(self) -> str:
        kinds = (("lamps", self._lamps), ("groups", tuple(self._groups)), ("segments", tuple(self._segments)))
        listed = [_listed(kind, names) for kind, names in kinds if names]
        return "; ".join([*listed, f"gateway {self._gateway}"])


def _listed(kind: str, names: Sequence[str]) -> str:
    if not names:
        return f"no {kind} at all"
    more = f" and {len(names) - NAMES_SHOWN_MAX} more" if len(names) > NAMES_SHOWN_MAX else ""
    return f"{kind} {', '.join(names[:NAMES_SHOWN_MAX])}{more}"
