import logging
from pathlib import Path

import pytest

from edge.wifi.keys import DEVICE_FILE, PREVIOUS_FILE, SESSION_FILE, Keys
from tests.runtime.store_help import START_NS, HandClock
from tests.wifi.records import NOON_S, ZONE, S

MAC = bytes.fromhex("021122334455")
DAY_NS = 86_400 * S


def clock_at(utc_s: int, is_set: bool = True) -> HandClock:
    clock = HandClock(is_set)
    clock.now_ns = utc_s * S - START_NS
    return clock


@pytest.fixture
def clock() -> HandClock:
    return clock_at(NOON_S)


def test_a_device_has_one_pseudonym_for_the_day_and_over_a_restart_of_it(
    tmp_path: Path, clock: HandClock
) -> None:
    keys = Keys(tmp_path, ZONE, clock)
    first = keys.device(MAC, "market")
    assert 0 < first < 1 << 64
    clock.now_ns += DAY_NS // 2 - S
    assert keys.device(MAC, "beach") == first
    assert Keys(tmp_path, ZONE, clock).device(MAC, "market") == first
    assert keys.device(MAC[::-1], "market") != first


def test_at_local_midnight_the_key_is_gone_from_memory_and_disk(tmp_path: Path, clock: HandClock) -> None:
    keys = Keys(tmp_path, ZONE, clock)
    first, secret = keys.device(MAC, ""), keys._device.secret
    known, before = bytes(secret), (tmp_path / DEVICE_FILE).read_bytes()
    clock.now_ns += DAY_NS // 2
    assert keys.device(MAC, "") != first
    assert bytes(secret) == bytes(32)
    assert known in before
    assert all(known not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_key_of_yesterday_is_not_taken_up_by_a_start_today(tmp_path: Path, clock: HandClock) -> None:
    first = Keys(tmp_path, ZONE, clock).device(MAC, "")
    clock.now_ns += DAY_NS
    assert Keys(tmp_path, ZONE, clock).device(MAC, "") != first


def test_only_the_owner_may_read_a_key_and_one_that_others_could_is_not_believed(
    tmp_path: Path, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    first = Keys(tmp_path, ZONE, clock).device(MAC, "")
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    (tmp_path / DEVICE_FILE).chmod(0o644)
    assert Keys(tmp_path, ZONE, clock).device(MAC, "") != first
    assert "others may read it" in caplog.text
    assert (tmp_path / DEVICE_FILE).stat().st_mode & 0o777 == 0o600


def test_while_the_clock_is_not_set_nothing_is_kept(tmp_path: Path) -> None:
    clock = clock_at(NOON_S, is_set=False)
    keys = Keys(tmp_path, ZONE, clock)
    assert keys.device(MAC, "") == keys.device(MAC, "")
    assert (list(tmp_path.iterdir()), keys.ages_s()) == ([], (None, None))
    clock.known = True
    first = keys.device(MAC, "")
    assert Keys(tmp_path, ZONE, clock).device(MAC, "") == first
    clock.now_ns += 60 * S
    assert keys.ages_s() == (60.0, 60.0)


def test_a_disk_that_takes_nothing_leaves_the_key_in_memory(
    tmp_path: Path, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    keys = Keys(tmp_path / "gone", ZONE, clock)
    assert keys.device(MAC, "") == keys.device(MAC, "")
    assert "count anew" in caplog.text


def test_a_session_keeps_its_hash_over_midnight_and_over_a_new_key(tmp_path: Path, clock: HandClock) -> None:
    known: set[int] = set()
    keys = Keys(tmp_path, ZONE, clock)
    keys.knows = known.__contains__
    first = keys.session("ac", b"s1")
    known.add(first)
    for _ in range(9):
        clock.now_ns += DAY_NS
        assert keys.session("ac", b"s1") == first
    other = keys.session("ac", b"s2")
    assert (tmp_path / PREVIOUS_FILE).exists()
    fresh = Keys(tmp_path, ZONE, clock)
    fresh.knows = known.__contains__
    assert (fresh.session("ac", b"s1"), fresh.session("ac", b"s2")) == (first, other)
    fresh.knows_before = lambda _ns: False
    clock.now_ns += DAY_NS
    assert fresh.session("ac", b"s1") != first
    assert not (tmp_path / PREVIOUS_FILE).exists()
    assert (tmp_path / SESSION_FILE).exists()


def test_sessions_of_two_clients_never_have_one_hash(tmp_path: Path, clock: HandClock) -> None:
    keys = Keys(tmp_path, ZONE, clock)
    assert keys.session("ac", b"1s") != keys.session("ac-1", b"s")


def test_no_key_is_in_a_repr_or_a_log(
    tmp_path: Path, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    keys = Keys(tmp_path, ZONE, clock)
    keys.device(MAC, "")
    assert keys._device.secret.hex() not in repr(keys._device) + caplog.text
    assert "secret" not in repr(keys._device)
