"""Every page with all of its tabs, and every way in which people look at it."""

from dataclasses import dataclass
from itertools import product

from playwright.sync_api import Page, expect

PAGES = {
    "town": "/", "town-list": "/?view=list", "town-lamp": "/?thing=gw-ba-don/lamp-03",
    "lighting": "/lighting", "lighting-tonight": "/lighting?tab=tonight&target=gw-ba-don/lamps-centre",
    "lighting-faults": "/lighting?tab=faults", "lighting-history": "/lighting?tab=history",
    "lighting-plan": "/lighting?tab=plan", "lighting-energy": "/lighting?tab=energy",
    "lighting-past": "/lighting?tab=past",
    "air": "/air", "air-month": "/air?window=30d", "wifi": "/wifi", "field": "/field", "alarms": "/alarms",
    "audit": "/audit", "users": "/users", "commission": "/commission",
    "commission-devices": "/commission?step=devices", "commission-tests": "/commission?step=tests",
    "login": "/login", "login-code": "/login/code",
}  # fmt: skip
"""Addresses by the names of their pictures."""

SIZES = {"desk": (1440, 900), "phone": (360, 740), "wall": (1920, 1080)}
LANGUAGES, THEMES = ("vi", "en"), ("light", "dark")


@dataclass(frozen=True, slots=True)
class Look:
    """One page, of one size, in one language and appearance."""

    name: str
    size: str
    language: str
    theme: str

    @property
    def path(self) -> str:
        """Its address; the login is no page of the application and is told by its address."""
        path = PAGES[self.name]
        return f"{path}?lang={self.language}" if self.name.startswith("login") else path

    @property
    def keeps(self) -> str:
        """A script by which a browser remembers language and appearance."""
        said = {"gianh.language": self.language, "gianh.theme": self.theme}
        return "; ".join(f"localStorage.setItem('{name}', '{value}')" for name, value in said.items())

    def __str__(self) -> str:
        return f"{self.name}-{self.size}-{self.language}-{self.theme}"


ALL = tuple(Look(*one) for one in product(PAGES, SIZES, LANGUAGES, THEMES))

_WAYS = tuple(product(SIZES, LANGUAGES, THEMES))
SAMPLE = tuple(Look(name, *_WAYS[7 * number % len(_WAYS)]) for number, name in enumerate(PAGES))
"""Each page once, and together every way of looking."""


def settled(page: Page) -> None:
    """Wait until a page waits for nothing."""
    expect(page.locator(".waiting, .opening")).to_have_count(0)
