"""An operator changes the plan in a real browser: nonsense is refused, the rest holds, and it goes back."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.town import Demo

NOTE = "# agreed with the police of Ba Đồn"


def note_in(file: Path) -> str:
    """A comment of somebody's beside a step, and the text as it is then."""
    text = file.read_text().replace("[[program]]", f"{NOTE}\n[[program]]", 1)
    file.write_text(text)
    return text


def opened(page: Page) -> None:
    expect(page.get_by_role("region", name="Lưu và áp dụng")).to_contain_text("đang có hiệu lực")
    expect(page.locator(".plan-figures")).to_contain_text("kWh")


def test_a_plan_is_changed_refused_seen_saved_in_force_and_taken_back(enter: Enter, demo: Demo) -> None:
    file = demo.folder / f"{demo.gateway}.toml"
    before = note_in(file)
    page = enter("hoa", "/lighting?tab=plan")
    opened(page)
    save = page.get_by_role("button", name="Lưu và áp dụng")
    expect(save).to_be_disabled()

    page.get_by_label("Bước 2: Giờ, phút").fill("25:00")
    expect(page.locator(".plan-wrong", has_text="25:00")).to_contain_text("không phải giờ")
    page.get_by_label("Bước 2: Mức, %").fill("130")
    expect(page.locator(".plan-wrong", has_text="130")).to_contain_text("Phải là từ 0 đến 100")
    expect(save).to_be_disabled()

    page.get_by_label("Bước 2: Giờ, phút").fill("21:30")
    page.get_by_label("Bước 2: Mức, %").fill("50")
    expect(page.locator(".plan-changes")).to_contain_text("22:00 60 % → 21:30 50 %")
    expect(page.locator(".plan-figures")).to_contain_text("đang có hiệu lực: ")
    page.get_by_text("Xem bằng bảng").click()
    step = page.get_by_role("row").filter(has=page.get_by_role("cell", name="21:30", exact=True))
    expect(step).to_contain_text("50\u202f%")
    assert file.read_text() == before

    save.click()
    expect(page.locator(".said")).to_contain_text("kế hoạch mới đang có hiệu lực")
    opened(page)
    changed = file.read_text()
    assert changed == before.replace('at = "22:00", level = 60.0', 'at = "21:30", level = 50')
    assert NOTE in changed
    with demo.inside("hoa") as other:
        night = other.get(f"/api/v1/light-plan/{demo.gateway}").raise_for_status().json()
        assert [50, "21:30"] in [[one["level"], one["why"]] for one in night["stretches"]]

    page.get_by_role("button", name="Hoàn tác lần sửa trước").click()
    page.get_by_role("dialog").get_by_role("button", name="Hoàn tác lần sửa trước").click()
    expect(page.locator(".said")).to_contain_text("kế hoạch trước đang có hiệu lực")
    assert file.read_text() == before


def test_a_dark_plan_needs_a_second_word_and_another_operators_change_is_not_lost(
    enter: Enter, demo: Demo
) -> None:
    page, other = enter("hoa", "/lighting?tab=plan"), enter("minh", "/lighting?tab=plan")
    opened(page)
    opened(other)
    page.get_by_label("Bước 2: Mức, %").fill("5")
    expect(page.locator(".note.warn")).to_contain_text(re.compile(r"\d+ đèn sẽ dưới 30 % từ 22:00"))
    page.get_by_role("button", name="Lưu và áp dụng").click()
    page.get_by_role("dialog").get_by_role("button", name="Hủy").click()
    with demo.inside("hoa") as client:
        assert client.get("/api/v1/plan").json()["plan"]["program"][0]["steps"][1]["level"] == 60
    page.get_by_role("button", name="Lưu và áp dụng").click()
    page.get_by_role("dialog").get_by_role("button", name="Vẫn lưu").click()
    expect(page.locator(".said")).to_contain_text("kế hoạch mới đang có hiệu lực")

    other.get_by_label("Bước 2: Mức, %").fill("70")
    expect(other.locator(".plan-changes")).to_contain_text("70 %")
    other.get_by_role("button", name="Lưu và áp dụng").click()
    expect(other.get_by_role("region", name="Lưu và áp dụng")).to_contain_text("vừa bị người khác sửa")
    other.get_by_role("button", name="Xem bản mới").click()
    expect(other.get_by_label("Bước 2: Mức, %")).to_have_value("5")
    opened(other)
    other.get_by_role("button", name="Hoàn tác lần sửa trước").click()
    other.get_by_role("dialog").get_by_role("button", name="Hoàn tác lần sửa trước").click()
    expect(other.locator(".said")).to_contain_text("kế hoạch trước đang có hiệu lực")


def test_the_history_says_who_did_it_and_energy_what_is_only_computed(enter: Enter) -> None:
    page = enter("minh", "/lighting?tab=past&people=yes")
    changed = page.locator("tr", has_text="Sửa kế hoạch").first
    expect(changed).to_contain_text("minh qua trang này")
    expect(changed).to_contain_text("đã hoàn tác: chương trình main-street")
    page.get_by_label("Từ ngày").fill("2026-01-01")
    page.get_by_label("Đến ngày").fill("2026-01-02")
    expect(page.get_by_text("Không có mục nào trong khoảng này")).to_be_visible()
    page.get_by_role("tab", name="Điện năng").click()
    page.get_by_role("button", name="7 đêm").click()
    expect(page.locator(".note.warn")).to_contain_text("1/7 đêm có trong sổ")
    expect(page.locator("tr", has_text="đang chạy")).to_be_visible()
    with page.expect_download() as loading:
        page.get_by_role("link", name="Tải CSV").click()
    assert loading.value.suggested_filename.startswith("gw-")
    assert "computed_kwh" in Path(loading.value.path()).read_text("utf-8-sig").splitlines()[0]


def test_who_may_not_change_it_sees_it_and_is_told_why(enter: Enter) -> None:
    page = enter("tuan", "/lighting?tab=plan")
    expect(page.get_by_text("Người vận hành hoặc quản trị viên mới sửa kế hoạch")).to_be_visible()
    expect(page.locator(".plan-figures")).to_contain_text("kWh")
    expect(page.get_by_label("Bước 2: Mức, %")).to_be_disabled()
    expect(page.get_by_role("button", name="Lưu và áp dụng")).to_have_count(0)
