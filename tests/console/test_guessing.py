"""Guessing: how many attempts come through, what they cost, and which passwords are not taken."""

import asyncio

import pytest

from edge.console.access.passwords import ATTEMPTS_MAX, NOBODYS, check_password, is_of_today
from edge.console.access.roles import Role
from edge.core.pace import BY_ADDRESS, BY_USER
from tests.console.asking import (
    PASSWORD,
    SESSION,
    Console,
    said,
)


async def test_guessing_one_user_from_anywhere_is_slowed_down_and_the_user_gets_in_again_soon(
    here: Console,
) -> None:
    answers = [
        (await here.browser(f"192.0.2.{index}").ask("POST", SESSION, said(password=f"guess number {index}")))
        for index in range(40)
    ]
    statuses = [answer.status for answer in answers]
    assert statuses[: BY_USER.free] == [401] * BY_USER.free
    assert set(statuses[BY_USER.free :]) == {429}
    assert int(answers[-1].headers["retry-after"]) >= 1
    here.clock.moved_s += BY_USER.wait_s
    assert (await here.browser().ask("POST", SESSION, said())).status == 200


async def test_a_thousand_guesses_reach_the_hash_few_times(here: Console) -> None:
    reached = 0
    for index in range(1_000):
        answer = await here.browser().ask("POST", SESSION, said(f"user-{index}", "some wrong password"))
        reached += answer.status == 401
        here.clock.moved_s += 1
    assert BY_ADDRESS.free <= reached <= BY_ADDRESS.free + 12


async def test_an_unknown_user_is_answered_as_a_wrong_password_is_and_costs_as_much(here: Console) -> None:
    tried: list[str] = []
    passwords = here.accounts._passwords
    work = passwords._work

    async def counted(job: object) -> None:
        tried.append("hash")
        await work(job)  # type: ignore[arg-type]

    passwords._work = counted  # type: ignore[method-assign, assignment]
    known = await here.browser("192.0.2.1").ask("POST", SESSION, said(password="not the password"))
    unknown = await here.browser("192.0.2.2").ask("POST", SESSION, said("nobody", "not the password"))
    assert tried == ["hash", "hash"]
    assert (known.status, known.body) == (unknown.status, unknown.body)
    assert is_of_today(NOBODYS)


async def test_fifty_logins_at_once_end_in_bounded_work_and_a_quick_answer_for_each(here: Console) -> None:
    for index in range(50):
        await here.person(f"user-{index}", Role.VIEWER)
        here.clock.moved_s += 3_600
    asked = [
        here.browser(f"198.51.{index}.7").ask("POST", SESSION, said(f"user-{index}")) for index in range(50)
    ]
    answers = await asyncio.gather(*asked)
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) == ATTEMPTS_MAX
    assert statuses.count(429) == 50 - ATTEMPTS_MAX
    # Who was told to come again is not punished for it.
    again = [
        await here.browser(f"198.51.{index}.7").ask("POST", SESSION, said(f"user-{index}"))
        for index in range(50)
    ]
    assert {answer.status for answer in again} == {200}


async def test_many_guesses_at_once_are_not_one(here: Console) -> None:
    asked = [
        here.browser(f"198.51.{index}.7").ask("POST", SESSION, said(password=f"guess number {index}"))
        for index in range(50)
    ]
    statuses = [answer.status for answer in await asyncio.gather(*asked)]
    assert statuses.count(401) <= BY_USER.free


async def test_failures_without_end_do_not_push_the_rest_out_of_the_audit_log(here: Console) -> None:
    for _ in range(400):
        here.accounts._telling.routine("login_failed", "hoa", "192.0.2.7", warning=True)
    assert len([one for one in here.told() if one["did"] == "login_failed"]) <= 300
    here.clock.moved_s += 3_600
    here.accounts._telling.routine("login", "hoa", "192.0.2.7")
    assert [one["did"] for one in here.told()][-2:] == ["untold", "login"]


GUESSED = (
    *("", "short", "a" * 16, "x" * 200, "123456789012", "0912345678901", "password123456", "Matkhau123456"),
    *("qwerty123456789", "hoahoahoahoa12", "gw-a-gw-a-gw-a", "administrator1", "Gianh2026Gianh"),
)


@pytest.mark.parametrize("password", GUESSED)
def test_passwords_that_are_guessed_first_are_not_taken(password: str) -> None:
    with pytest.raises(Exception, match="Choose another password"):
        check_password(password, "hoa", "gw-a")


@pytest.mark.parametrize(
    "password", [PASSWORD, "Trăng lên trên sông Gianh", "9f-Qk2!vLm#x8", "x7" + "🌉🌊🌴🎣🐟" * 3]
)
def test_passwords_that_are_long_and_their_own_are_taken(password: str) -> None:
    check_password(password, "hoa", "gw-a")


async def test_a_password_is_the_same_however_the_keyboard_writes_its_accents(here: Console) -> None:
    await here.person("van", Role.VIEWER, "Tr\u0103ng l\u00ean tr\u00ean s\u00f4ng Gianh")
    decomposed = "Tra\u0306ng le\u0302n tre\u0302n so\u0302ng Gianh"
    assert (await here.browser().ask("POST", SESSION, said("van", decomposed))).status == 200
