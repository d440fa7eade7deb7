from pathlib import Path

from tests.crash.proof import Plan, prove, report


def test_two_kills_and_absent_servers_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    proof = prove(tmp_path, Plan(kills=2, life_s=4.0, away_s=3.0, seed=5))
    assert proof.faults() == [], report(proof)
    assert len(proof.stored) > 300
