"""All routes of the panels of one gateway."""

from functools import partial

from fastapi import FastAPI

from edge.console.panels.acting import submitted
from edge.console.panels.air_api import add_air_panels
from edge.console.panels.audit_api import add_audit_entries
from edge.console.panels.field_api import add_field, add_field_acting
from edge.console.panels.wifi_api import add_wifi_panels
from edge.core.ports import Clock
from edge.runtime.gateway import Gateway


def add_panels(app: FastAPI, gateway: Gateway, clock: Clock, acts: bool) -> None:
    """Add the routes; with `acts` also those that change something or use a bus."""
    add_air_panels(app, gateway, clock)
    add_wifi_panels(app, gateway, clock)
    add_field(app, gateway, clock)
    add_audit_entries(app, gateway)
    if acts:
        add_field_acting(app, gateway, clock, partial(submitted, gateway.desk, clock))
