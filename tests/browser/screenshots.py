"""`make screenshots`: every page as people see it, into build/screenshots, to be looked at by eye."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.town import ARGUMENTS, CHROMIUM, Demo, log_in, running_demo

FOLDER = Path("build/screenshots")
DESK, PHONE, WALL = (1440, 900), (360, 740), (1920, 1080)
LAMP_FAULTS = "lamp-05=dead,lamp-13=lost"


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: which page, of which size, in which language and appearance."""

    name: str
    path: str
    size: tuple[int, int] = DESK
    language: str = "vi"
    theme: str = "light"


PAGES = {
    "town": "/", "town-list": "/?view=list", "town-lamp": "/?thing=gw-ba-don/lamp-03",
    "lighting": "/lighting",
    "lighting-tonight": "/lighting?tab=tonight", "lighting-faults": "/lighting?tab=faults",
    "lighting-plan": "/lighting?tab=plan",
    "lighting-history": "/lighting?tab=history", "air": "/air", "wifi": "/wifi", "field": "/field",
    "alarms": "/alarms", "audit": "/audit", "users": "/users",
}  # fmt: skip


def shots() -> Iterator[Shot]:
    """All pictures: each page at a desk and on a phone in both languages, some dark, some on a wall."""
    for name, path in PAGES.items():
        for language in ("vi", "en"):
            yield Shot(name, path, DESK, language)
            yield Shot(name, path, PHONE, language)
        yield Shot(name, path, DESK, "vi", "dark")
    for name in ("town", "air", "alarms"):
        yield Shot(name, PAGES[name], WALL, "vi", "dark")


def main(names: list[str]) -> None:
    """Take the pictures whose names begin with one of `names`, all without any."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = [shot for shot in shots() if not names or shot.name.startswith(tuple(names))]
    with running_demo("--lamp-faults", LAMP_FAULTS) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        prepare(demo)
        for shot in wanted:
            print(take(browser, demo, shot))
        for name in ("login", "login/code"):
            print(login(browser, demo, name))
        browser.close()


def prepare(demo: Demo) -> None:
    """Let something happen that the pages can show."""
    with demo.inside("hoa") as client:
        body = {"targets": [f"{demo.gateway}/lamps-centre"], "level": 80, "for_s": 7200}
        client.post("/api/v1/town/light", json=body).raise_for_status()


def take(browser: Browser, demo: Demo, shot: Shot) -> Path:
    """Take one picture of a page that shows what it has."""
    width, height = shot.size
    locale = {"vi": "vi-VN", "en": "en-GB"}[shot.language]
    context = browser.new_context(
        viewport={"width": width, "height": height}, base_url=demo.url, locale=locale
    )
    page = context.new_page()
    kept = f"localStorage.setItem('gianh.language', '{shot.language}');"
    page.add_init_script(f"{kept} localStorage.setItem('gianh.theme', '{shot.theme}')")
    log_in(context, demo.url, "lan")
    page.goto(shot.path)
    settle(page)
    file = FOLDER / f"{shot.name}-{width}-{shot.language}-{shot.theme}.png"
    page.screenshot(path=file)
    context.close()
    return file


def settle(page: Page) -> None:
    """Wait until the page is live and waits for nothing."""
    expect(page.locator(".pill")).to_have_text(re.compile("Trực tiếp|Live"), timeout=20_000)
    expect(page.locator(".waiting, .opening")).to_have_count(0, timeout=20_000)
    page.wait_for_timeout(700)


def login(browser: Browser, demo: Demo, name: str) -> Path:
    """Take a picture of a form of the login."""
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    page.goto(f"{demo.url}/{name}")
    file = FOLDER / f"{name.replace('/', '-')}-{PHONE[0]}.png"
    page.screenshot(path=file)
    page.close()
    return file


if __name__ == "__main__":
    main(sys.argv[1:])
