"""Continuous queries of InfluxDB 1.x. Pure.

InfluxDB 1.6 keeps a continuous query with its numbers cut to three decimals: 0.01745 comes back as 0.017. So
that directions stay right, every factor here is a fraction of whole numbers (355/113 for pi, 8.5e-8 off).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from provisioning.influx.folds import POLICIES, PREFIX, Fold, Policy, folds

RADIANS, DEGREES = "355 / 20340", "20340 / 355"
TENTH_OF_LN_10 = "2302585093 / 10000000000"


@dataclass(frozen=True, slots=True)
class Continuous:
    """One continuous query; its name ends with a sum over its text, since the server writes that anew."""

    name: str
    text: str


def continuous_queries(
    database: str, fields: Mapping[str, tuple[str, ...]], shift: str
) -> Iterator[Continuous]:
    """All of them; `shift` moves days to local midnight (`17h` for UTC+7)."""
    for before, policy in pairwise(POLICIES):
        for (measurement, fold), names in folds(fields).items():
            select = selected(database, before.name, policy, measurement, fold, names, shift)
            resample = f"RESAMPLE EVERY {policy.every} FOR {policy.back}"
            mark = sha256((select + resample).encode()).hexdigest()[:8]
            name = f"{PREFIX}{policy.name}_{measurement}_{fold}_{mark}"
            text = f'CREATE CONTINUOUS QUERY "{name}" ON "{database}" {resample} BEGIN {select} END'
            yield Continuous(name, text)


def selected(
    database: str,
    before: str,
    policy: Policy,
    measurement: str,
    fold: Fold,
    names: tuple[str, ...],
    shift: str,
    where: str = "",
) -> str:
    """The SELECT … INTO of one fold; `where` bounds it in time where no continuous query does."""
    step = f"{policy.step}, {shift}" if policy.step == "1d" else policy.step
    target = f'INTO "{database}"."{policy.name}"."{measurement}"'
    source = f'"{database}"."{before}"."{measurement}"'
    time = f" WHERE {where}" if where else ""
    parts, inner = _parts(fold, names)
    origin = f"(SELECT {inner} FROM {source}{time} GROUP BY *)" if inner else source
    return f"SELECT {parts} {target} FROM {origin}{time} GROUP BY time({step}), *"


def _parts(fold: Fold, names: tuple[str, ...]) -> tuple[str, str]:
    """What is selected, and of what, where that is worked out first."""
    if fold is Fold.LAST:
        return ", ".join(f'last("{name}") AS "{name}"' for name in names), ""
    if fold is Fold.MEAN:
        each = [f'mean("{n}") AS "{n}", min("{n}") AS "{n}_min", max("{n}") AS "{n}_max"' for n in names]
        return ", ".join(each), ""
    if fold is Fold.CIRCULAR:
        outer = [f'(atan2(mean("{n}_s"), mean("{n}_c")) * {DEGREES} + 360) % 360 AS "{n}"' for n in names]
        inner = [f'sin("{n}" * {RADIANS}) AS "{n}_s", cos("{n}" * {RADIANS}) AS "{n}_c"' for n in names]
        return ", ".join(outer), ", ".join(inner)
    outer = [f'log10(mean("{n}_e")) * 10 AS "{n}", log10(max("{n}_e")) * 10 AS "{n}_max"' for n in names]
    return ", ".join(outer), ", ".join(f'exp("{n}" * {TENTH_OF_LN_10}) AS "{n}_e"' for n in names)
