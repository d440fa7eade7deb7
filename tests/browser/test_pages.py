"""Every page: what axe finds, that a keyboard is enough, and that nothing is wider than a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.looks import ALL, SAMPLE, SIZES, Look, settled
from tests.browser.town import NIGHT


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def looked_at(enter: Enter, look: Look) -> None:
    """Nothing serious for who sees or hears badly, nothing wider than the window, nothing that failed."""
    width, height = SIZES[look.size]
    who = None if look.name.startswith("login") else "lan"
    page = enter(who, look.path, width=width, height=height, begin=look.keeps)
    page.emulate_media(color_scheme=look.theme)  # type: ignore[arg-type]
    expect(page.locator("h1").first).to_be_attached()
    settled(page)
    expect(page.locator(".failure")).to_have_count(0)
    assert serious(page) == []
    if look.language == "vi":
        assert page.locator("main [lang=en]").all_inner_texts() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("look", SAMPLE, ids=str)
def test_each_page_is_for_everybody(enter: Enter, look: Look) -> None:
    looked_at(enter, look)


@pytest.mark.long
@pytest.mark.parametrize("look", [look for look in ALL if look not in SAMPLE], ids=str)
def test_each_page_is_for_everybody_in_every_way_of_looking(enter: Enter, look: Look) -> None:
    looked_at(enter, look)


def test_the_list_finds_without_diacritics_and_the_address_keeps_the_search(enter: Enter) -> None:
    page = enter(None, "/?view=list")
    page.get_by_label("Tìm theo tên").fill("hung vuong")
    expect(page.locator("tbody tr").first).to_contain_text("Hùng Vương")
    expect(page).to_have_url(re.compile("q=hung"))
    page.reload()
    expect(page.locator("tbody tr").first).to_contain_text("Hùng Vương")


def called(page: Page, file: str, script: str, *given: object) -> object:
    """What `script`, a function of a module of the page, gives for what is given."""
    expect(page.locator("tbody tr").first).to_be_visible()
    return page.evaluate(
        """async ([file, script, given]) => {
            const names = performance.getEntriesByType('resource').map(entry => entry.name);
            const module = await import(names.find(name => name.includes(file)));
            return module[script](...given);
        }""",
        [file, script, given],
    )


def test_a_lamp_whose_power_tells_of_its_failure_is_shown_as_failed(enter: Enter) -> None:
    page = enter(None, "/?view=list")
    for kind, alarm, state in (
        ("lamp", "alarm", "failed"),
        ("lamp", "warning", "lit"),
        ("lamp", None, "lit"),
        ("air", "alarm", "fine"),
    ):
        thing = {"class": kind, "online": True, "alarm": alarm, "values": {"level": 100}}
        assert called(page, "/parts/things.js", "state", thing) == state


def test_a_silent_lamp_shows_no_level_but_one_that_was_read(enter: Enter) -> None:
    page = enter(None, "/?view=list")
    lamp = {"class": "lamp", "level": 80}
    assert called(page, "/parts/things.js", "main", {**lamp, "online": True}) == "80\u202f%"
    assert called(page, "/parts/things.js", "main", {**lamp, "online": False}) == "–"
    assert (
        called(page, "/parts/things.js", "main", {**lamp, "online": False, "values": {"level": 60}})
        == "60\u202f%"
    )


def test_a_silence_ends_by_the_clock_of_the_server(enter: Enter) -> None:
    page = enter(None, "/?view=list")
    day = NIGHT[:10]
    for until, wants in ((f"{day}T00:00:00+07:00", True), (f"{day}T23:59:59+07:00", False)):
        assert called(page, "/alarm_watch.js", "wantsSomebody", {"silenced_until": until}) == wants


def test_one_is_told_as_one(enter: Enter) -> None:
    page = enter(None, "/lighting", begin="localStorage.setItem('gianh.language', 'en')")
    expect(page.locator("tbody tr").first).to_be_visible()
    told = page.evaluate(
        """async () => {
            const names = performance.getEntriesByType('resource').map(entry => entry.name);
            const {tt} = await import(names.find(name => name.includes('/parts/signs.js')));
            return ['1', '2'].map(n => tt('lamps.failed', {n}));
        }"""
    )
    assert told == ["1 does not follow", "2 do not follow"]


def test_a_chart_writes_as_large_as_the_page(enter: Enter) -> None:
    page = enter(None, "/air")
    expect(page.locator(".chart-picture canvas").first).to_be_attached()
    font = page.evaluate(
        """async () => {
            const names = performance.getEntriesByType('resource').map(entry => entry.name);
            const {looks} = await import(names.find(name => name.includes('/parts/chart.js')));
            const {text, family} = looks();
            const drawing = document.createElement('canvas').getContext('2d');
            drawing.font = `${text}px ${family}`;
            return [Number.parseFloat(drawing.font), text];
        }"""
    )
    assert font[0] == pytest.approx(font[1])


def test_a_street_of_one_name_in_two_communes_is_two_on_the_map(enter: Enter) -> None:
    page = enter(None, "/")
    expect(page.locator(".town-canvas")).to_be_attached()
    lots = page.evaluate(
        """async () => {
            const names = performance.getEntriesByType('resource').map(entry => entry.name);
            const {layout} = await import(names.find(name => name.includes('/parts/mapplaces.js')));
            const lamp = (commune, lat) => ({street: 'Quang Trung', commune, lat, lon: 106.42});
            return layout([lamp('Ba Đồn', 17.75), lamp('Ba Đồn', 17.76), lamp('Quảng Long', 17.8)]).street
                .map(({name, around}) => [name, around.length]);
        }"""
    )
    assert lots == [["Quang Trung", 2], ["Quang Trung", 1]]


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
