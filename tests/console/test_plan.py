"""The plan is tried, saved into gateway.toml, in force at once, and taken back; nonsense is refused."""

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from edge.console.access.roles import Role
from edge.console.light_plan_api import add_light_plan
from edge.console.panels.audit_api import add_audit_entries
from edge.console.plan_api import add_plan
from edge.core.clock import SystemClock
from edge.core.fleet import ConfigState, Phase
from edge.runtime.gateway import Gateway
from edge.wiring.plan import Planning
from tests.console.asking import Browser, Console, console

PLAN = "/api/v1/plan"
LAMPS = [f"lamp-{number}" for number in range(12)]


def text(data_dir: Path) -> str:
    devices = "".join(
        f'\n[[device]]\nid = "{lamp}"\nprofile = "ecodim-dali-gw2"\nbus = "b"\nsub_address = {number}\n'
        f"nominal_w = 100\n"
        for number, lamp in enumerate(LAMPS)
    )
    return f"""\
# the cabinet of the market
[gateway]
id = "gw-a"
latitude = 17.7
longitude = 106.4
data_dir = "{data_dir}"

[[bus]]
id = "b"
kind = "tcp"
host = "127.0.0.1"
port = 9
{devices}
[[group]]
id = "street"
devices = {LAMPS[:6]}

# agreed with the police
[[program]]
id = "main"
steps = [
    {{at = "sunset", level = 100}},
    {{at = "22:00", level = 60}},   # shops close
    {{at = "sunrise", level = 0}},
]

[[calendar]]
id = "town"
default = "main"

[[assignment]]
target = "gw-a"
calendar = "town"
"""


def routes(gateway: Gateway, plan: Planning, app: FastAPI) -> None:
    add_light_plan(app, gateway, SystemClock())
    add_plan(app, gateway, plan, SystemClock(), acts=True)
    add_audit_entries(app, gateway)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Console]:
    (tmp_path / "gateway.toml").write_text(text(tmp_path / "data"), "utf-8")
    async with console(tmp_path, only=routes) as made:
        await made.gateway.reload()
        for user, role in (("hoa", Role.OPERATOR), ("minh", Role.OPERATOR), ("xem", Role.VIEWER)):
            await made.accounts.add(user, user.title(), role, "test")
        yield made


def file_of(here: Console) -> Path:
    return here.gateway.config.gateway.data_dir.parent / "gateway.toml"


async def shown(browser: Browser) -> tuple[dict[str, Any], str]:
    seen = (await browser.ask("GET", PLAN)).json
    return copy.deepcopy(seen["plan"]), seen["version"]


async def tried(browser: Browser, plan: Any, **more: Any) -> Any:
    answer = await browser.ask("POST", f"{PLAN}/try", {"plan": plan, "target": "gw-a"} | more)
    assert answer.status == 200, answer.text
    return answer.json


async def saved(browser: Browser, plan: Any, version: str, word: str = "") -> Any:
    return await browser.ask("PUT", PLAN, {"plan": plan, "version": version, "second_word": word})


async def test_a_draft_shows_its_night_beside_the_one_in_force_and_changes_nothing(here: Console) -> None:
    hoa, before = here.inside("hoa"), file_of(here).read_text()
    plan, _ = await shown(hoa)
    plan["program"][0]["steps"][1] |= {"at": "21:00", "level": 40, "fade_s": 30}
    found = await tried(hoa, plan, day="2026-12-21")
    assert [one["why"] for one in found["night"]["stretches"]][-3:] == ["sunset", "21:00", "sunrise"]
    assert found["night"]["energy_kwh"] < found["now"]["energy_kwh"]
    assert found["now"] == (await hoa.ask("GET", "/api/v1/light-plan/gw-a?day=2026-12-21")).json
    assert [one["fade_s"] for one in found["night"]["stretches"]][-3:] == [None, 30.0, None]
    assert found["changes"] == ["program main: 22:00 60 % -> 21:00 40 % within 30 s"]
    assert (found["faults"], found["dark"], found["second_word"]) == ([], "", "")
    assert file_of(here).read_text() == before


async def test_nonsense_in_a_step_is_refused_at_its_field(here: Console) -> None:
    hoa, before = here.inside("hoa"), file_of(here).read_text()
    plan, version = await shown(hoa)
    for change, key, words in (
        ({"at": "25:00"}, "at", "is not a time of a step"),
        ({"at": "sunset+9h"}, "at", "more than 6 hours from the sun"),
        ({"at": "sunset"}, "at", "take one out"),
        ({"level": 130}, "level", "at most 100"),
        ({"fade_s": 601}, "fade_s", "at most 600"),
        ({"operation": "about"}, "operation", 'must be "set", "max" or "min"'),
    ):
        draft = copy.deepcopy(plan)
        draft["program"][0]["steps"][1] |= change
        found = await tried(hoa, draft)
        assert [one["key"] for one in found["faults"]] == [f"program[0].steps[1].{key}"]
        assert words in found["faults"][0]["message"]
        assert found["night"] is None
        answer = await saved(hoa, draft, version)
        assert (answer.status, answer.json["faults"]) == (422, found["faults"])
    plan["program"][0]["steps"][1] |= {"at": "25:00", "level": 130}
    found = await tried(hoa, plan)
    assert {one["key"] for one in found["faults"]} == {
        "program[0].steps[1].at",
        "program[0].steps[1].level",
    }
    assert file_of(here).read_text() == before


async def test_every_other_kind_of_nonsense_has_its_place(here: Console) -> None:
    hoa = here.inside("hoa")
    plan, _ = await shown(hoa)
    late = {"id": "late", "steps": [{"at": "23:00", "level": 50}, {"at": "sunrise", "level": 0}]}
    plan["program"] += [late, {"id": "main", "steps": [{"at": "sunset", "level": 1}]}]
    rules = [
        {"program": "nobody", "dates": "2027-02-30"},
        {"program": "main"},
        {"program": "main", "holiday": "tet"},
    ]
    plan["calendar"][0]["rules"] = rules
    wrong = {"program": "main", "weekdays": ["never"]}
    plan["calendar"].append({"id": "other", "default": "main", "rules": [wrong]})
    plan["holiday"] = [{"id": "Tết", "dates": []}]
    plan["assignment"] += [{"target": "moon", "calendar": "town"}, {"target": "street", "calendar": "no"}]
    found = {one["key"]: one["message"] for one in (await tried(hoa, plan))["faults"]}
    assert "hours after sunset" in found["program[1].steps"]
    assert "has this id already" in found["program[2].id"]
    assert "no [[program]] has the id 'nobody'" in found["calendar[0].rules[0].program"]
    assert "a day that no calendar has" in found["calendar[0].rules[0].dates"]
    assert "fits every night" in found["calendar[0].rules[1]"]
    assert "mon" in found["calendar[1].rules[0].weekdays[0]"]
    assert "no [[holiday]] has the id 'tet'" in found["calendar[0].rules[2].holiday"]
    assert "is not an id" in found["holiday[0].id"]
    assert "moon" in found["assignment[1].target"]
    assert "no [[calendar]] has the id 'no'" in found["assignment[2].calendar"]


async def test_a_saved_plan_is_in_the_file_with_its_comments_and_in_force(here: Console) -> None:
    hoa, before = here.inside("hoa"), file_of(here).read_text()
    plan, version = await shown(hoa)
    plan["program"][0]["steps"][1]["level"] = 40
    answer = await saved(hoa, plan, version)
    assert (answer.status, answer.json["trouble"]) == (200, "")
    assert file_of(here).read_text() == before.replace(
        "level = 60}},   # shops".replace("}}", "}"), "level = 40},   # shops"
    )
    assert here.gateway.config.program[0].steps[1].level == 40
    night = (await hoa.ask("GET", "/api/v1/light-plan/gw-a")).json
    assert 40 in [one["level"] for one in night["stretches"]]
    last = answer.json["undo"]
    assert (last["by"], last["what"]) == ("hoa", ["program main: 22:00 60 % -> 22:00 40 %"])
    assert (await here.inside("xem").ask("GET", PLAN)).json["undo"] is None


async def test_who_changed_what_stands_in_the_audit_log(here: Console) -> None:
    hoa = here.inside("hoa")
    plan, version = await shown(hoa)
    plan["program"][0]["steps"][1]["level"] = 40
    assert (await saved(hoa, plan, version)).status == 200
    await here.accounts.add("lan", "Lan", Role.ADMINISTRATOR, "test")
    page = (await here.inside("lan").ask("GET", "/api/v1/audit/entries?kind=plan_changed")).json
    (entry,) = page["entries"]
    assert (entry["by"], entry["source"]) == ("hoa", "console")
    assert entry["words"]["what"] == "program main: 22:00 60 % -> 22:00 40 %"


async def test_two_operators_at_once_do_not_overwrite_each_other(here: Console) -> None:
    hoa, minh = here.inside("hoa"), here.inside("minh")
    one, version = await shown(hoa)
    other, same = await shown(minh)
    assert version == same
    one["program"][0]["steps"][1]["level"] = 40
    other["program"][0]["steps"][1]["level"] = 70
    assert (await saved(hoa, one, version)).status == 200
    answer = await saved(minh, other, same)
    assert answer.status == 409
    assert "changed by somebody else" in answer.json["detail"]
    assert here.gateway.config.program[0].steps[1].level == 40


async def test_the_newest_change_is_taken_back_letter_by_letter_and_then_the_one_before(
    here: Console,
) -> None:
    hoa, first = here.inside("hoa"), file_of(here).read_text()
    for level in (40, 30):
        plan, version = await shown(hoa)
        plan["program"][0]["steps"][1]["level"] = level
        await saved(hoa, plan, version)
    for level in (40, 60):
        _, version = await shown(hoa)
        assert (await hoa.ask("POST", f"{PLAN}/undo", {"version": version})).status == 200
        assert here.gateway.config.program[0].steps[1].level == level
    assert file_of(here).read_text() == first
    answer = await hoa.ask("POST", f"{PLAN}/undo", {"version": (await shown(hoa))[1]})
    assert answer.status == 409
    assert "no change of the plan" in answer.json["detail"]


async def test_what_somebody_changed_by_hand_since_is_not_taken_back(here: Console) -> None:
    hoa = here.inside("hoa")
    plan, version = await shown(hoa)
    plan["program"][0]["steps"][1]["level"] = 40
    await saved(hoa, plan, version)
    file_of(here).write_text(file_of(here).read_text() + "# by hand\n")
    seen = (await hoa.ask("GET", PLAN)).json
    assert seen["undo"] is None
    assert (await hoa.ask("POST", f"{PLAN}/undo", {"version": seen["version"]})).status == 409


async def test_a_file_that_would_not_be_right_elsewhere_changes_nothing(here: Console) -> None:
    hoa, file = here.inside("hoa"), file_of(here)
    file.write_text(
        file.read_text().replace("[[group]]", '[mqtt]\nurl = "mqtts://x"\nca_file = "gone"\n\n[[group]]')
    )
    before = file.read_text()
    plan, version = await shown(hoa)
    plan["program"][0]["steps"][1]["level"] = 40
    answer = await saved(hoa, plan, version)
    assert answer.status == 409
    assert "mqtt.ca_file" in answer.json["detail"]
    assert file.read_text() == before


async def test_what_the_gateway_does_not_take_is_put_back(here: Console) -> None:
    hoa, file = here.inside("hoa"), file_of(here)
    file.write_text(file.read_text().replace("[[group]]", "[store]\nhistory_days = 7\n\n[[group]]"))
    before = file.read_text()
    plan, version = await shown(hoa)
    plan["program"][0]["steps"][1]["level"] = 40
    answer = await saved(hoa, plan, version)
    assert answer.status == 409
    assert "store changed, which needs a restart" in answer.json["detail"]
    assert file.read_text() == before


async def test_a_file_that_is_not_in_force_is_said(here: Console) -> None:
    hoa, file = here.inside("hoa"), file_of(here)
    file.write_text(file.read_text().replace("level = 60", "level = 55"))
    assert "not in force yet" in (await hoa.ask("GET", PLAN)).json["trouble"]
    file.write_text(file.read_text().replace("level = 55", "level = 550"))
    assert "gianh check" in (await hoa.ask("GET", PLAN)).json["trouble"]
    file.write_text("no toml at all")
    answer = await hoa.ask("GET", PLAN)
    assert answer.status == 409
    assert "not valid TOML" in answer.json["detail"]


async def test_many_lamps_dark_in_the_night_need_a_second_word_for_this_very_draft(here: Console) -> None:
    hoa = here.inside("hoa")
    plan, version = await shown(hoa)
    plan["program"][0]["steps"][1]["level"] = 10
    found = await tried(hoa, plan)
    assert "12 lamps would be below 30 %" in found["dark"]
    answer = await saved(hoa, plan, version)
    assert (answer.status, answer.json["detail"]) == (409, found["dark"])
    other = copy.deepcopy(plan)
    other["program"][0]["steps"][1]["level"] = 0
    assert (await saved(hoa, other, version, found["second_word"])).status == 409
    assert (await saved(hoa, plan, version, found["second_word"])).status == 200
    again, _ = await shown(hoa)
    again["fade_s"] = 5
    found = await tried(hoa, again)
    assert (found["dark"], found["changes"]) == ("", ["fade 3 s -> 5 s"])


async def test_a_street_of_few_lamps_may_be_dark(here: Console) -> None:
    hoa = here.inside("hoa")
    plan, _ = await shown(hoa)
    plan["program"].append(plan["program"][0] | {"id": "dark"})
    plan["program"][1]["steps"] = [{"at": "sunset", "level": 100}, {"at": "21:00", "level": 0}]
    plan["calendar"].append({"id": "few", "default": "dark"})
    plan["assignment"].append({"target": "street", "calendar": "few"})
    assert (await tried(hoa, plan, target="street"))["dark"] == ""


async def test_a_configuration_on_trial_is_not_written_over_and_one_from_the_centre_is_said(
    here: Console,
) -> None:
    hoa, configs = here.inside("hoa"), here.configs
    configs.tell(ConfigState(Phase.TRIAL, 7))
    plan, version = await shown(hoa)
    plan["fade_s"] = 5
    answer = await saved(hoa, plan, version)
    assert answer.status == 409
    assert "on trial" in answer.json["detail"]
    configs.tell(ConfigState(Phase.KEPT, 7))
    assert (await hoa.ask("GET", PLAN)).json["managed"] == {"version": 7, "phase": "kept", "changed": False}
    assert (await saved(hoa, plan, version)).status == 200


async def test_the_text_for_the_centre_has_the_plan_and_nothing_else(here: Console) -> None:
    answer = await here.inside("xem").ask("GET", f"{PLAN}/text")
    assert answer.text.startswith('[[program]]\nid = "main"\nsteps = [\n    {at = "sunset", level = 100},\n')
    assert "[[assignment]]" in answer.text
    assert "device" not in answer.text


async def test_a_target_whose_lamps_follow_several_calendars_has_no_night_and_is_told_why(
    here: Console,
) -> None:
    hoa = here.inside("hoa")
    plan, _ = await shown(hoa)
    plan["calendar"].append({"id": "other", "default": "main"})
    plan["assignment"] = [{"target": "street", "calendar": "other"}, {"target": "lamp-7", "calendar": "town"}]
    found = await tried(hoa, plan)
    assert found["night"] is None
    assert "different calendars" in found["untold"]
