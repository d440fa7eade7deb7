"""Every query of every panel, on a week of two gateways in a real InfluxDB."""

import re
from itertools import pairwise

import pytest

from cloud_sync.grafana.as_json import dashboard
from cloud_sync.grafana.shapes import Board, Language, Town
from provisioning.grafana.town import derived_points, device_classes
from provisioning.influx.folds import POLICIES, folds
from provisioning.influx.influxql import selected
from tests.centre.filled import DATABASE, Json, ask, filled, panels_of, unfolded, variables_of, window
from tests.centre.week import END_S, START_S
from tests.servers import Influxd

SLUGS = (
    "town",
    "lighting",
    "energy",
    "maintenance",
    "air",
    "station",
    "wifi",
    "gateways",
    "delivery",
    "class-air",
    "class-cabinet",
    "class-lamp",
    "class-meter",
    "class-weather",
    "class-wifi-ap",
)


def board_of(boards: list[Board], slug: str) -> Board:
    return next(board for board in boards if board.slug == slug)


def answered(server: Influxd, found: Json, panel: Json, values: dict[str, str]) -> list[bool]:
    """Whether each query of the panel brought a value."""
    span = window(found, panel)
    answers = [ask(server, filled(one["query"], values, *span)) for one in panel["targets"]]
    return [
        any(cell is not None for one in found for row in one.rows for cell in row[1:]) for found in answers
    ]


def test_the_boards_are_those_that_are_looked_at_here(boards: list[Board]) -> None:
    assert tuple(board.slug for board in boards) == SLUGS


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "station"])
def test_every_query_of_a_board_brings_values(
    slug: str, boards: list[Board], town: Town, week: Influxd
) -> None:
    found = dashboard(board_of(boards, slug), Language.EN, town.timezone, town.console)
    values = variables_of(found, week)
    empty = [
        f"{panel['title']}: {target['query']}"
        for panel in panels_of(found)
        for target, is_there in zip(panel["targets"], answered(week, found, panel, values), strict=True)
        if not is_there
    ]
    assert empty == []


def test_every_query_of_the_station_brings_values_of_some_station(
    boards: list[Board], town: Town, week: Influxd
) -> None:
    found = dashboard(board_of(boards, "station"), Language.VI, town.timezone, town.console)
    values = variables_of(found, week)
    (variable,) = [one for one in found["templating"]["list"] if one["name"] == "device"]
    listed = ask(week, filled(variable["query"], values, 0, END_S))
    stations = {str(name) for one in listed for name in one.column("value")}
    assert {"centre-air", "street-air"} <= stations
    empty = {f"{panel['title']}: {one['query']}" for panel in panels_of(found) for one in panel["targets"]}
    for station in stations:
        for panel in panels_of(found):
            told = answered(week, found, panel, values | {"device": station})
            empty -= {
                f"{panel['title']}: {one['query']}"
                for one, is_told in zip(panel["targets"], told, strict=True)
                if is_told
            }
    assert empty == set()


def test_lamps_of_two_gateways_with_the_same_id_stay_two(
    boards: list[Board], town: Town, week: Influxd
) -> None:
    found = dashboard(board_of(boards, "lighting"), Language.VI, town.timezone, town.console)
    values = variables_of(found, week)
    (panel,) = [one for one in panels_of(found) if one["type"] == "state-timeline"]
    series = ask(week, filled(panel["targets"][0]["query"], values, *window(found, panel)))
    named = {(one.tags["gateway"], one.tags["device"]) for one in series}
    assert {("gw-ba-don", "lamp-01"), ("gw-quang-long", "lamp-01")} <= named


def test_choosing_one_gateway_leaves_the_others_out(boards: list[Board], town: Town, week: Influxd) -> None:
    found = dashboard(board_of(boards, "gateways"), Language.VI, town.timezone, town.console)
    values = variables_of(found, week) | {"gateway": "gw-quang-long"}
    for panel in panels_of(found):
        for target in panel["targets"]:
            series = ask(week, filled(target["query"], values, *window(found, panel)))
            assert {one.tags.get("gateway", "gw-quang-long") for one in series} <= {"gw-quang-long"}


def test_the_day_of_visitors_is_the_day_that_its_row_tells_of(
    boards: list[Board], town: Town, week: Influxd
) -> None:
    """The row of a day has the time of its end, which is the midnight that begins the next."""
    found = dashboard(board_of(boards, "wifi"), Language.EN, town.timezone, town.console)
    values = variables_of(found, week)
    (panel,) = [one for one in panels_of(found) if one["title"] == "Different devices each day"]
    (series,) = ask(week, filled(panel["targets"][0]["query"], values, *window(found, panel)))
    rows = ask(week, 'SELECT "visitors" FROM "wifi_usage_1d" WHERE "device" = \'gw-ba-don\'')[0]
    shown = dict(zip(series.column("time"), series.column("visitors"), strict=True))
    told = dict(zip(rows.column("time"), rows.column("visitors"), strict=True))
    assert {at_ms - 86_400_000 + 1000 for at_ms in told} == set(shown)


def test_savings_are_those_of_the_nights(boards: list[Board], town: Town, week: Influxd) -> None:
    found = dashboard(board_of(boards, "energy"), Language.EN, town.timezone, town.console)
    values = variables_of(found, week)

    def number(title: str) -> float:
        (panel,) = [one for one in panels_of(found) if one["title"] == title]
        (series,) = ask(week, filled(panel["targets"][0]["query"], values, *window(found, panel)))
        return float(series.rows[0][1])

    used, saved, share = number("Used"), number("Saved (estimate)"), number("Share saved")
    assert share == pytest.approx(100 * saved / (used + saved))
    assert 10 < share < 40


def test_no_variable_is_left_unfilled(boards: list[Board], town: Town, week: Influxd) -> None:
    for board in boards:
        found = dashboard(board, Language.VI, town.timezone, town.console)
        names = {one["name"] for one in found["templating"]["list"]}
        texts = [target["query"] for panel in panels_of(found) for target in panel["targets"]]
        texts += [one["query"] for one in found["templating"]["list"] if one["type"] == "query"]
        asked = {name for text in texts for name in re.findall(r"\$\{?(\w+)", text)}
        assert asked <= names | {"timeFilter", "__interval"}, board.slug
        links = {
            name
            for panel in unfolded(found)
            for one in panel.get("fieldConfig", {}).get("defaults", {}).get("links", [])
            for name in re.findall(r"\$\{(\w+)", one["url"])
        }
        assert links <= names | {"__field", "__data"}, board.slug


@pytest.mark.parametrize("policy", ["hour", "day"])
def test_boards_ask_coarser_resolutions_by_the_same_queries(
    policy: str, boards: list[Board], town: Town, folded: Influxd
) -> None:
    """What only raw rows have does not ask `$rp`."""
    for board in boards:
        if board.slug == "station":
            continue
        found = dashboard(board, Language.EN, town.timezone, town.console)
        values = variables_of(found, folded) | {"rp": policy}
        for panel in panels_of(found):
            for target in panel["targets"]:
                query = filled(target["query"], values, START_S, END_S)
                told = [cell for one in ask(folded, query) for row in one.rows for cell in row[1:]]
                assert "$rp" not in target["query"] or any(cell is not None for cell in told), query


@pytest.fixture(scope="module")
def folded(week: Influxd) -> Influxd:
    """The week folded as the continuous queries fold it, into every coarser resolution."""
    fold_week(week)
    return week


def fold_week(server: Influxd) -> None:
    classes = device_classes()
    for before, policy in pairwise(POLICIES):
        server.query(f'CREATE RETENTION POLICY "{policy.name}" ON {DATABASE} DURATION INF REPLICATION 1')
        for (measurement, fold), names in folds(classes | derived_points(classes)).items():
            where = f"time >= {round(START_S)}s AND time <= {round(END_S)}s"
            server.query(selected(DATABASE, before.name, policy, measurement, fold, names, "17h", where))
