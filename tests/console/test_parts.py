"""The parts that are pure or small: the pace of attempts, sessions, codes, and the file of users."""

import json
import os
import stat
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.console.access.codes import FIRST, Codes
from edge.console.access.denied import WHY, Denied, Reason
from edge.console.access.roles import Role
from edge.console.access.sessions import SESSIONS_MAX, USER_SESSIONS_MAX, Sessions
from edge.console.access.users import USERS_MAX, User, Users, checked
from edge.console.access.words import WORDS
from edge.core.errors import TransientError
from edge.core.pace import BY_USER, KEYS_MAX, Pace, Rule, address_key, user_key
from tests.console.asking import Clock

SECOND = 1_000_000_000


async def aside(work: Callable[[], None]) -> None:
    work()


@given(st.lists(st.floats(0, 100), max_size=200))
def test_however_attempts_are_spaced_no_more_come_through_than_the_waits_allow(gaps: list[float]) -> None:
    pace, now, through = Pace(), 0, []
    for gap in gaps:
        now += round(gap * SECOND)
        if pace.begin([user_key("hoa")], now) == 0:
            through.append(now)
    for nth, (one, after) in enumerate(pairwise(through), 1):
        least = 0 if nth < BY_USER.free else min(2.0 ** (nth - BY_USER.free), BY_USER.wait_s)
        assert after - one >= least * SECOND


@given(st.lists(st.floats(0, 100), max_size=100), st.floats(0, 1_000))
def test_who_waits_as_long_as_was_said_may_try_again(gaps: list[float], more: float) -> None:
    pace, now, key = Pace(), 0, user_key("hoa")
    for gap in gaps:
        now += round(gap * SECOND)
        pace.begin([key], now)
    now += round(more * SECOND)
    wait_s = pace.begin([key], now)
    assert wait_s <= BY_USER.wait_s
    assert wait_s == 0 or pace.begin([key], now + round(wait_s * SECOND)) == 0


def test_the_table_of_attempts_is_bounded_and_forgets_who_was_quiet_for_longest() -> None:
    pace = Pace()
    for nth in range(3 * KEYS_MAX):
        pace.begin([user_key(f"user-{nth}")], nth)
    assert len(pace) == KEYS_MAX


def test_an_address_is_not_forgiven_because_its_owner_can_log_in() -> None:
    pace, key = Pace(), address_key("192.0.2.1")
    for nth in range(key.rule.free):
        assert pace.begin([key, user_key(f"user-{nth}")], 0) == 0
        if pace.begin([key, user_key("own")], 0) == 0:
            pace.take_back(key)
            pace.forgive(user_key("own"))
    assert pace.begin([key], 0) > 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "unknown", True),
    ],
)
def test_of_ipv6_the_network_is_counted(one: str, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same
    assert isinstance(address_key(one).rule, Rule)


def test_sessions_are_bounded_for_each_user_and_for_all() -> None:
    clock = Clock()
    sessions = Sessions(clock, 60, 600)
    first = sessions.open("hoa")
    tokens = [sessions.open("hoa") for _ in range(USER_SESSIONS_MAX)]
    assert len(sessions) == USER_SESSIONS_MAX
    assert sessions.find(first) is None
    assert all(sessions.find(token) for token in tokens)
    for nth in range(2 * SESSIONS_MAX):
        sessions.open(f"user-{nth}")
    assert len(sessions) == SESSIONS_MAX
    clock.moved_s += 61
    sessions.open("lan")
    assert len(sessions) == 1


def test_the_id_of_a_session_is_not_kept() -> None:
    sessions = Sessions(Clock(), 60, 600)
    token = sessions.open("hoa")
    assert token not in repr(vars(sessions))
    assert sessions.find(token) is not None
    assert sessions.find(token[:-1]) is None
    assert sessions.find("\ud800") is None


def test_a_code_is_read_as_people_write_it_and_no_two_are_alike() -> None:
    codes = Codes(Clock())
    made = {codes.make(f"user-{nth}") for nth in range(500)}
    assert len(made) == 500
    assert all(len(code.replace("-", "")) == 16 for code in made)
    code = codes.make(FIRST)
    assert codes.take("hoa", code) is None
    written = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert codes.take(FIRST, written) is not None
    assert codes.take(FIRST, code) is None


async def test_the_file_of_users_is_for_its_owner_only_and_holds_no_password(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        users = Users(tmp_path, aside)
        await users.put(User("hoa", "Hoa", Role.VIEWER, "hash"))
    finally:
        os.umask(before)
    file = tmp_path / "users.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["users.json"]
    again = Users(tmp_path, aside)
    assert list(again) == list(users)
    file.chmod(0o644)
    Users(tmp_path, aside)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_change_that_the_disk_does_not_take_did_not_happen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = Users(tmp_path, aside)
    await users.put(User("hoa", "Hoa", Role.VIEWER))
    content = (tmp_path / "users.json").read_bytes()
    for call in ("fsync", "fdopen"):

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, call, full)
            with pytest.raises(TransientError, match="No space left"):
                await users.put(User("lan", "Lan", Role.VIEWER))
        assert users.get("lan") is None
        assert (tmp_path / "users.json").read_bytes() == content
        assert len(list(tmp_path.iterdir())) == 1


async def test_users_are_bounded(tmp_path: Path) -> None:
    users = Users(tmp_path, aside)
    for nth in range(USERS_MAX):
        await users.put(User(f"user-{nth}", "x", Role.VIEWER))
    with pytest.raises(Denied) as denied:
        await users.put(User("one-more", "x", Role.VIEWER))
    assert denied.value.reason is Reason.FULL
    await users.put(User("user-1", "changed", Role.VIEWER))


HOA = {"id": "hoa", "name": "Hoa", "role": "viewer", "hash": ""}


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "null", "{}", '{"version": 2, "users": []}', '{"version": 1, "users": [3]}', "\x00" * 64,
        json.dumps({"version": 1, "users": [HOA, HOA]}),
        json.dumps({"version": 1, "users": [HOA | {"role": "god"}]}),
        json.dumps({"version": 1, "users": [HOA | {"id": "../x"}]}),
        json.dumps({"version": 1, "users": [HOA | {"hash": 3}]}),
        "[" * 100_000,
    ],
)  # fmt: skip
async def test_a_damaged_file_lets_nobody_in_and_is_not_written_over(tmp_path: Path, content: str) -> None:
    (tmp_path / "users.json").write_text(content)
    users = Users(tmp_path, aside)
    assert users.damaged
    assert not users.is_fresh
    with pytest.raises(Denied):
        await users.put(User("hoa", "Hoa", Role.VIEWER))
    assert (tmp_path / "users.json").read_text() == content


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\x00b", "a\u202eb", "\ud800"])
def test_a_name_is_one_line_that_shows(name: str) -> None:
    with pytest.raises(Denied):
        checked("hoa", name, Role.VIEWER)
    assert checked("hoa", "  Nguyễn\n Thị   Hoa ", Role.VIEWER).name == "Nguyễn Thị Hoa"


def test_every_reason_and_word_is_there_in_both_languages() -> None:
    assert set(WHY) == set(Reason)
    assert all(english.strip() and vietnamese.strip() for _, english, vietnamese in WHY.values())
    assert all(vietnamese.strip() and english.strip() for vietnamese, english in WORDS.values())
    assert all(role.value in WORDS for role in Role)
