"""The matrix of roles, routes and methods of an application, made from the routes that it really has."""

import re
from collections.abc import Callable

from fastapi import FastAPI

from edge.console.access.needs import permission_of
from edge.console.access.roles import ALLOWED, Permission, Role
from tests.console.asking import Browser

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# What a request needs besides, so that an allowed one does something harmless.
QUERIES = {
    "/api/v1/history/points": "?of_means=true",
    "/api/v1/light/{target}": "?level=40",
    "/api/v1/groups/{group}": "?devices=x",
    "/api/v1/field/{device}/serviced": "?note=x",
    "/api/v1/town/air/series": "?station=nobody",
    "/api/v1/town/air/report": "?station=nobody&date=2026-10",
}


def table(app: FastAPI) -> dict[str, dict[str, Permission]]:
    """Path to method to the permission that the route declares."""
    found: dict[str, dict[str, Permission]] = {}
    for route in app.routes:
        permission = permission_of(route)
        assert permission is not None
        for method in route.methods - {"HEAD"}:  # type: ignore[attr-defined]
            found.setdefault(route.path, {})[method] = permission  # type: ignore[attr-defined]
    return found


async def judged(app: FastAPI, browser: Callable[[Role | None], Browser]) -> int:
    """Try every method of every path as nobody and in every role; gives how many cases there were."""
    seen = 0
    for path, methods in table(app).items():
        place = re.sub(r"{\w+(:path)?}", "nobody", path) + QUERIES.get(path, "")
        for who in (None, *Role):
            for method in METHODS:
                answer = await browser(who).ask(method, place)
                case = (who, method, path, answer.status, answer.text[:80])
                wanted = methods.get(method)
                allowed = ALLOWED[who] if who is not None else {Permission.OPEN}
                if wanted is None:
                    assert answer.status == 405, case
                elif method == "POST" and path.startswith("/login"):
                    assert 'role="alert"' in answer.text, case  # an empty form: asked, and answered in words
                elif wanted in allowed:
                    assert answer.status not in (401, 403, 405), case
                    assert answer.status < 500 or path == "/readyz", case
                else:
                    assert answer.status == (401 if who is None else 403), case
                seen += 1
    return seen
