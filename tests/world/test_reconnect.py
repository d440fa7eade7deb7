from pathlib import Path

import pytest

from tests.benchmarks.bench_reconnect import EVENNESS_MAX, GATEWAYS, SPREAD_S, per_second, storm


@pytest.mark.long
async def test_a_thousand_gateways_that_lost_one_broker_come_back_spread_and_all(tmp_path: Path) -> None:
    came_s, _ = await storm(tmp_path)
    assert len(came_s) == GATEWAYS
    assert max(per_second(came_s)) <= EVENNESS_MAX * GATEWAYS / SPREAD_S
