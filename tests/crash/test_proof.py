from pathlib import Path

import pytest

from tests.crash.proof import Plan, prove, report


@pytest.mark.long
def test_ten_kills_and_absent_servers_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    proof = prove(tmp_path, Plan(kills=10, life_s=9.0, away_s=6.0, seed=1))
    assert proof.faults() == [], report(proof)
    assert len(proof.stored) > 1000
