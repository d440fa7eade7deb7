"""The console at the centre in a real browser: two gateways over a real broker, and what may happen."""

import re
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.centre_scene import TownScene, running_town
from tests.browser.conftest import WAIT_MS
from tests.browser.test_pages import serious
from tests.browser.town import PASSWORD, log_in
from tests.console.test_centre_energy import LAMPS, ONE, lines_of, newest, record, write

pytestmark = pytest.mark.long

Enter = Callable[..., Page]
BA_DON = re.compile("Đèn phía đông.*gw-ba-don")
QUANG_LONG = re.compile("Đèn phía đông.*gw-quang-long")
CIRCUIT = re.compile("Tuyến đông.*gw-ba-don")
RANK = ("sent", "accepted", "applied", "verified")

WATCH_OUTCOMES = """() => {
  window.seen = {};
  const look = () => document.querySelectorAll('.outcomes li').forEach((line) => {
    const name = line.querySelector('strong').textContent;
    const state = line.querySelector('[data-outcome]').dataset.outcome;
    const seen = window.seen[name] = window.seen[name] || [];
    if (seen.at(-1) !== state) seen.push(state);
  });
  new MutationObserver(look).observe(document.querySelector('.outcomes'), {childList: true, subtree: true});
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownScene]:
    with running_town(tmp_path_factory.mktemp("town")) as scene:
        yield scene


@pytest.fixture
def enter(chromium: Browser, town: TownScene) -> Iterator[Enter]:
    """Open a page of the centre as somebody (None: nobody yet); at the end no page may have met a fault."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def entered(user: str | None, path: str = "/lighting") -> Page:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=town.centre.url)
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        if user is not None:
            log_in(context, town.centre.url, user)
        page.goto(path)
        return page

    yield entered
    for context in contexts:
        context.close()
    assert faults == []


def set_level(page: Page, level: int) -> None:
    number = page.get_by_role("spinbutton", name="Mức sáng, %")
    number.fill(str(level))
    number.press("Enter")
    page.get_by_role("button", name=re.compile(f"^Đặt {level}")).click()


def row(page: Page, name: re.Pattern[str]) -> Locator:
    return page.locator("tbody tr").filter(has_text=name)


def test_lamps_of_two_gateways_are_dimmed_and_each_step_is_seen_lamp_by_lamp(enter: Enter) -> None:
    page = enter("hoa")
    page.get_by_role("checkbox", name=QUANG_LONG).check()
    page.get_by_role("button", name="Từng đèn").click()
    for lamp in ("lamp-01", "lamp-02"):
        page.locator(f"input[data-id='gw-ba-don/{lamp}']").check()
    page.evaluate(WATCH_OUTCOMES)
    set_level(page, 35)
    expect(page.locator("[data-outcome=verified]")).to_have_count(3)
    expect(page.locator(".said")).to_contain_text("Xong: 3/3")
    seen: dict[str, list[str]] = page.evaluate("() => window.seen")
    assert len(seen) == 3
    for name, states in seen.items():
        assert states == sorted(states, key=RANK.index), (name, states)
        assert (states[0], states[-1]) == ("sent", "verified"), (name, states)
    # Steps that follow within 200 ms come together: of ten lamps on one line they cannot.
    assert "applied" in {state for states in seen.values() for state in states}
    page.get_by_role("button", name="Nhóm và tuyến").click()
    expect(row(page, QUANG_LONG)).to_contain_text("35\u202f%")
    page.get_by_role("button", name="Trả về kế hoạch").click()
    expect(row(page, QUANG_LONG)).to_contain_text("theo kế hoạch")


def test_two_operators_at_once_see_each_other_and_the_later_word_counts(enter: Enter) -> None:
    one, other = enter("hoa"), enter("minh")
    for page, name, level in ((one, BA_DON, 80), (other, CIRCUIT, 65)):
        page.get_by_role("checkbox", name=name).check()
        set_level(page, level)
        for looking in (one, other):  # the circuit is of the same ten lamps
            expect(row(looking, BA_DON)).to_contain_text(f"{level}\u202f%")
            expect(row(looking, CIRCUIT)).to_contain_text(f"{level}\u202f%")
    one.get_by_role("button", name="Trả về kế hoạch").click()
    expect(row(other, BA_DON)).to_contain_text("theo kế hoạch")
    other.get_by_role("tab", name="Lệnh gần đây").click()
    for name in ("hoa", "minh"):
        expect(other.locator("tbody tr").filter(has_text=name).first).to_contain_text("đã kiểm chứng")


def test_why_there_is_no_emergency_here_and_where_there_is_one_stands_on_the_page(enter: Enter) -> None:
    page = enter("hoa")
    expect(page.get_by_text("Chiếu sáng khẩn cấp chỉ ra lệnh tại chính cổng")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Khẩn cấp")).to_have_count(0)


def test_a_history_that_cannot_be_had_is_one_sentence_and_comes_once_the_database_is_there(
    enter: Enter, town: TownScene
) -> None:
    page = enter("hoa", "/?thing=gw-ba-don/lamp-01")
    page.get_by_text("24 giờ qua").click()
    detail = page.locator(".detail")
    expect(detail.get_by_role("alert")).to_contain_text("Cơ sở dữ liệu lịch sử hiện không trả lời")
    expect(detail.locator("dl.values dd").first).to_be_visible()
    town.influx.start()
    town.influx.query("CREATE DATABASE town")
    now = time.time_ns() - 1_800 * 1_000_000_000
    line = f"lamp,gateway=gw-ba-don,device=lamp-01 level=40,active_power=32 {now}"
    httpx.post(f"{town.influx.url}/write?db=town", content=line).raise_for_status()
    detail.get_by_role("button", name="Thử lại").click()
    detail.get_by_label("Đại lượng").select_option("level")
    expect(detail.get_by_role("img", name="24 giờ qua")).to_be_visible()
    expect(detail.locator("table")).to_contain_text("40,0")


def test_energy_of_the_town_comes_by_gateway_and_group_and_names_who_told_nothing(
    enter: Enter, town: TownScene
) -> None:
    if town.influx.process is None:
        town.influx.start()
    town.influx.query("CREATE DATABASE town")
    nights = [record(newest() - nth * ONE, LAMPS, 100.0 - nth) for nth in range(3)]
    write(town.influx, lines_of("gw-ba-don", nights))
    page = enter("hoa", "/lighting?tab=energy")
    note = page.locator(".note.warn")
    expect(note).to_contain_text("Chưa có đêm nào từ: gw-quang-long")
    expect(page.locator(".energy-cards")).to_contain_text("4,50 kWh".replace(" ", "\u202f"))
    first = page.locator(".energy-gateways tbody tr").first
    expect(first).to_contain_text("gw-quang-long")
    expect(first).to_contain_text("▲ 0/30")
    assert serious(page) == []
    page.locator(".energy-gateways").get_by_role("button", name="gw-ba-don").click()
    expect(page.locator(".energy-meters")).to_contain_text("meter: 2,0")
    expect(page).to_have_url(re.compile("target=gw-ba-don"))
    page.get_by_label("Của").select_option("gw-quang-long")
    expect(page.locator(".empty")).to_contain_text("Không có đêm nào")


def test_a_gateway_that_goes_is_told_on_every_page_and_hears_no_command(
    enter: Enter, town: TownScene
) -> None:
    page, map_page = enter("hoa"), enter("minh", "/")
    town.kill("gw-ba-don")
    for one in (page, map_page):
        expect(one.locator(".away")).to_contain_text(re.compile("Cổng mất liên lạc: gw-ba-don .từ "))
    expect(row(page, BA_DON)).to_contain_text("cổng mất liên lạc từ")
    assert serious(page) == []
    expect(row(page, QUANG_LONG)).not_to_contain_text("mất liên lạc")
    expect(map_page.locator("[data-state=silent]")).to_contain_text("mất liên lạc")
    page.get_by_role("checkbox", name=BA_DON).check()
    set_level(page, 50)
    expect(page.locator(".outcomes li").first).to_contain_text("Cổng mất liên lạc từ")
    expect(page.locator("[data-outcome=failed]")).to_be_visible()
    town.start("gw-ba-don")
    expect(page.locator(".away")).to_be_empty(timeout=2 * WAIT_MS)
    expect(row(page, BA_DON)).not_to_contain_text("mất liên lạc")


def test_a_broker_that_goes_is_told_and_its_return_brings_all_back(enter: Enter, town: TownScene) -> None:
    page = enter("hoa")
    expect(page.locator(".pill")).to_have_text("Trực tiếp")
    town.broker.stop()
    expect(page.locator(".banner")).to_contain_text("không liên lạc được với broker MQTT từ")
    expect(page.locator(".pill")).to_have_text("Mất broker")
    page.get_by_role("checkbox", name=QUANG_LONG).check()
    set_level(page, 50)
    expect(page.locator(".outcomes li").first).to_contain_text("lệnh chưa được gửi đi")
    town.broker.start()
    expect(page.locator(".pill")).to_have_text("Trực tiếp", timeout=2 * WAIT_MS)
    expect(page.locator(".banner")).to_be_empty()
    expect(page.locator(".away")).to_be_empty(timeout=3 * WAIT_MS)
    set_level(page, 55)
    expect(row(page, QUANG_LONG)).to_contain_text("55\u202f%")


def test_a_provider_lets_in_who_has_a_role_and_our_own_accounts_do_not_need_it(
    enter: Enter, town: TownScene
) -> None:
    people = {"hanh": {"name": "Hạnh", "roles": ["town-operators"]}, "an": {"roles": ["gate"]}}
    town.provider.begin(people)
    town.provider.login = "hanh"
    page = enter(None)
    assert serious(page) == []
    page.get_by_role("link", name="Đăng nhập bằng Thị xã").click()
    expect(page).to_have_url(re.compile("/lighting$"))
    expect(page.locator(".person")).to_contain_text("Hạnh")
    expect(page.get_by_role("button", name="Trả về kế hoạch")).to_be_visible()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_text("vẫn còn đăng nhập tại Thị xã")).to_be_visible()
    page.get_by_role("link", name="Đăng xuất cả ở đó").click()
    expect(page).to_have_url(re.compile("/login$"))
    assert "end" in town.provider.asked
    town.provider.login = "an"
    page.get_by_role("link", name="Đăng nhập bằng Thị xã").click()
    expect(page.get_by_role("alert")).to_contain_text("bạn chưa có vai trò ở đây")
    town.provider.login = "nobody"
    page.get_by_role("link", name="Đăng nhập bằng Thị xã").click()
    expect(page.get_by_role("alert")).to_contain_text("không cho bạn vào")
    page.get_by_label("Tên người dùng").fill("hoa")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.locator(".person")).to_contain_text("Hoa")
