"""What an officer types behind `--daily` and `--hourly`: `pm2_5=55.7`, `PM2.5=21,-,35`."""

from collections.abc import Iterator, Sequence

from edge.air.index.scale import HIGHEST
from edge.core.errors import ConfigError

LABELS = {
    "pm2_5": "PM2.5",
    "pm10": "PM10",
    "o3": "O3",
    "o3_1h": "O3 1 h",
    "o3_8h": "O3 8 h",
    "no2": "NO2",
    "so2": "SO2",
    "co": "CO",
}
ALSO = {"pm25": "pm2_5", "o3_1h": "o3"}
MISSING = frozenset({"", "-", "na", "nan", "none", "null"})


def day_figures_of(texts: Sequence[str]) -> dict[str, float]:
    """One figure for each pollutant."""
    found: dict[str, float] = {}
    for name, text in _named(texts):
        number = _number(name, text)
        if number is None:
            raise ConfigError(
                f"{name} has no value: give a number in µg/m³, such as {name}=35, or leave it out"
            )
        found[name] = number
    return found


def hours_of(texts: Sequence[str]) -> dict[str, list[float | None]]:
    """The hours of each pollutant, the current one first (they are typed oldest first)."""
    return {name: [_number(name, one) for one in reversed(text.split(","))] for name, text in _named(texts)}


def written(value: float | None) -> str:
    """A number as it was meant."""
    return "" if value is None else f"{value:.10g}"


def _named(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for text in texts:
        before, equals, after = text.partition("=")
        name = before.strip().lower().replace(".", "_").replace("-", "_")
        name = ALSO.get(name, name)
        if not equals or name not in LABELS:
            known = ", ".join(sorted(set(LABELS) - set(ALSO)))
            raise ConfigError(f"{text!r} is no POLLUTANT=VALUE: write {known}, each with = and a number")
        if name in seen:
            raise ConfigError(f"{name} is given twice: give it once")
        seen.add(name)
        yield name, after


def _number(name: str, text: str) -> float | None:
    text = text.strip().lower()
    if text in MISSING:
        return None
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= HIGHEST:
        comma = f" ({text.replace(',', '.')}, with a point)" if text.count(",") == 1 else ""
        raise ConfigError(f"{name}={text[:40]}: give one number from 0 to {HIGHEST:,.0f} µg/m³{comma}")
    return number
