"""What is not told because too few people stand behind it, or because it would give them away. Pure.

A group below the smallest that may be told is hidden. Where a whole is told together with its parts, the
hidden parts could be had by subtraction: so further parts are hidden, the smallest first, until those that
are hidden make up a group that may be told. Not guarded against: knowledge from elsewhere, and the
difference between a row and the same row as it is corrected later.
"""

from collections.abc import Mapping, Sequence

Wholes = Mapping[str, Sequence[Sequence[str]]]
"""Of each place the ways in which it is made up of others: of hotspots, of sites, of communes."""


def hidden(groups: Mapping[str, int], wholes: Wholes, group_min: int) -> frozenset[str]:
    """The places whose group is not told."""
    found = {place for place, group in groups.items() if group < group_min}
    grew = True
    while grew:
        grew = False
        for whole, ways in wholes.items():
            if whole in found or whole not in groups:
                continue
            for parts in ways:
                more = _one_more(groups, parts, found, group_min)
                if more is not None:
                    found.add(more)
                    grew = True
    return frozenset(found)


def _one_more(groups: Mapping[str, int], parts: Sequence[str], found: set[str], group_min: int) -> str | None:
    rest = sum(groups.get(part, 0) for part in parts if part in found)
    if not 0 < rest < group_min:
        return None
    told = [part for part in parts if part not in found and part in groups]
    return min(told, key=lambda part: (groups[part], part), default=None)


def without_few(parts: Sequence[tuple[bool, int]], group_min: int) -> bool:
    """Whether a sum over time leaves out its hidden parts, given as (is hidden, group).

    Else the few people of the hidden hours of a day could be had by subtracting those that were told.
    """
    rest = sum(group for is_hidden, group in parts if is_hidden)
    return 0 < rest < group_min
