"""The officer's morning and the technician's visit, in real Chromium against the running demo."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from edge.lighting.chain import entries
from tests.browser.conftest import Enter
from tests.browser.town import Demo

SILENT = "unit 13 on /dev/serial/by-id/usb-Gianh_RS485-if00-port0 did not answer: check its power and address"


def wide(page: Page) -> bool:
    """Whether a page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def painted(page: Page) -> int:
    """So many charts have something drawn on their canvas."""
    return int(
        page.evaluate(
            """[...document.querySelectorAll('.chart-picture canvas')].filter((one) => {
              const data = one.getContext('2d').getImageData(0, 0, one.width, one.height).data;
              return data.some((part) => part);
            }).length"""
        )
    )


def test_the_officers_morning(enter: Enter, tmp_path: Path) -> None:
    page = enter("thu", "/air")
    face = page.locator(".air-face")
    expect(face).to_contain_text("VN_AQI giờ")
    value = int(face.locator(".air-number").inner_text())
    assert 0 < value < 500
    assert face.evaluate("one => getComputedStyle(one).backgroundColor") != "rgba(0, 0, 0, 0)"
    expect(page.locator(".air-standing")).to_contain_text("tham khảo")
    expect(page.locator(".air-limits tbody tr").filter(has_text="PM2.5")).to_contain_text("45 µg/m³")

    page.get_by_role("button", name="30 ngày").click()
    expect(page.get_by_role("heading", name="VN_AQI ngày trong 30 ngày")).to_be_visible()
    expect(page.locator(".chart-picture canvas").first).to_be_visible()
    page.wait_for_function("document.querySelectorAll('.chart-picture canvas').length > 4")
    assert painted(page) == page.locator(".chart-picture canvas").count()
    rows = page.locator(".hidden table").filter(has_text="Bụi PM10").first.locator("tbody tr")
    assert rows.count() >= 30
    assert "window=30d" in page.url

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Tải PDF").click()
    file = tmp_path / "report.pdf"
    waiting.value.save_as(file)
    assert waiting.value.suggested_filename.startswith("gianh-street-air-")
    body = file.read_bytes()
    assert body.startswith(b"%PDF-")
    assert body.rstrip().endswith(b"%%EOF")
    assert len(body) > 10_000
    expect(
        page.get_by_role("link", name="Cảnh báo"), "the list of pages stays where it is"
    ).to_be_in_viewport()
    assert not page.locator("a[href='/users']").count(), "an officer manages no users"


def test_the_technicians_visit(enter: Enter, demo: Demo) -> None:
    page = enter("tuan", "/field", width=360, height=740)
    page.get_by_placeholder("Tìm thiết bị, cột, đường").fill("BD-003")
    page.locator("#device-lamp-03").click()
    assert not wide(page)

    registers = "**/api/v1/field/lamp-03/registers"
    page.route(registers, lambda route: route.fulfill(json={"state": "failed", "reason": SILENT}))
    page.get_by_role("button", name="Đọc một lần").click()
    expect(page.locator(".device-body .note.bad")).to_contain_text("check its power")
    assert not wide(page)
    page.unroute(registers)

    page.get_by_role("button", name="Đọc một lần").click()
    table = page.locator(".register-table")
    expect(table).to_contain_text("Mức sáng")
    assert re.fullmatch(r"[0-9a-f]{4}", table.locator("tbody td").first.inner_text())
    assert not wide(page)

    page.locator(".device-body").get_by_role("button", name="Nháy đèn").click()
    expect(page.locator(".device-body .note.good")).to_contain_text("đã đọc lại", timeout=45_000)

    page.get_by_label("Đã làm gì").fill("thay bóng, siết cầu đấu")
    page.get_by_role("button", name="Ghi đã bảo trì").click()
    expect(page.locator(".device-body")).to_contain_text("tuan: thay bóng, siết cầu đấu")

    page.get_by_placeholder("Tìm thiết bị, cột, đường").fill("Tiếng ồn")
    page.locator("#device-noise").click()
    page.get_by_role("button", name="Bắt đầu hiệu chuẩn").click()
    expect(page.get_by_role("button", name="Kết thúc hiệu chuẩn")).to_be_visible()
    page.get_by_role("button", name="Kết thúc hiệu chuẩn").click()
    expect(page.get_by_role("button", name="Bắt đầu hiệu chuẩn")).to_be_visible()
    page.reload()
    page.get_by_placeholder("Tìm thiết bị, cột, đường").fill("BD-003")
    page.locator("#device-lamp-03").click()
    expect(page.locator(".device-body")).to_contain_text("thay bóng, siết cầu đấu")

    did = {(entry.get("verb"), entry.get("target"), entry.get("by")) for entry in entries(demo.data_dir)}
    assert did >= {("identify", "lamp-03", "tuan"), ("serviced", "lamp-03", "tuan")}


def test_a_code_is_shown_once_and_the_log_tells_who_made_it(enter: Enter) -> None:
    page = enter("lan", "/users")
    page.get_by_label("Tên đăng nhập").fill("binh")
    page.get_by_role("button", name="Thêm", exact=True).click()
    code = page.locator("output.one-time").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", code)
    page.get_by_role("button", name="Xong").click()
    expect(page.locator("tr", has_text="binh")).to_contain_text("chờ đặt mật khẩu")
    assert code not in page.content()

    page.goto("/audit?by=lan")
    expect(page.locator("table.audit tbody tr").first).to_contain_text("thêm người dùng")
    page.get_by_role("button", name="Kiểm tra toàn bộ nhật ký").click()
    expect(page.get_by_role("status").filter(has_text="Nguyên vẹn")).to_be_visible()
