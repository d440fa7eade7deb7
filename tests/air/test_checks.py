"""The table of quality control, and rows of the configuration over it."""

import pytest

from edge.air.checks import Check, built_in, checks_for, checks_of, rows
from edge.air.quality_docs import with_table
from edge.config.air import QualityCheck
from edge.core.air import CheckKind, Verdict
from edge.core.vocabulary import quantity
from tests.house.tree import ROOT


def holding(device: str, point: str, kind: CheckKind, *settings: dict[str, object]) -> Check | None:
    checks = checks_of(QualityCheck.model_validate(one) for one in settings)
    return checks_for(checks, device, point).get(kind)


@pytest.mark.parametrize("check", built_in(), ids=lambda check: f"{check.point} {check.kind}")
def test_every_built_in_check_is_whole_and_of_a_quantity_and_says_where_it_comes_from(check: Check) -> None:
    found = quantity(check.point)
    assert found is not None
    assert check.missing == ()
    assert check.why
    for value in (check.low, check.high):
        assert value is None or -20 <= value <= found.high


def test_no_two_built_in_checks_are_for_the_same() -> None:
    named = [(check.point, check.kind) for check in built_in()]
    assert sorted(set(named)) == sorted(named)
    assert {row.check.kind for row in rows()} == set(CheckKind) - {CheckKind.CALIBRATION}


def test_the_table_in_the_documentation_is_the_one_in_force() -> None:
    page = (ROOT / "docs" / "air.md").read_text("utf-8")
    assert page == with_table(page), "run `python -m edge.air.quality_docs docs/air.md`"


def test_a_quantity_without_a_row_is_held_to_the_range_of_the_vocabulary() -> None:
    found = holding("a", "no2", CheckKind.RANGE)
    assert found is not None
    assert (found.low, found.high, found.verdict) == (0, 5000, Verdict.REJECTED)


def test_a_row_changes_what_it_names_and_leaves_the_rest() -> None:
    before = holding("a", "pm2_5", CheckKind.STUCK)
    after = holding("a", "pm2_5", CheckKind.STUCK, {"point": "pm2_5", "kind": "stuck", "for_s": 60})
    assert before is not None
    assert after is not None
    assert (after.for_s, after.limit, after.values, after.verdict) == (60, 0, (0,), before.verdict)
    assert holding("a", "pm10", CheckKind.STUCK, {"point": "pm2_5", "kind": "stuck", "for_s": 60}) == (
        holding("a", "pm10", CheckKind.STUCK)
    )


def test_a_row_for_some_devices_leaves_the_others_and_goes_before_one_for_all() -> None:
    some = {"point": "pm2_5", "kind": "range", "high": 300, "devices": ["a"], "verdict": "doubtful"}
    every = {"point": "pm2_5", "kind": "range", "high": 400}
    for order in ((some, every), (every, some)):
        own, other = (holding(device, "pm2_5", CheckKind.RANGE, *order) for device in ("a", "b"))
        assert own is not None
        assert other is not None
        assert (own.high, own.verdict, own.low) == (300, Verdict.DOUBTFUL, -15)
        assert (other.high, other.verdict) == (400, Verdict.REJECTED)


def test_a_check_can_be_switched_off_for_all_or_for_some() -> None:
    off = {"point": "pm2_5", "kind": "spike", "enabled": False}
    assert holding("a", "pm2_5", CheckKind.SPIKE, off) is None
    assert holding("a", "pm2_5", CheckKind.SPIKE, {**off, "devices": ["b"]}) is not None
    assert holding("b", "pm2_5", CheckKind.SPIKE, {**off, "devices": ["b"]}) is None
    assert holding("a", "no2", CheckKind.RANGE, {**off, "point": "no2", "kind": "range"}) is None


def test_a_quantity_gets_a_check_that_it_had_not() -> None:
    new = {"point": "supply_voltage", "kind": "rate", "limit": 20}
    found = holding("a", "supply_voltage", CheckKind.RATE, new)
    assert found is not None
    assert (found.limit, found.verdict) == (20, Verdict.SUSPICIOUS)


def test_a_row_that_cannot_be_judged_by_is_passed_over() -> None:
    assert holding("a", "supply_voltage", CheckKind.RATE, {"point": "supply_voltage", "kind": "rate"}) is None
