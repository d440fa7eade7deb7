"""docs/air.md shows what is true."""

import re

import pytest

from edge.air.fit import INTERCEPT_OFF, NRMSE_MAX, R2_MIN, RMSE_MAX, SLOPE_OFF
from edge.air.index.nowcast import nowcast
from edge.cli import main
from tests.air.test_nowcast import AMERICAN
from tests.house.tree import ROOT

TEXT = (ROOT / "docs" / "air.md").read_text("utf-8")


def test_the_index_that_is_shown_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    shown = re.search(r"\$ gianh (air aqi .*)\n((?:.|\n)*?)```", TEXT)
    assert shown is not None
    assert main(shown[1].split()) == 0
    assert capsys.readouterr().out == shown[2]


def test_the_nowcast_with_a_missing_hour_is_as_told() -> None:
    found = nowcast(AMERICAN)
    assert found is not None
    assert f"a series\n  of {found:.1f} µg/m³ would come out as 21.3" in TEXT


def test_the_targets_that_are_named_are_those_that_are_judged() -> None:
    told = f"(slope 1 ± {SLOPE_OFF:g}, intercept ± {INTERCEPT_OFF:g} µg/m³, R² ≥ {R2_MIN:.2f}, "
    told += f"RMSE ≤ {RMSE_MAX:g} µg/m³ or NRMSE ≤ {NRMSE_MAX:g} %)"
    assert told in " ".join(TEXT.split())
