"""A measured figure, and how a run prints its figures."""

import argparse
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is value to limit, so that 1 is just reached; `better` says on which side."""

    name: str
    value: float
    unit: str
    limit: float | None
    better: str = "lower"

    @property
    def ratio(self) -> float | None:
        return None if self.limit is None else self.value / self.limit

    @property
    def reached(self) -> bool:
        if self.limit is None:
            return True
        return self.value <= self.limit if self.better == "lower" else self.value >= self.limit


def machine() -> str:
    """What this was measured on."""
    model = next((line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")), "")
    return f"{model or platform.machine()}, Python {platform.python_version()}"


def _cpuinfo() -> list[str]:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return file.readlines()
    except OSError:
        return []


def show(figures: list[Figure], as_json: bool) -> None:
    """Print the figures, one a line."""
    for figure in figures:
        if as_json:
            print(json.dumps({**asdict(figure), "ratio": figure.ratio}))
            continue
        limit = "" if figure.limit is None else f"limit {figure.limit:g}, ratio {figure.ratio:.2f}"
        verdict = "" if figure.limit is None else ("reached" if figure.reached else "NOT REACHED")
        print(f"{figure.name:<58} {figure.value:>12.2f} {figure.unit:<12} {limit:<28} {verdict}")


def main(figures: Callable[[], list[Figure]]) -> None:
    """Run one benchmark from the command line; exit 1 when a limit is not reached."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true", help="one line of JSON a figure")
    options = parser.parse_args()
    print(f"# {machine()}", file=sys.stderr)
    found = figures()
    show(found, options.json)
    sys.exit(0 if all(figure.reached for figure in found) else 1)
