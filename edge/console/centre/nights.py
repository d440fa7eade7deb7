"""The nights of the town's lamps out of InfluxDB, as gateways told them at sunrise."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from edge.console.centre.influx import NOT_FOUND, Found, Influx
from edge.core.errors import PermanentError, TransientError
from edge.core.ids import is_id
from edge.core.lighting import NightRecord
from edge.core.ports import Clock
from edge.core.sayings import say
from edge.lighting.night_rows import LAMP, METER, WHOLE
from edge.lighting.night_sums import MeterSum, NightSum, meter_sums

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""Nights are the town's."""

YOUNG_NIGHTS = 55
"""So many nights are asked for as gateways sent them, which is kept for 60 days; older ones by the day."""

BY_DAY = "day"
"""The retention policy that keeps a row a day for ever, as `gianh influx setup` makes it."""

RISEN = timedelta(hours=7)
"""After local midnight the sun is up, and the night was told."""

ONE_DAY, HALF_DAY_NS, SECOND_NS = timedelta(days=1), 43_200 * 10**9, 10**9

ENERGIES = ("energy_used", "energy_measured", "energy_full", "hours_lit", "hours_counted", "hours_owed")
SUMS = ", ".join(f'sum("{name}")' for name in ENERGIES)
NIGHTS_OF = 'count("hours_owed")'
LAMPS_OF_WHOLE = f'{SUMS}, sum("lamps"), sum("lamps_known"), {NIGHTS_OF}'
LAMPS_EACH = f'{SUMS}, {NIGHTS_OF}, count("energy_full"), {NIGHTS_OF}'
READINGS = 'last("active_energy")'


@dataclass(frozen=True, slots=True)
class Whose:
    """Of whom: of one gateway, or of all (None); of these lamps of it, or of all together (None)."""

    gateway: str | None = None
    lamps: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """Several rows together: `nights` is how many there were, the rest as in a NightSum."""

    used_kwh: float
    measured_kwh: float
    full_kwh: float
    lit_h: float
    counted_h: float
    owed_h: float
    lamps: int
    known: int
    nights: int

    def night(self, night: date, lamps: int, known: int) -> NightSum:
        """As of a night of `lamps`, of which those that nothing tells of lack."""
        there = max(1, self.lamps)
        return NightSum(
            night, lamps, known, self.used_kwh, self.measured_kwh, self.full_kwh, self.lit_h, self.counted_h,
            self.owed_h / there, running=False,
        )  # fmt: skip


class Nights:
    """Asks for nights by the day on which they began, both ends meant."""

    def __init__(self, influx: Influx, clock: Clock) -> None:
        self._influx, self._clock = influx, clock

    @property
    def newest(self) -> date:
        """The last night that is over."""
        now = datetime.fromtimestamp(self._clock.utc_ns() / 1e9, ZONE)
        return (now - RISEN).date() - ONE_DAY

    async def each(self, whose: Whose, first: date, last: date, lamps: int) -> list[NightSum]:
        """Each night that somebody told of; of `lamps`, or more where more were told of."""
        found = await self._sums(whose, first, last, "time(1d, {offset}ns)")
        nights = [(_night(row), sum_of(row)) for one in found for row in one.rows]
        return [one.night(night, max(lamps, one.lamps), one.known) for night, one in sorted(nights)]

    async def by_gateway(self, first: date, last: date) -> dict[str, Sum]:
        """All nights of each gateway together."""
        found: dict[str, list[Sum]] = defaultdict(list)
        for one in await self._sums(Whose(), first, last, '"gateway"'):
            found[one.tags["gateway"]] += map(sum_of, one.rows)
        return {gateway: _together(sums) for gateway, sums in found.items()}

    async def meters(self, gateway: str, first: date, last: date) -> list[MeterSum]:
        """What the meters of a gateway counted from morning to morning."""
        by = 'time(1d, {offset}ns), "device"'
        begin = first - ONE_DAY
        found = await self._found(f"SELECT {READINGS}", METER, _of(Whose(gateway)), begin, last, by)
        nights: dict[date, list[tuple[str, float]]] = defaultdict(list)
        for one in found:
            for row in one.rows:
                nights[_night(row)].append((one.tags["device"], float(row[1])))
        records = [NightRecord(night, 0.0, (), tuple(nights[night])) for night in sorted(nights)]
        return meter_sums(records, first, last)

    async def oldest(self, gateway: str | None) -> date | None:
        """The oldest night that is kept, of a gateway or of any."""
        where = _of(Whose(gateway))
        text = f'SELECT first("lamps") FROM {{policy}}"{WHOLE}"' + (f" WHERE {where}" if where else "")
        found = [*await self._influx.ask(text.format(policy="")), *await self._by_day(text)]
        times = [int(row[0]) - HALF_DAY_NS for one in found for row in one.rows]
        return _date(min(times)) if times else None

    async def _sums(self, whose: Whose, first: date, last: date, by: str) -> list[Found]:
        parts = LAMPS_OF_WHOLE if whose.lamps is None else LAMPS_EACH
        measurement = WHOLE if whose.lamps is None else LAMP
        return await self._found(f"SELECT {parts}", measurement, _of(whose), first, last, by)

    async def _found(
        self, select: str, measurement: str, where: str, first: date, last: date, by: str
    ) -> list[Found]:
        """Young nights as they were sent; older ones by the day, or as sent where none are kept so."""
        parts = [where] if where else []
        border = self.newest - YOUNG_NIGHTS * ONE_DAY

        def text(begin: date, end: date) -> str:
            begin_ns = noon_ns(begin)
            span = [f"time >= {begin_ns}ns", f"time < {noon_ns(end + ONE_DAY)}ns"]
            group = by.format(offset=begin_ns)
            return (
                f'{select} FROM {{policy}}"{measurement}" WHERE {" AND ".join(parts + span)} '
                f"GROUP BY {group} fill(none)"
            )

        found: list[Found] = []
        if first < border:
            old = text(first, min(last, border - ONE_DAY))
            found += await self._by_day(old) or await self._influx.ask(old.format(policy=""))
        if last >= border:
            found += await self._influx.ask(text(max(first, border), last).format(policy=""))
        return found

    async def _by_day(self, text: str) -> list[Found]:
        """Nothing where somebody else set the database up, without that policy."""
        try:
            return await self._influx.ask(text.format(policy=f'"{BY_DAY}".'))
        except TransientError as error:
            if NOT_FOUND in str(error):
                return []
            raise


def noon_ns(day: date) -> int:
    """Local noon, at which a day's night has not begun and the one before is over; UTC ns."""
    return round(datetime.combine(day, time(12), ZONE).timestamp()) * SECOND_NS


def sum_of(row: Sequence[object]) -> Sum:
    """A row of sums after its time; what nobody told of counts nothing."""
    used, measured, full, lit, counted, owed, lamps, known, nights = (
        0.0 if one is None else float(str(one)) for one in row[1:]
    )
    return Sum(used, measured, full, lit, counted, owed, round(lamps), round(known), round(nights))


def _of(whose: Whose) -> str:
    """As a condition. Raises PermanentError for what is no id."""
    names = [*(whose.lamps or ()), *([whose.gateway] if whose.gateway is not None else ())]
    if not all(is_id(name) for name in names):
        raise PermanentError(say("no_proper_id"))
    parts = [] if whose.gateway is None else [f"\"gateway\" = '{whose.gateway}'"]
    if whose.lamps is not None:
        parts.append(f'"device" =~ /^(?:{"|".join(sorted(whose.lamps))})$/')
    return " AND ".join(parts)


def _together(sums: Sequence[Sum]) -> Sum:
    """Rows of different nights; of the lamps as many as in one night, on the average."""
    nights = sum(one.nights for one in sums)
    return Sum(
        sum(one.used_kwh for one in sums),
        sum(one.measured_kwh for one in sums),
        sum(one.full_kwh for one in sums),
        sum(one.lit_h for one in sums),
        sum(one.counted_h for one in sums),
        sum(one.owed_h for one in sums),
        round(sum(one.lamps for one in sums) / max(1, nights)),
        round(sum(one.known for one in sums) / max(1, nights)),
        nights,
    )


def _night(row: Sequence[object]) -> date:
    return _date(int(str(row[0])))


def _date(utc_ns: int) -> date:
    return datetime.fromtimestamp(utc_ns / 1e9, ZONE).date()
