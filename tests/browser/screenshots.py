"""`make screenshots`: every page as people see it, into build/screenshots, to be looked at by eye."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.looks import LANGUAGES, PAGES, SIZES, Look, settled
from tests.browser.town import ARGUMENTS, CHROMIUM, Demo, log_in, running_demo

FOLDER = Path("build/screenshots")
LAMP_FAULTS = "lamp-13=lost,lamp-15=dead"


def shots() -> Iterator[Look]:
    """All pictures: each page at a desk and on a phone in both languages, and dark on a wall."""
    for name in PAGES:
        for language in LANGUAGES:
            yield Look(name, "desk", language, "light")
            yield Look(name, "phone", language, "light")
        yield Look(name, "desk", "vi", "dark")
        if not name.startswith(("login", "commission")):
            yield Look(name, "wall", "vi", "dark")


def main(names: list[str]) -> None:
    """Take the pictures whose names begin with one of `names`, all without any."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = [look for look in shots() if not names or look.name.startswith(tuple(names))]
    with running_demo("--lamp-faults", LAMP_FAULTS) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        prepare(demo)
        for look in wanted:
            print(take(browser, demo, look))
        browser.close()


def prepare(demo: Demo) -> None:
    """Let something happen that the pages can show."""
    with demo.inside("hoa") as client:
        body = {"targets": [f"{demo.gateway}/lamps-centre"], "level": 80, "for_s": 7200}
        client.post("/api/v1/town/light", json=body).raise_for_status()


def take(browser: Browser, demo: Demo, look: Look) -> Path:
    """Take one picture of a page that shows what it has."""
    width, height = SIZES[look.size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        base_url=demo.url,
        locale={"vi": "vi-VN", "en": "en-GB"}[look.language],
        timezone_id="Asia/Ho_Chi_Minh",
        color_scheme=look.theme,  # type: ignore[arg-type]
    )
    context.add_init_script(look.keeps)
    page = context.new_page()
    is_inside = not look.name.startswith("login")
    if is_inside:
        log_in(context, demo.url, "lan")
    page.goto(look.path)
    settle(page, is_inside)
    file = FOLDER / f"{look}.png"
    page.screenshot(path=file)
    context.close()
    return file


def settle(page: Page, is_inside: bool) -> None:
    """Wait until the page is live and waits for nothing."""
    if is_inside:
        expect(page.locator(".pill")).to_have_text(re.compile("Trực tiếp|Live"), timeout=20_000)
    settled(page)
    page.wait_for_timeout(700)


if __name__ == "__main__":
    main(sys.argv[1:])
