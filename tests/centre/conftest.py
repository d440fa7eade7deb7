"""One InfluxDB with the week, for all tests that ask it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cloud_sync.grafana.boards import all_boards
from cloud_sync.grafana.shapes import Board, Town
from provisioning.grafana.town import town_of
from tests.centre.filled import load_week
from tests.centre.week import END
from tests.servers import Influxd, running

CONSOLE = "https://console.ba-don.example"


@pytest.fixture(scope="package")
def town() -> Town:
    return town_of(END.date(), CONSOLE)


@pytest.fixture(autouse=True)
def profiles_read_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command reads all profiles anew: right for a command, and too long for thirty of them."""
    monkeypatch.setattr(
        "edge.cli.grafana.town_of", lambda _day, console, _zone: replace(town, console=console)
    )


@pytest.fixture(scope="package")
def boards(town: Town) -> list[Board]:
    return all_boards(town)


@pytest.fixture(scope="package")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    """The week in a real InfluxDB 1.6."""
    folder = tmp_path_factory.mktemp("week")
    server = Influxd(folder / "influx")
    with running(server):
        load_week(server, folder)
        yield server
