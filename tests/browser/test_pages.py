"""Every page: what axe finds, that a keyboard is enough, and that nothing is wider than a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter

PATHS = (
    "/",
    "/?view=list",
    "/lighting",
    "/lighting?tab=faults",
    "/lighting?tab=tonight",
    "/lighting?tab=plan",
    "/lighting?tab=history",
    "/login",
)


def settled(page: Page) -> None:
    expect(page.locator(".waiting, .opening")).to_have_count(0)


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_serious_in_light_or_dark(enter: Enter, path: str) -> None:
    page = enter(None if path == "/login" else "lan", path)
    if path == "/login":
        settled(page)
        assert serious(page) == []
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        settled(page)
        assert serious(page) == []


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_wider_than_a_phone(enter: Enter, path: str) -> None:
    page = enter("lan", path, width=360, height=740)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_list_finds_without_diacritics_and_the_address_keeps_the_search(enter: Enter) -> None:
    page = enter(None, "/?view=list")
    page.get_by_label("Tìm theo tên").fill("hung vuong")
    expect(page.locator("tbody tr").first).to_contain_text("Hùng Vương")
    expect(page).to_have_url(re.compile("q=hung"))
    page.reload()
    expect(page.locator("tbody tr").first).to_contain_text("Hùng Vương")


def test_a_lamp_opens_by_keyboard_and_gives_the_focus_back(enter: Enter) -> None:
    page = enter(None, "/?view=list&kind=lamp")
    lamp = page.get_by_role("button", name="Đèn 01", exact=True)
    lamp.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Đèn 01")).to_be_focused()
    page.get_by_role("button", name="Đóng chi tiết").click()
    expect(lamp).to_be_focused()


def test_english_and_dark_are_kept(enter: Enter) -> None:
    page = enter(None, "/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Lighting")).to_be_visible()
    page.get_by_label("Appearance").select_option("dark")
    page.reload()
    expect(page.get_by_role("link", name="Lighting")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_page_says_what_to_do_where_the_library_of_the_map_is_missing(enter: Enter) -> None:
    page = enter(None, "/login")
    page.route("**/web/**/lib/**", lambda route: route.abort())
    page.goto("/")
    expect(page.get_by_text('pip install "gianh[console]"')).to_be_visible()
    expect(page.get_by_role("button", name="Đèn 01", exact=True)).to_be_visible()
