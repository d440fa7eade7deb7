"""Real browsers that look at a town: how soon the first page serves a reader, and shows him a change."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.browser.town import ARGUMENTS, CHROMIUM

USABLE = """() => {
  const seen = (one) => one && one.getBoundingClientRect().width > 0;
  const said = document.querySelector('.town-tools [role=status]')?.textContent || '';
  return document.querySelector('.pill')?.dataset.state === 'live' && /20[.,]000/.test(said)
    && seen(document.querySelector('.town-canvas')) && !document.querySelector('.waiting, .opening');
}"""
"""Live, all things counted, and the map drawn."""

RESPONDS = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(Date.now()), 0)))"
"""When the page next has time for who uses it."""

WATCH = """(label) => {
  window.seen = {};
  const look = () => {
    for (const row of document.querySelectorAll('tbody tr')) {
      const text = row.textContent.match(/(\\d+)\\u202f%/)?.[1];
      const key = `${row.dataset.key} ${text}`;
      if (!(key in window.seen)) window.seen[key] = Date.now();
    }
  };
  look();
  const all = {subtree: true, childList: true, characterData: true};
  new MutationObserver(look).observe(document.querySelector('.list'), all);
}"""
"""Note when each row first shows which level."""

CHANGES = 40
EVERY_S = 0.15
DEADLINE_MS = 60_000

Publish = Callable[[str, float], Awaitable[None]]
"""Says at the broker that a lamp (`gateway/device`) shines at a level."""


async def in_chromium(
    address: str, cookie: dict[str, str], publish: Publish
) -> tuple[list[float], list[float], list[float]]:
    """Seconds until the first page is usable, in new browsers and once more in each; ms of changes."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        new, again = [], []
        for _ in range(3):
            context = await _context(browser, address, cookie)
            page = await context.new_page()
            new.append(await usable_s(page, address))
            again.append(await usable_s(page, address))
            await context.close()
        context = await _context(browser, address, cookie)
        page = await context.new_page()
        changes = await changes_ms(page, address, publish)
        await browser.close()
    return new, again, changes


async def _context(browser: Browser, address: str, cookie: dict[str, str]) -> BrowserContext:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    await context.add_cookies(
        [{"name": name, "value": value, "url": address} for name, value in cookie.items()]
    )
    context.set_default_timeout(DEADLINE_MS)
    return context


async def usable_s(page: Page, address: str) -> float:
    """From the address to a page that shows the whole town and answers a finger."""
    began = time.time()
    await page.goto(address, wait_until="commit")
    await page.wait_for_function(USABLE)
    return await page.evaluate(RESPONDS) / 1000 - began


async def changes_ms(page: Page, address: str, publish: Publish) -> list[float]:
    """From the message at the broker to the row of the list, while the town changes as ever."""
    await page.goto(f"{address}/?view=list&kind=lamp", wait_until="commit")
    await page.wait_for_function("document.querySelectorAll('tbody tr').length > 20")
    await page.evaluate(WATCH)
    rows = await page.evaluate("[...document.querySelectorAll('tbody tr')].map((row) => row.dataset.key)")
    told = {}
    for number in range(CHANGES):
        thing, level = rows[number % 20], 31 + number % 60
        told[f"{thing} {level}"] = time.time()
        await publish(thing, level)
        await asyncio.sleep(EVERY_S)
    await page.wait_for_function("(last) => last in window.seen", arg=[*told][-1])
    seen = json.loads(await page.evaluate("JSON.stringify(window.seen)"))
    return [seen[key] - 1000 * at for key, at in told.items()]
