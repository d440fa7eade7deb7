"""Tasks of InfluxDB 2.x, in Flux. Pure. None of it was run: 2.x was not to be had (docs/centre.md)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from provisioning.influx.folds import POLICIES, PREFIX, RAW, Fold, Policy, folds


@dataclass(frozen=True, slots=True)
class Task:
    """One task; its name ends with a sum over its text."""

    name: str
    flux: str


def bucket_of(database: str, policy: str) -> str:
    """The bucket of a policy: the gateways' own, and `town/hour` beside it."""
    return database if policy == RAW else f"{database}/{policy}"


def tasks(database: str, fields: Mapping[str, tuple[str, ...]], shift: str) -> Iterator[Task]:
    """All tasks; `shift` moves days to local midnight."""
    for before, policy in pairwise(POLICIES):
        source, target = bucket_of(database, before.name), bucket_of(database, policy.name)
        for (measurement, fold), names in folds(fields).items():
            body = _body(source, target, policy, measurement, fold, names, shift)
            name = f"{PREFIX}{policy.name}_{measurement}_{fold}_{sha256(body.encode()).hexdigest()[:8]}"
            option = f'option task = {{name: "{name}", every: {policy.every}}}'
            yield Task(name, "\n".join(['import "date"', 'import "math"', "", option, "", body]))


def _body(
    source: str, target: str, policy: Policy, measurement: str, fold: Fold, names: tuple[str, ...], shift: str
) -> str:
    wanted = " or ".join(f'r._field == "{name}"' for name in names)
    offset = f", offset: {shift}" if policy.step == "1d" else ""
    begin = _whole(f"date.sub(d: {policy.back}, from: now())", policy, shift)
    end = _whole("now()", policy, shift)
    lines = [
        f'data = from(bucket: "{source}")',
        f"    |> range(start: {begin}, stop: {end})",
        f'    |> filter(fn: (r) => r._measurement == "{measurement}" and ({wanted}))',
        "",
    ]
    into = f'    |> to(bucket: "{target}")'
    window = f'every: {policy.step}{offset}, createEmpty: false, timeSrc: "_start"'
    if fold is Fold.LAST:
        return "\n".join([*lines, "data", f"    |> aggregateWindow({window}, fn: last)", into, ""])
    if fold is Fold.MEAN:
        for fn, suffix in (("mean", ""), ("min", "_min"), ("max", "_max")):
            named = [f'    |> map(fn: (r) => ({{r with _field: r._field + "{suffix}"}}))'] if suffix else []
            lines += ["data", f"    |> aggregateWindow({window}, fn: {fn})", *named, into, ""]
        return "\n".join(lines)
    return "\n".join([*lines, *_summed(fold, f"every: {policy.step}{offset}"), into, ""])


def _whole(moment: str, policy: Policy, shift: str) -> str:
    """The begin of the step that a moment is in: a step that is cut would take the place of the whole one."""
    if policy.step != "1d":
        return f"date.truncate(t: {moment}, unit: {policy.step})"
    midnight = f"date.truncate(t: date.sub(d: {shift}, from: {moment}), unit: 1d)"
    return f"date.add(d: {shift}, to: {midnight})"


def _summed(fold: Fold, window: str) -> list[str]:
    """Means of directions as vectors, of sound levels by their energy."""
    if fold is Fold.CIRCULAR:
        identity = "{s: 0.0, c: 0.0}"
        angle = "r._value * math.pi / 180.0"
        added = f"s: accumulator.s + math.sin(x: {angle}), c: accumulator.c + math.cos(x: {angle})"
        value = "math.mod(x: math.atan2(y: r.s, x: r.c) * 180.0 / math.pi + 360.0, y: 360.0)"
    else:
        identity = "{e: 0.0, n: 0.0}"
        added = "e: accumulator.e + math.pow(x: 10.0, y: r._value / 10.0), n: accumulator.n + 1.0"
        value = "10.0 * math.log10(x: r.e / r.n)"
    kept = '"s", "c"' if fold is Fold.CIRCULAR else '"e", "n"'
    return [
        "data",
        f"    |> window({window})",
        f"    |> reduce(identity: {identity}, fn: (r, accumulator) => ({{{added}}}))",
        f"    |> map(fn: (r) => ({{r with _time: r._start, _value: {value}}}))",
        f"    |> drop(columns: [{kept}])",
        "    |> window(every: inf)",
    ]
