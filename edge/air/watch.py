"""What operators watch of stations: each rule a pure function over what is known of one now.

Cabinets are watched with the other devices, in edge.lighting.monitor. Thresholds stand in the one table of
edge.config.alarms; which limits hold, in limits.toml.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from edge.air.limits import Limit
from edge.air.reference import surroundings
from edge.config.alarms import Rule
from edge.core.air import Mean, Span, StationKind
from edge.core.alarms import AlarmKind, Finding, Sign
from edge.core.sayings import say
from edge.core.times import SECOND_NS
from edge.core.vocabulary import quantity

LIMIT_SPANS = 2
"""So many spans after its end a mean still says whether a limit is exceeded, unless a newer one does."""

DRIFT_DAYS = 3
"""So many days on end a station must run beside its neighbours."""

DRIFT_LEAST = {"pm1": 5.0, "pm2_5": 5.0, "pm10": 10.0, "no2": 10.0, "so2": 10.0, "o3": 20.0, "co": 300.0}
"""Points that neighbours have in common, and the least middle of them (ug/m3) of which a share means much."""

PERCENT_DIGITS = 7
"""To which a share of a limit is rounded: a mean of 45 is no exceedance of 45, whatever binary sums say."""

SILENT_INTERVALS = 2
"""So many intervals of its readings a station may bring nothing, as the means hold a value."""

STANDS_IN = {"pm2_5": "pm2_5_corrected"}
"""What is held against the limit of a point where a station has it."""


@dataclass(frozen=True, slots=True)
class _Look:
    """One thing that was looked at; of equal signs the larger `weight` is the worse."""

    sign: Sign
    value: float
    weight: float
    text: str


def limit_exceeded(
    station: str,
    kind: StationKind,
    means: Iterable[Mean],
    limits_at: Callable[[int], Sequence[Limit]],
    at_ns: int,
    rule: Rule,
    ambient: Sequence[str] = (),
) -> Finding:
    """Whether a mean is above its limit, each on the averaging time of the limit.

    `means` are the newest few of the station, `limits_at` gives the limits that a mean with this end is
    judged by. The newest valid mean of each point and span counts, for two spans after its end. The value
    is the mean that is worst against its limit, of `ambient` points in ug/Nm3. Indicative stations prove
    nothing, and say so.
    """
    code = "above_limit_indicative" if kind is StationKind.INDICATIVE else "above_limit"
    looks = [
        _against(station, code, mean, limit, value, rule, limit.point in ambient)
        for mean, point, value in _newest_valid(means, at_ns)
        for limit in limits_at(mean.end_ns)
        if limit.span is mean.span and limit.point == point
    ]
    return _finding(AlarmKind.LIMIT_EXCEEDED, station, looks)


def sensor_stuck(device: str, moves: bool | None, texts: Iterable[str] = ()) -> Finding:
    """Whether a device has a point that is stuck: by QualityControl.is_moving, and its words."""
    if moves is None:
        return Finding(AlarmKind.SENSOR_STUCK, device, Sign.UNSURE)
    sign = Sign.WELL if moves else Sign.TROUBLE
    text = "" if moves else next(iter(texts), say("same_values", device=device))
    return Finding(AlarmKind.SENSOR_STUCK, device, sign, None, text)


def sensor_drift(
    station: str, days: Sequence[Mean], neighbours: Mapping[str, Sequence[Mean]], rule: Rule
) -> Finding:
    """Whether a station ran beside the middle of its neighbours, to one side, for the last days on end.

    `days` are daily means, oldest first, `neighbours` those of the stations that should run alike. The value
    is the newest day's share of the middle, in percent off 100.
    """
    looks = [
        look
        for point, least in DRIFT_LEAST.items()
        if (look := _drift(station, point, _shares(point, least, days, neighbours), rule)) is not None
    ]
    return _finding(AlarmKind.SENSOR_DRIFT, station, looks)


def station_silent(station: str, quiet_s: float, rule: Rule, usual_s: float = 0.0) -> Finding:
    """Whether no value of a station that counts has come for too long; `quiet_s` since the last, or start.

    A station that is read every `usual_s` is not silent before it has missed a reading.
    """
    minutes = quiet_s / 60
    sign = Sign.WELL if quiet_s <= SILENT_INTERVALS * usual_s else _above(minutes, rule)
    text = say("no_values", device=station, minutes=f"{minutes:.0f}")
    return Finding(AlarmKind.STATION_SILENT, station, sign, minutes, text if sign is Sign.TROUBLE else "")


def _newest_valid(means: Iterable[Mean], at_ns: int) -> list[tuple[Mean, str, float]]:
    """The newest valid mean of each point and span; what is corrected counts as corrected, or not at all."""
    found: dict[tuple[Span, str], tuple[Mean, str, float]] = {}
    for mean in sorted(means, key=lambda one: one.end_ns):
        if at_ns - mean.end_ns > LIMIT_SPANS * mean.span.seconds * SECOND_NS:
            continue
        values = dict(mean.values)
        instead = {raw: values[better] for raw, better in STANDS_IN.items() if better in values}
        for point, one in (values | instead).items():
            if one.is_valid and point not in STANDS_IN.values():
                found[mean.span, point] = mean, point, one.value
    return list(found.values())


def _against(
    station: str, code: str, mean: Mean, limit: Limit, measured: float, rule: Rule, is_ambient: bool
) -> _Look:
    air = surroundings(dict(mean.values))
    value = measured * air.factor if is_ambient else measured
    how = f"; in Nm³, from {measured:.1f} at {air.words}" if is_ambient else ""
    percent = round(value / limit.value * 100, PERCENT_DIGITS)
    shown = quantity(limit.point)
    name, unit = (shown.en, shown.display) if shown else (limit.point, "")
    text = say(
        code,
        station=station,
        quantity=name,
        value=f"{value:.1f}",
        unit=unit,
        span=mean.span.value,
        percent=f"{rule.threshold:g}",
        limit=f"{limit.value:g}",
        source=f"{limit.source}{how}",
    )
    return _Look(_above(percent, rule), value, percent, text)


def _shares(
    point: str, least: float, days: Sequence[Mean], neighbours: Mapping[str, Sequence[Mean]]
) -> list[float | None]:
    """For each of the last days, newest first, the station's share of its neighbours' middle (percent)."""
    others = [{mean.end_ns: _valid(mean, point) for mean in means} for means in neighbours.values()]
    own_of = {day.end_ns: _valid(day, point) for day in days[-DRIFT_DAYS:]}
    shares: list[float | None] = []
    for end_ns in range(max(own_of, default=0), 0, -Span.DAY.seconds * SECOND_NS)[:DRIFT_DAYS]:
        own = own_of.get(end_ns)
        beside = [value for other in others if (value := other.get(end_ns)) is not None]
        middle = median(beside) if beside else 0.0
        shares.append(own / middle * 100 if own is not None and middle >= least else None)
    return shares


def _drift(station: str, point: str, shares: Sequence[float | None], rule: Rule) -> _Look | None:
    if not shares or (newest := shares[0]) is None:
        return None
    known = [share - 100 for share in shares if share is not None]
    one_side = all(off > rule.threshold for off in known) or all(-off > rule.threshold for off in known)
    if one_side and len(known) == DRIFT_DAYS:
        shown = quantity(point)
        name = shown.en if shown else point
        text = say(
            "beside_neighbours", station=station, quantity=name, percent=f"{newest:.0f}", days=DRIFT_DAYS
        )
        return _Look(Sign.TROUBLE, newest - 100, abs(newest - 100), text)
    is_well = abs(newest - 100) <= rule.threshold - rule.hysteresis
    return _Look(Sign.WELL if is_well else Sign.UNSURE, newest - 100, abs(newest - 100), "")


def _valid(mean: Mean, point: str) -> float | None:
    return next((one.value for name, one in mean.values if name == point and one.is_valid), None)


def _above(value: float, rule: Rule) -> Sign:
    if value > rule.threshold:
        return Sign.TROUBLE
    return Sign.WELL if value <= rule.threshold - rule.hysteresis else Sign.UNSURE


_WORST_FIRST = (Sign.TROUBLE, Sign.UNSURE, Sign.WELL)


def _finding(kind: AlarmKind, subject: str, looks: Sequence[_Look]) -> Finding:
    """The worst that was seen; nothing can be said where nothing was."""
    if not looks:
        return Finding(kind, subject, Sign.UNSURE)
    worst = min(looks, key=lambda look: (_WORST_FIRST.index(look.sign), -look.weight))
    return Finding(kind, subject, worst.sign, worst.value, worst.text if worst.sign is Sign.TROUBLE else "")
