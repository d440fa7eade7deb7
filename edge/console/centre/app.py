"""The application at the centre, and everything that runs for it."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI

from edge.config.console import ConsoleConfig
from edge.config.http import Http
from edge.config.schema import Store as StoreSettings
from edge.config.secrets import CONSOLE_OPENID_SECRET_ENV, read_secret
from edge.console.api import Elsewhere, Entrance, More, create_frame
from edge.console.centre.energy_api import add_energy
from edge.console.centre.history import InfluxHistory
from edge.console.centre.influx import Influx
from edge.console.centre.nights import Nights
from edge.console.centre.past import Past
from edge.console.centre.sight import CentreSight
from edge.console.front import Front, House
from edge.console.health import add_health
from edge.console.models import Health
from edge.console.site import add_site
from edge.console.town.api import Town, add_town, town_of
from edge.console.town.things import Presence
from edge.console.turns import NO_POLLS
from edge.core.errors import PermanentError
from edge.core.model import Event, EventRow
from edge.core.ports import Clock, Report, Service
from edge.runtime.store import Store
from edge.runtime.tasks import Tasks

if TYPE_CHECKING:
    from edge.console.centre.openid.login import OpenIdLogin

log = logging.getLogger(__name__)

STORE_FILE = "console.db"
"""In data_dir: silences, and what happened to users."""

STORE_BYTES_MAX = 100_000_000


@dataclass(frozen=True, slots=True)
class Centre:
    """A console that runs."""

    sight: CentreSight
    town: Town
    front: Front


@asynccontextmanager
async def centre(config: ConsoleConfig, clock: Clock, more: More = add_site) -> AsyncIterator[Centre]:
    """The console at the centre, from start to orderly stop; `more` adds pages."""
    store = Store(
        config.console.data_dir / STORE_FILE,
        StoreSettings(bytes_max=STORE_BYTES_MAX, history_days=400),
        clock,
    )
    influx = Influx(config.influx) if config.influx is not None else None
    nights = Nights(influx, clock) if influx is not None else None
    history = InfluxHistory(influx) if influx is not None else None
    login = _openid(config, clock)
    sight = CentreSight(config.mqtt, config.console.id, store, Past(clock, history), clock)

    def report(event: Event) -> None:
        store.put_event(event)
        at_ns = event.stamp.utc_ns if event.stamp.utc_ns is not None else clock.utc_ns()
        row = EventRow(0, at_ns, event.kind, event.subject, event.severity, event.text, event.fields)
        sight.picture.see_event(config.console.id, row)

    store.report = report
    tasks = Tasks()
    await store.open([])
    try:
        town = town_of(sight, clock)
        front = Front(_house(config, store, report, sight, town, login, nights), clock, more)
        services: list[Service] = [sight, sight.watcher, *front.services]
        services += [login] if login is not None else []
        for service in services:
            tasks.start(service)
        yield Centre(sight, town, front)
    finally:
        await tasks.stop_all()
        if login is not None:
            await login.close()
        if influx is not None:
            await influx.close()
        await store.close()


def _openid(config: ConsoleConfig, clock: Clock) -> "OpenIdLogin | None":
    """The login at a provider, where one is configured. Raises PermanentError for one that cannot be used."""
    settings = config.openid
    if settings is None:
        return None
    try:
        # Here, so that nobody else carries the library in memory.
        from edge.console.centre.openid.login import OpenIdLogin
        from edge.console.centre.openid.provider import Provider
    except ModuleNotFoundError as error:
        raise PermanentError(
            f"[openid] needs the package {error.name}: install Gianh with its extra `centre`, or take it out"
        ) from error
    secret = read_secret(settings.client_secret_file, CONSOLE_OPENID_SECRET_ENV, os.environ)
    return OpenIdLogin(settings, Provider(settings, secret, clock), clock)


def _named(config: ConsoleConfig) -> Http:
    """[http], with the name by which a provider sends browsers back among its names."""
    if config.openid is None:
        return config.http
    name = str(urlsplit(config.openid.redirect_url).hostname)
    return config.http.model_copy(update={"names": (*config.http.names, name)})


def _house(
    config: ConsoleConfig,
    store: Store,
    report: Report,
    sight: CentreSight,
    town: Town,
    elsewhere: Elsewhere | None,
    nights: Nights | None,
) -> House:
    def make(entrance: Entrance, more: More | None) -> FastAPI:
        def routes(app: FastAPI) -> None:
            add_health(app, partial(_readiness, sight), partial(_metrics, sight, town))
            add_town(app, town, entrance.acts)
            add_energy(app, sight.picture, nights)

        return create_frame(entrance, store.aside, routes, more)

    own = config.console
    return House(_named(config), own.id, own.data_dir, store.aside, report, town, make, NO_POLLS, elsewhere)


def _readiness(sight: CentreSight) -> Health:
    ready = sight.watcher.connected
    return Health(ok=ready, reasons=[] if ready else [sight.watcher.trouble])


def _metrics(sight: CentreSight, town: Town) -> str:
    picture = sight.picture
    here = sum(row.presence is Presence.ONLINE for row in picture.gateways.values())
    figures = (
        ("gianh_console_connected", "gauge", "Whether the broker is there", int(sight.watcher.connected)),
        ("gianh_console_gateways", "gauge", "Gateways that are known", len(picture.gateways)),
        ("gianh_console_gateways_online", "gauge", "Gateways that are there", here),
        ("gianh_console_things", "gauge", "Things that are known", len(picture.things)),
        ("gianh_console_alarms", "gauge", "Alarms that stand", len(picture.alarms)),
        ("gianh_console_browsers", "gauge", "Open live streams", town.hub.viewers),
        ("gianh_console_messages", "counter", "Messages that came", sight.watcher.messages),
        ("gianh_console_malformed", "counter", "Messages that could not be read", sight.feed.malformed),
        ("gianh_console_left_out", "counter", "Things that were too many", picture.left_out),
        ("gianh_console_resets", "counter", "Browsers that had to ask anew", town.hub.resets),
    )
    lines = []
    for name, kind, words, value in figures:
        suffix = "_total" if kind == "counter" else ""
        lines += [f"# TYPE {name} {kind}", f"# HELP {name} {words}.", f"{name}{suffix} {value}"]
    return "\n".join([*lines, "# EOF"]) + "\n"
