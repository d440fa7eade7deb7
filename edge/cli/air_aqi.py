"""`gianh air aqi`: a calculator of the indices, from numbers alone."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.air.index.build import PARTICLES, POLLUTANTS
from edge.air.index.categories import Category, category_of
from edge.air.index.nowcast import nowcast, us_nowcast
from edge.air.index.scale import source_of, title_of
from edge.air.index.us import us, us_day
from edge.air.index.vn import O3_8H, vn_day, vn_hour, vn_sub
from edge.cli.air_figures import LABELS, day_figures_of, hours_of, written
from edge.cli.common import EXIT_DONE, Commands, add_command, add_json, print_json, print_table, print_text
from edge.core.air import Index
from edge.core.errors import ConfigError

INDICATIVE = (
    "From low-cost sensors an index is indicative only (tham khảo):",
    "Circular 10/2021 lets certified stations alone feed the public one.",
)
CO_RARE = 50
"""Below this, in µg/m³, somebody probably meant mg/m³."""

TAKEN = {"vn": (*POLLUTANTS, O3_8H), "us": PARTICLES}
"""What each index takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An index and what it was made of; `sub` has O3's two parts as well where both terms were asked for."""

    family: str
    hourly: bool
    index: Index
    sub: Mapping[str, int]
    given: Mapping[str, str]

    @property
    def category(self) -> Category | None:
        """The category, None where there is no index."""
        return None if self.index.value is None else category_of(self.family, self.index.value)


def add(commands: Commands) -> None:
    """Add `aqi` to the commands of `gianh air`."""
    text = "reckon VN_AQI or the US AQI from concentrations: each sub-index, the highest, category, colour"
    parser = add_command(commands, "aqi", aqi, text, "gianh air aqi --index vn --daily pm2_5=55.7 o3_8h=89.3")
    parser.description = (
        f"{parser.description} Everything is in ug/m3, CO as well (1 mg/m3 is 1000 ug/m3). "
        f"vn takes {', '.join(TAKEN['vn'])}; us takes {' and '.join(TAKEN['us'])}."
    )
    parser.add_argument("--index", choices=tuple(TAKEN), default="vn", help="which index (default: vn)")
    values = parser.add_mutually_exclusive_group(required=True)
    values.add_argument(
        "--daily",
        nargs="+",
        action="extend",
        metavar="POLLUTANT=VALUE",
        help="figures of a day: pm2_5 and pm10 the mean of 24 h; o3, no2, so2 and co the highest 1 h mean; "
        "o3_8h the highest 8 h mean",
    )
    values.add_argument(
        "--hourly",
        nargs="+",
        action="extend",
        metavar="POLLUTANT=V1,V2,...",
        help="1 h means, oldest first, the current hour last, - where one is missing: up to 12 count for "
        "pm2_5 and pm10 (NowCast), the last for the others",
    )
    add_json(parser)


def aqi(args: argparse.Namespace) -> int:
    """`gianh air aqi`."""
    answer = reckoned(args.index, args.daily, args.hourly)
    if args.json:
        print_json(as_json(answer))
        return EXIT_DONE
    for line in _head(answer):
        print_text(line)
    if answer.sub:
        print()
        rows = [(LABELS[name], answer.given.get(name, ""), str(sub)) for name, sub in answer.sub.items()]
        print_table(("pollutant", "µg/m³", "index"), rows)
    for line in _tail(answer):
        print_text(line)
    return EXIT_DONE


def reckoned(family: str, daily: Sequence[str] | None, hourly: Sequence[str] | None) -> Answer:
    """The answer to figures as they are typed; raises ConfigError."""
    hours = hours_of(hourly or ())
    day = day_figures_of(daily or ())
    for name in (*hours, *day):
        if name not in TAKEN[family]:
            raise ConfigError(f"{title_of(family)} takes no {name} here: it takes {', '.join(TAKEN[family])}")
    return _by_hour(family, hours) if hourly is not None else _by_day(family, day)


def as_json(answer: Answer) -> dict[str, object]:
    """The answer as programs read it; `why` is there where there is no index."""
    category = answer.category
    found: dict[str, object] = {
        "index": answer.family,
        "value": answer.index.value,
        "category": None if category is None else _own(answer.family, category),
        "colour": None if category is None else category.colour,
        "sub": dict(answer.sub),
    }
    return found if category is not None else found | {"why": answer.index.why}


def _by_hour(family: str, hours: Mapping[str, Sequence[float | None]]) -> Answer:
    if O3_8H in hours:
        raise ConfigError("o3_8h is for --daily: the hourly index takes o3")
    index = vn_hour(hours, 0) if family == "vn" else us(hours, 0)
    mean = nowcast if family == "vn" else us_nowcast
    given = {
        name: f"{found:.1f} NowCast" if name in PARTICLES and (found := mean(values)) else written(values[0])
        for name, values in hours.items()
    }
    return Answer(family, True, index, dict(index.sub), given)


def _by_day(family: str, day: Mapping[str, float]) -> Answer:
    index = vn_day(day, 0) if family == "vn" else us_day(day, 0)
    given = {name: written(value) for name, value in day.items()}
    if O3_8H not in day:
        return Answer(family, False, index, dict(index.sub), given)
    sub = dict(index.sub) | _parts(day)
    given["o3_1h"] = given.pop("o3", "")
    return Answer(family, False, index, {name: sub[name] for name in LABELS if name in sub}, given)


def _parts(day: Mapping[str, float]) -> dict[str, int]:
    parts = {"o3_1h": vn_sub("o3", day.get("o3")), O3_8H: vn_sub(O3_8H, day.get(O3_8H))}
    return {name: value for name, value in parts.items() if value is not None}


def _own(family: str, category: Category) -> str:
    """The name in the language of those who made the index."""
    return category.vi.name if family == "vn" else category.en.name


def _head(answer: Answer) -> Iterator[str]:
    what = f"{title_of(answer.family)}, {'current hour' if answer.hourly else 'day'}"
    category = answer.category
    if category is None:
        yield f"{what}: none ({answer.index.why})"
        return
    yield f"{what}: {answer.index.value}   {category.vi.name} · {category.en.name}"
    yield f"colour {category.vi.colour} · {category.en.colour} ({category.colour})"
    yield f"decided by {LABELS[answer.index.main]}"


def _tail(answer: Answer) -> Iterator[str]:
    category = answer.category
    if category is not None:
        for wording, sensitive in ((category.vi, "Người nhạy cảm"), (category.en, "Sensitive people")):
            yield ""
            yield wording.general
            yield f"{sensitive}: {wording.sensitive}"
    yield ""
    yield f"By {source_of(answer.family)}."
    yield from INDICATIVE
    if 0 < float(answer.given.get("co") or 0) < CO_RARE:
        yield "CO so low is rare: it is taken in µg/m³, and 1 mg/m³ is 1000."
