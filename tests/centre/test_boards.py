"""The dashboards as Grafana reads them: against its own models, without Grafana."""

import re
from collections import Counter
from datetime import date

import pytest

from cloud_sync.grafana.as_json import as_text, fingerprint
from cloud_sync.grafana.as_json import dashboard as dashboard_json
from cloud_sync.grafana.boards import all_boards
from cloud_sync.grafana.boards.common import KINDS
from cloud_sync.grafana.boards.energy import energy_counters
from cloud_sync.grafana.shapes import Board, Language, Town
from cloud_sync.grafana.units import GRAFANA_UNITS, REACTIVE, grafana_unit
from edge.core.alarms import AlarmKind
from edge.core.vocabulary import vocabulary
from provisioning.grafana.town import town_of
from tests.centre.filled import Json, unfolded
from tests.centre.models import CUSTOM, DASHBOARD, OPTIONS, again, lost

GRAFANA_KNOWS = {
    *(
        "none",
        "percent",
        "percentunit",
        "dB",
        "degree",
        "ppm",
        "conppb",
        "con\u03bcgm3",
        "decbytes",
        "bps",
        "Wm2",
    ),
    *(
        "watt",
        "voltamp",
        "voltampreact",
        "kwatth",
        "volt",
        "amp",
        "lux",
        "lengthmm",
        "pressurehpa",
        "celsius",
    ),
    *("hertz", "s", "h", "velocityms", "dateTimeAsLocal"),
}
"""Out of the ids in `valueFormats/categories` of @grafana/data 13.2.3."""


def every(boards: list[Board], town: Town) -> list[Json]:
    return [
        dashboard_json(board, language, town.timezone, town.console)
        for board in boards
        for language in Language
    ]


def test_grafanas_model_of_a_dashboard_knows_all_that_is_written(boards: list[Board], town: Town) -> None:
    for found in every(boards, town):
        assert lost(found, again(DASHBOARD, found)) == [], found["uid"]


def test_grafanas_models_of_the_panels_know_their_options(boards: list[Board], town: Town) -> None:
    for found in every(boards, town):
        for panel in unfolded(found):
            if panel["type"] == "row":
                continue
            assert lost(panel["options"], again(OPTIONS[panel["type"]], panel["options"])) == [], panel[
                "title"
            ]
            if panel["type"] in CUSTOM:
                custom = panel["fieldConfig"]["defaults"]["custom"]
                assert lost(custom, again(CUSTOM[panel["type"]], custom)) == [], panel["title"]


def test_uids_are_stable_and_unique(boards: list[Board], town: Town) -> None:
    uids = [found["uid"] for found in every(boards, town)]
    assert len(set(uids)) == len(uids)
    assert {"gianh-vi-town", "gianh-en-town", "gianh-vi-class-meter"} <= set(uids)
    assert all(len(uid) <= 40 for uid in uids)


def test_panels_have_ids_of_their_own_and_none_lies_on_another(boards: list[Board], town: Town) -> None:
    for found in every(boards, town):
        ids = [panel["id"] for panel in unfolded(found)]
        assert len(set(ids)) == len(ids), found["uid"]
        for panels in [found["panels"], *(panel.get("panels", []) for panel in found["panels"])]:
            cells = Counter(
                (x, y)
                for panel in panels
                for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
                for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
            )
            assert [cell for cell, count in cells.items() if count > 1] == [], found["uid"]
            assert all(x < 24 for x, _ in cells), found["uid"]


def test_grafana_knows_every_unit(boards: list[Board], town: Town) -> None:
    used = {
        unit
        for found in every(boards, town)
        for panel in unfolded(found)
        if "fieldConfig" in panel
        for unit in [
            panel["fieldConfig"]["defaults"]["unit"],
            *(
                one["value"]
                for override in panel["fieldConfig"]["overrides"]
                for one in override["properties"]
                if one["id"] == "unit"
            ),
        ]
    }
    assert {unit for unit in used if not unit.startswith("suffix:")} <= GRAFANA_KNOWS


@pytest.mark.parametrize("name", vocabulary())
def test_every_quantity_of_the_vocabulary_has_a_unit_that_grafana_knows(name: str) -> None:
    unit = grafana_unit(vocabulary()[name])
    assert unit.startswith("suffix:") or unit in GRAFANA_KNOWS


def test_the_units_are_those_of_the_vocabulary_and_no_others() -> None:
    assert set(GRAFANA_UNITS) == {one.unit for one in vocabulary().values()}
    assert set(REACTIVE) <= {one.display for one in vocabulary().values()}


def test_every_kind_of_alarm_has_words() -> None:
    assert set(KINDS) == set(AlarmKind)
    assert all(text.vi and text.en for text in KINDS.values())


def test_both_languages_ask_the_same_and_read_differently(boards: list[Board], town: Town) -> None:
    for board in boards:
        vi, en = (dashboard_json(board, language, town.timezone, town.console) for language in Language)
        asked = [[one.get("targets", [{}])[0].get("query") for one in unfolded(found)] for found in (vi, en)]
        assert asked[0] == asked[1]
        assert vi["title"] != en["title"]
        assert all(panel["title"].strip() for found in (vi, en) for panel in unfolded(found))


def test_the_two_indices_never_share_an_axis(boards: list[Board], town: Town) -> None:
    for found in every(boards, town):
        for panel in unfolded(found):
            asked = " ".join(target["query"] for target in panel.get("targets", []))
            assert not ("aqi_vn" in asked and "aqi_us" in asked), panel["title"]


def test_the_colours_of_the_index_are_those_of_the_decision(town: Town) -> None:
    assert [(band.low, band.colour) for band in town.bands] == [
        (0, "#00e400"),
        (51, "#ffff00"),
        (101, "#ff7e00"),
        (151, "#ff0000"),
        (201, "#8f3f97"),
        (301, "#7e0023"),
    ]


@pytest.mark.parametrize(("day", "limit"), [(date(2025, 12, 31), 50), (date(2026, 1, 1), 45)])
def test_a_limit_is_that_of_the_day_of_building_with_the_date_from_which_it_holds(
    day: date, limit: int
) -> None:
    town = town_of(day, "")
    (air,) = [board for board in all_boards(town) if board.slug == "air"]
    found = dashboard_json(air, Language.EN, town.timezone, "")
    (panel,) = [
        one
        for one in found["panels"]
        if one["title"].startswith("Particles PM2.5") or "PM2.5" in one["title"]
    ]
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert [step["value"] for step in steps] == [None, limit]
    assert f"{limit:g} µg/m³, QCVN 05:2023/BTNMT" in panel["description"]
    assert ("from 2026-01-01" in panel["description"]) == (limit == 45)


def test_a_new_class_of_device_has_a_board_without_a_line_written_for_it(town: Town) -> None:
    classes = town.classes | {"water_level": ("temperature", "relay_state_1", "relay_state_2", "rainfall")}
    more = Town(
        classes,
        town.derived,
        town.bands,
        town.us_bands,
        town.limits,
        town.advice,
        town.pollutants,
        town.timezone,
        town.console,
    )
    (board,) = [one for one in all_boards(more) if one.slug == "class-water-level"]
    found = dashboard_json(board, Language.VI, more.timezone, more.console)
    asked = [target["query"] for panel in unfolded(found) for target in panel.get("targets", [])]
    assert found["title"] == "Thiết bị: water_level"
    assert len(asked) == 4
    assert all('"water_level"' in query for query in asked)


def test_energy_is_that_which_was_drawn_whatever_a_meter_calls_it() -> None:
    points = (
        "active_energy",
        "active_energy_export",
        "active_energy_import",
        "phase1_active_energy_import",
        "active_power",
    )
    assert energy_counters((*points, "reactive_energy")) == ["active_energy", "active_energy_import"]


def test_the_same_town_makes_the_same_files(boards: list[Board], town: Town) -> None:
    first, second = ([as_text(one) for one in every(all_boards(town), town)] for _ in range(2))
    assert first == second
    found = every(boards, town)
    assert len({fingerprint(one) for one in found}) == len(found)


def test_a_series_is_named_by_tags_by_which_its_query_groups(boards: list[Board], town: Town) -> None:
    for board in every(boards, town):
        for panel in unfolded(board):
            for target in panel.get("targets", ()):
                groups = target["query"].rpartition("GROUP BY")[2]
                for tag in re.findall(r"\$tag_(\w+)", target.get("alias", "")):
                    assert f'"{tag}"' in groups, (board["title"], panel["title"], tag)
