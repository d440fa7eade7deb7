"""The table of quality control: built-in rows, and those of the configuration over them. Pure."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from types import MappingProxyType

from edge.config.air import QualityCheck
from edge.core.air import CheckKind, Verdict
from edge.core.vocabulary import quantity

NEEDS: Mapping[CheckKind, tuple[str, ...]] = MappingProxyType(
    {
        CheckKind.SENTINEL: ("values",),
        CheckKind.RANGE: ("low", "high"),
        CheckKind.WARM_UP: ("for_s",),
        CheckKind.RATE: ("limit",),
        CheckKind.SPIKE: ("limit",),
        CheckKind.STUCK: ("limit", "for_s"),
        CheckKind.TWIN: ("limit",),
    }
)
"""What each kind cannot do without. Calibration is no row: the technician begins and ends it."""

ALSO: Mapping[CheckKind, tuple[str, ...]] = MappingProxyType(
    {CheckKind.SPIKE: ("ratio",), CheckKind.TWIN: ("ratio",), CheckKind.STUCK: ("values",)}
)
"""What a kind may have besides."""

NUMBERS = ("low", "high", "limit", "ratio", "for_s", "values")
"""The keys that hold a check's numbers."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one point, for `devices` only, or for all where there are none.

    The numbers mean what QualityCheck says; `why` tells where the built-in ones come from. Of several of one
    point and kind the last that names the device holds, else the last that names none.
    """

    point: str
    kind: CheckKind
    verdict: Verdict
    enabled: bool = True
    devices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    ratio: float | None = None
    for_s: float | None = None
    values: tuple[float, ...] | None = None
    why: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that it cannot do without and has not."""
        return tuple(name for name in NEEDS.get(self.kind, ()) if getattr(self, name) is None)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the built-in table: one check of several points."""

    points: tuple[str, ...]
    check: Check


@cache
def rows() -> tuple[Row, ...]:
    """The built-in table, in its own order."""
    text = resources.files("edge.air").joinpath("quality.toml").read_text("utf-8")
    return tuple(_row(table) for table in tomllib.loads(text)["check"])


@cache
def built_in() -> tuple[Check, ...]:
    """The built-in checks, one for each point of each row."""
    return tuple(replace(row.check, point=point) for row in rows() for point in row.points)


def checks_of(settings: Iterable[QualityCheck]) -> tuple[Check, ...]:
    """The built-in checks and those of the configuration over them.

    A row that cannot be judged by (problems_of_air tells why) is passed over, and the one under it holds.
    """
    found = list(built_in())
    for setting in settings:
        check = merged(setting, found)
        if setting.kind in NEEDS and not (check.enabled and check.missing):
            found.append(check)
    return tuple(found)


def merged(setting: QualityCheck, under: Sequence[Check]) -> Check:
    """A row of the configuration with what it leaves out taken from those under it that hold for all."""
    general = (*_of_vocabulary(setting.point), *under)
    base = next((one for one in reversed(general) if _same(one, setting) and not one.devices), None)
    if base is None:
        base = Check(setting.point, setting.kind, Verdict.SUSPICIOUS)
    given = {name: value for name in NUMBERS if (value := getattr(setting, name)) is not None}
    return replace(
        base,
        **given,
        verdict=setting.called or base.verdict,
        enabled=setting.enabled,
        devices=setting.devices,
    )


def checks_for(checks: Iterable[Check], device: str, point: str) -> dict[CheckKind, Check]:
    """The checks that hold for one point of one device; the range is never missing."""
    general: dict[CheckKind, Check] = {}
    own: dict[CheckKind, Check] = {}
    for check in (*_of_vocabulary(point), *checks):
        if check.point != point:
            continue
        if not check.devices:
            general[check.kind] = check
        elif device in check.devices:
            own[check.kind] = check
    return {kind: check for kind, check in (general | own).items() if check.enabled}


def _of_vocabulary(point: str) -> Iterator[Check]:
    """What can be true at all."""
    if (found := quantity(point)) is not None:
        yield Check(point, CheckKind.RANGE, Verdict.REJECTED, low=found.low, high=found.high)


def _same(check: Check, setting: QualityCheck) -> bool:
    return check.point == setting.point and check.kind is setting.kind


def _row(table: Mapping[str, object]) -> Row:
    rest = {name: value for name, value in table.items() if name not in ("points", "why")}
    points = table["points"]
    assert isinstance(points, list)
    setting = QualityCheck.model_validate({**rest, "point": points[0]})
    return Row(tuple(points), replace(merged(setting, ()), why=str(table["why"])))
