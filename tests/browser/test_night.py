"""The operator's night in a real browser: what she sees, commands, confirms, and gives back."""

import json
import re
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Enter
from tests.browser.town import PASSWORD, Demo, wire_to

ALL = re.compile("^Toàn cổng")


def choose(page: Page, name: str | re.Pattern[str], level: int) -> None:
    page.get_by_role("checkbox", name=name).check()
    page.get_by_role("spinbutton", name="Mức sáng, %").fill(str(level))
    page.get_by_role("spinbutton", name="Mức sáng, %").press("Enter")


def row(name: str) -> str:
    return f"tr:has-text('{name}')"


def unknown(demo: Demo) -> list[str]:
    """What the town told so far that no page could say in Vietnamese."""
    with demo.client() as client:
        events = client.get("/api/v1/town/events?limit=2000").json()["events"]
        alarms = client.get("/api/v1/town").json()["alarms"]
    of = {name: alarms["columns"].index(name) for name in ("text", "said")}
    told = [(one["text"], one["said"]) for one in events]
    assert told
    told += [(row[of["text"]], row[of["said"]]) for row in alarms["rows"]]
    return [text for text, said in told if not said or not all(one["code"] for one in said)]


def test_a_street_is_dimmed_verified_and_given_back(enter: Enter, demo: Demo) -> None:
    page = enter("hoa", "/lighting")
    choose(page, re.compile("^Đèn phía đông"), 35)
    page.get_by_role("button", name=re.compile("^Đặt 35")).click()
    expect(page.locator("[data-outcome=verified]").first).to_be_visible()
    expect(page.locator(row("Đèn phía đông"))).to_contain_text("35\u202f%")
    expect(page.locator(row("Đèn phía đông"))).to_contain_text(re.compile(r"theo lệnh, đến \d\d:\d\d"))
    page.get_by_role("button", name="Trả về kế hoạch").click()
    expect(page.locator(row("Đèn phía đông"))).to_contain_text("theo kế hoạch")
    page.get_by_role("tab", name="Lệnh gần đây").click()
    expect(page.locator("tbody tr").first).to_contain_text("hoa")
    expect(page.locator("tbody tr").first).to_contain_text("đã kiểm chứng")
    assert unknown(demo) == []


def test_a_group_whose_lamps_become_known_after_the_page_was_opened_comes_into_the_list(enter: Enter) -> None:
    page = enter("hoa", "/alarms")
    known = page.request.get("/api/v1/town").json()["targets"]
    page.route("**/api/v1/town", without_lamps)
    stream = told(known)
    page.route(
        "**/api/v1/town/live*", lambda route: route.fulfill(content_type="text/event-stream", body=stream)
    )
    page.goto("/lighting")
    expect(page.get_by_role("checkbox", name=re.compile("^Đèn trung tâm"))).to_be_visible()
    page.get_by_role("tab", name="Đêm nay").click()
    expect(page.get_by_label("Của").locator("option")).to_have_count(len(known["rows"]))


def without_lamps(route: Route) -> None:
    """The town as told by a gateway that has only just started and does not know yet who is in a group."""
    answer = route.fetch()
    town = answer.json()
    at = town["targets"]["columns"].index("lamps")
    for line in town["targets"]["rows"]:
        line[at] = 0
    route.fulfill(response=answer, json=town)


def told(targets: dict[str, Any]) -> str:
    """A stream that tells of targets."""
    return f"event: hello\ndata: {{}}\n\nevent: change\ndata: {json.dumps({'targets': targets})}\n\n"


def test_a_dark_town_needs_a_second_word_and_no_means_no(enter: Enter) -> None:
    page = enter("hoa", "/lighting")
    choose(page, ALL, 0)
    page.get_by_role("button", name=re.compile("^Đặt 0")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(re.compile(r"\d+ đèn sẽ tối dưới \d+ % trong đêm"))
    dialog.get_by_role("button", name="Hủy").click()
    expect(page.locator(".said")).to_contain_text("không đèn nào bị đổi")
    expect(page.locator(row("Toàn cổng"))).to_contain_text("theo kế hoạch")
    page.get_by_role("button", name=re.compile("^Đặt 0")).click()
    page.get_by_role("dialog").get_by_role("button", name="Vẫn thực hiện").click()
    expect(page.locator("[data-outcome=verified]").first).to_be_visible()
    expect(page.locator(row("Toàn cổng"))).to_contain_text("theo lệnh")
    page.get_by_role("button", name="Trả về kế hoạch").click()
    expect(page.locator(row("Toàn cổng"))).to_contain_text("theo kế hoạch")


def test_two_operators_see_each_others_commands(enter: Enter) -> None:
    one, other = enter("hoa", "/lighting"), enter("minh", "/lighting")
    expect(other.locator(row("Đèn trung tâm"))).to_contain_text("theo kế hoạch")
    choose(one, re.compile("^Đèn trung tâm"), 80)
    one.get_by_role("button", name=re.compile("^Đặt 80")).click()
    expect(other.locator(row("Đèn trung tâm"))).to_contain_text("80\u202f%")
    other.get_by_role("checkbox", name=re.compile("^Đèn trung tâm")).check()
    other.get_by_role("button", name="Trả về kế hoạch").click()
    expect(one.locator(row("Đèn trung tâm"))).to_contain_text("theo kế hoạch")


def test_a_wrong_password_is_said_and_the_right_one_leads_back(enter: Enter) -> None:
    page = enter(None, "/lighting")
    expect(page.get_by_text("Bạn chỉ xem được")).to_be_visible()
    page.get_by_role("link", name="Đăng nhập").click()
    page.get_by_label("Tên người dùng").fill("hoa")
    page.get_by_label("Mật khẩu").fill("wrong and wrong again")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_contain_text("không đúng")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("button", name="Trả về kế hoạch")).to_be_visible()
    expect(page.locator(".person")).to_contain_text("người vận hành")
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_label("Mật khẩu")).to_be_visible()


def test_a_lost_connection_is_told_and_its_return_brings_what_was_missed(enter: Enter, demo: Demo) -> None:
    with wire_to(demo) as wire:
        page = enter(None, "/lighting", wire.url)
        expect(page.locator(".pill")).to_have_text("Trực tiếp")
        expect(page.locator(row("Đèn trung tâm"))).to_contain_text("theo kế hoạch")
        wire.cut()
        expect(page.locator(".banner")).to_contain_text("Mất kết nối từ")
        with demo.inside("minh") as other:
            body = {"targets": [f"{demo.gateway}/lamps-centre"], "level": 77}
            other.post("/api/v1/town/light", json=body).raise_for_status()
            wire.mend()
            page.get_by_role("button", name="Thử lại ngay").click()
            expect(page.locator(".said")).to_contain_text("Đã kết nối lại")
            expect(page.locator(row("Đèn trung tâm"))).to_contain_text("77\u202f%")
            release = {"targets": [f"{demo.gateway}/lamps-centre"], "release": True}
            other.post("/api/v1/town/light", json=release).raise_for_status()
        expect(page.locator(row("Đèn trung tâm"))).to_contain_text("theo kế hoạch")
