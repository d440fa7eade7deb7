"""A technician commissions a meter and a lamp at the pole, by phone, from the Field page to the record."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter

METER, LAMP, POLE = "meter-east", "lamp-03", "BD-003"
ASK_MS = 60_000


def wide(page: Page) -> bool:
    """Whether a page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def wrong(page: Page, field: str) -> str:
    """What is said beside a field."""
    said = page.locator(f"#field-{field}-wrong")
    expect(said).not_to_be_empty()
    return said.inner_text()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def at_the_pole(enter: Enter) -> Page:
    """The phone of a technician, on the Field page."""
    return enter("tuan", "/field", width=360, height=740)


def test_from_the_field_page_to_the_signed_record(enter: Enter, tmp_path: Path) -> None:
    page = at_the_pole(enter)
    page.get_by_role("link", name="Lắp đặt từng bước").click()
    name_the_place(page)
    choose_the_devices(page)
    press(page, "Tiếp →")
    press(page, "Ghi và áp dụng")
    show_them(page)
    press(page, "Tiếp →")
    page.get_by_label("Ghi chú cho biên bản").fill("thay cầu đấu lộ 2")
    press(page, "Thêm ghi chú")
    expect(page.locator(".kept-list")).to_contain_text("thay cầu đấu lộ 2")
    assert not wide(page)

    press(page, "Hoàn tác: ghi chú thay cầu đấu lộ 2")
    expect(page.locator("section.card")).to_contain_text("Chưa có ghi chú")
    press(page, "Tiếp →")
    sign(page, tmp_path)
    page.get_by_role("button", name="Mở lại biên bản cuối").click()
    page.get_by_role("dialog").get_by_role("button", name="Mở lại biên bản cuối").click()
    expect(page.get_by_role("button", name="Hoàn tác: ")).to_be_visible()


def name_the_place(page: Page) -> None:
    """Refusals first: nothing typed, a place far away, a phone that keeps its position to itself."""
    press(page, "Giữ tên và vị trí")
    assert "Cần điền" in wrong(page, "title")
    page.get_by_label("Tên tủ").fill("Tủ 3 đường Hùng Vương")
    press(page, "Lấy vị trí của điện thoại")
    expect(page.get_by_text("Điện thoại không cho phép dùng vị trí")).to_be_visible()
    page.get_by_label("Vĩ độ").fill("21,02")
    page.get_by_label("Kinh độ").fill("206")
    press(page, "Giữ tên và vị trí")
    assert "từ -180 đến 180" in wrong(page, "longitude")
    page.get_by_label("Kinh độ").fill("105,8")
    press(page, "Giữ tên và vị trí")
    assert "Cách trung tâm" in wrong(page, "sure")
    page.reload()
    expect(page.get_by_label("Tên tủ")).to_have_value("Tủ 3 đường Hùng Vương")

    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 17.7571, "longitude": 106.4122, "accuracy": 8})
    press(page, "Lấy vị trí của điện thoại")
    expect(page.get_by_text("sai số khoảng 8 m")).to_be_visible()
    expect(page.get_by_label("Vĩ độ")).to_have_value("17,757100")
    press(page, "Giữ tên và vị trí")


def choose_the_devices(page: Page) -> None:
    """What the meter is says the meter itself; a lamp behind a DALI gateway its label."""
    known = page.get_by_label("Đã có trong cổng")
    known.select_option(METER)
    page.get_by_label("Địa chỉ", exact=True).fill("300")
    press(page, "Giữ thiết bị")
    assert "từ 1 đến 247" in wrong(page, "address")
    page.get_by_label("Địa chỉ", exact=True).fill("2")
    page.get_by_label("Kiểu thiết bị").select_option("")
    press(page, "Nhận dạng")
    best = page.locator(".candidates button").first
    expect(best).to_contain_text("khớp", timeout=ASK_MS)
    expect(best).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Kiểu thiết bị")).to_have_value("eastron-sdm120")
    assert not wide(page)
    press(page, "Giữ thiết bị")
    expect(page.locator(".kept-list li", has_text=METER)).to_contain_text("địa chỉ 2")

    known.select_option(LAMP)
    expect(page.get_by_label("Số cột")).to_have_value(POLE)
    press(page, "Nhận dạng")
    expect(page.get_by_text("không kiểu nào khớp")).to_be_visible(timeout=ASK_MS)
    page.get_by_label("Công suất ghi trên nhãn").fill("60")
    assert not wide(page)
    press(page, "Giữ thiết bị")
    expect(page.locator(".kept-list li", has_text=LAMP)).to_contain_text(POLE)


def show_them(page: Page) -> None:
    meter = page.locator(f"li[data-device={METER}]")
    meter.get_by_role("button", name="Đọc thử").click()
    expect(meter).to_contain_text("✓ Đạt")
    row = page.locator(f"li[data-device={LAMP}]")
    row.get_by_role("button", name="Cho đèn nháy").click()
    expect(row.get_by_text(f"Đèn ở cột {POLE} có nháy không?")).to_be_visible(timeout=ASK_MS)
    row.get_by_role("button", name="Có, đúng đèn").click()
    expect(row).to_contain_text("Đã thấy đúng đèn nháy")
    assert not wide(page)


def sign(page: Page, folder: Path) -> None:
    """Not without a reason while the power was not measured."""
    press(page, "Ký biên bản")
    assert "Còn việc chưa xong" in wrong(page, "exceptions")
    page.get_by_label("Vì sao ký").fill("chưa có công tơ ở lộ này")
    press(page, "Ký biên bản")
    kept = page.locator("[data-part=records]")
    for name, file in (("Biên bản (PDF)", "record"), ("Nhãn QR (PDF)", "labels")):
        with page.expect_download() as waiting:
            kept.get_by_role("link", name=name).click()
        waiting.value.save_as(folder / f"{file}.pdf")
        assert re.fullmatch(rf"[0-9-]+-gw-[a-z-]+-{file}\.pdf", waiting.value.suggested_filename)
        assert (folder / f"{file}.pdf").read_bytes().startswith(b"%PDF-")
