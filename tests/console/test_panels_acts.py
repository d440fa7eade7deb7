"""The page at the pole and the audit log, asked as a browser asks them."""

from pathlib import Path
from typing import Any

import pytest

from edge.console.access.roles import Role
from edge.console.panels.audit_api import Wanted, entry_out, page_of
from edge.console.panels.field_api import block_out
from edge.core.serviced import Serviced, keep_serviced, serviced_of
from edge.lighting.chain import NAME, START, entries_back, line_of
from tests.console.asking import PASSWORD, console
from tests.lighting.town import Kept


def written(folder: Path, *entries: dict[str, Any]) -> None:
    head, lines = START, b""
    for entry in entries:
        line, head = line_of(head, entry)
        lines += line
    (folder / NAME).write_bytes(lines)


def numbers(
    folder: Path, before: int = 1 << 53, limit: int = 2, **given: Any
) -> tuple[list[int], int | None]:
    words: dict[str, Any] = {"by": "", "kind": "", "target": "", "since_ns": None, "until_ns": None}
    wanted = Wanted(**{**words, "people": False, **given})
    page = page_of(entries_back(folder), wanted, before, limit)
    return [entry.number for entry in page.entries], page.before


def test_entries_come_newest_first_page_by_page_through_all_filters(tmp_path: Path) -> None:
    written(
        tmp_path,
        {"kind": "command", "by": "Hoa", "target": "lamp-1", "at_ns": 10},
        {"kind": "plan", "at_ns": 20, "level": 40},
        {"kind": "act", "by": "an", "target": "lamp-2", "at_ns": 30, "note": "new driver"},
        {"kind": "access", "user": "hoa", "at_ns": None},
    )
    assert numbers(tmp_path) == ([4, 3], 3)
    assert numbers(tmp_path, before=3) == ([2, 1], None)
    assert numbers(tmp_path, by="hoa") == ([4, 1], None)
    assert numbers(tmp_path, people=True, limit=9) == ([4, 3, 1], None)
    assert numbers(tmp_path, kind="plan") == ([2], None)
    assert numbers(tmp_path, target="LAMP-2") == ([3], None)
    assert numbers(tmp_path, since_ns=15, until_ns=30, limit=9) == ([2], None)


def test_what_the_log_says_in_sentences_is_told_in_both_languages() -> None:
    words = {
        "target": "x",
        "reason": "lamp-5 does not answer",
        "what": "calendar a removed",
        "why": "sunset+1h",
    }
    entry = entry_out({"number": 1, "kind": "refused", "at_ns": 1, **words})
    told = {name: said[0].vi for name, said in entry.said.items()}
    assert told == {
        "reason": "lamp-5 không trả lời",
        "what": "đã bỏ lịch a",
        "why": "mặt trời lặn +1 giờ",
    }


def test_the_last_time_a_device_was_serviced_outlives_a_restart_and_nonsense() -> None:
    memory = Kept()
    assert serviced_of(memory, "lamp-1") is None
    keep_serviced(memory, "lamp-1", Serviced("lan", "thay bóng", 5))
    assert serviced_of(memory, "lamp-1") == Serviced("lan", "thay bóng", 5)
    for nonsense in ("{", "[1]", "7", '["a","b","c"]'):
        memory.values["serviced/lamp-1"] = nonsense
        assert serviced_of(memory, "lamp-1") is None


def test_a_block_is_read_from_the_outcome_or_says_why_there_is_none() -> None:
    good = block_out("holding 40+2", "00fa ffff")
    assert (good.table, good.address, good.count, good.words, good.trouble) == (
        "holding",
        40,
        2,
        [250, 65535],
        "",
    )
    bad = block_out("input 0+3", "! no answer within 0.5 s")
    assert (bad.words, bad.trouble) == ([], "no answer within 0.5 s")


async def test_who_asks_for_what_there_is_not_is_told_so(tmp_path: Path) -> None:
    async with console(tmp_path) as here:
        await here.person("lan", Role.TECHNICIAN)
        browser = here.inside("lan")
        for path in ("registers", "identify", "serviced?note=x"):
            answer = await browser.ask("POST", f"/api/v1/field/lamp-9/{path}")
            assert (answer.status, answer.json["code"]) == (404, "no_device")
            assert answer.json["said"][0]["vi"] == "cổng này không có thiết bị 'lamp-9'"
        assert (await browser.ask("POST", "/api/v1/field/lamp-9/serviced")).status == 422
        field = (await browser.ask("GET", "/api/v1/field")).json
        assert (field["gateway"], field["buses"]) == ("gw-a", [])
        air = (await browser.ask("GET", "/api/v1/town/air")).json
        assert air["stations"] == []
        assert [row["name"]["vi"] for row in air["legend"]][:2] == ["Tốt", "Trung bình"]
        assert (await browser.ask("GET", "/api/v1/town/wifi")).json is None


async def test_the_log_is_verified_and_paged_over_http(tmp_path: Path) -> None:
    async with console(tmp_path) as here:
        await here.person("mai", Role.OFFICER)
        browser = here.inside("mai")
        page = (await browser.ask("GET", "/api/v1/audit/entries?people=true")).json
        assert {entry["by"] for entry in page["entries"]} >= {"mai"}
        assert {"did", "role"} <= page["entries"][-1]["words"].keys()
        assert all(PASSWORD not in str(entry) for entry in page["entries"])
        said = (await browser.ask("GET", "/api/v1/audit/verified")).json
        assert (said["ok"], said["broken"]) == (True, "")
        log = here.gateway.config.gateway.data_dir / NAME
        log.write_bytes(log.read_bytes().replace(b'"mai"', b'"may"', 1))
        said = (await browser.ask("GET", "/api/v1/audit/verified")).json
        assert said["ok"] is False
        assert "nội dung không còn như lúc ghi" in said["said"][0]["vi"]
        assert str(tmp_path) not in said["broken"]


@pytest.mark.parametrize("text", ["yesterday", "2026-01-01", "1"])
async def test_a_time_that_is_none_is_refused_in_words(tmp_path: Path, text: str) -> None:
    async with console(tmp_path) as here:
        await here.person("mai", Role.OFFICER)
        answer = await here.inside("mai").ask("GET", f"/api/v1/audit/entries?since={text}")
        assert answer.status == 422
