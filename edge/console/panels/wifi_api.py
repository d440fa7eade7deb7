"""The API of the panels of tourist Wi-Fi: places now and today, busiest hours, access points."""

from collections.abc import Callable
from functools import cache

from fastapi import FastAPI
from pydantic import BaseModel

from drivers.profile import Profile, load_profile
from edge.config.schema import Device
from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.models import Value, value_out, when
from edge.console.wifi_api import PrivacyOut, privacy_out
from edge.core.model import DeviceState
from edge.core.places import commune_name
from edge.core.ports import Clock
from edge.core.times import rfc3339_ms
from edge.core.wifi import ShownUsage
from edge.runtime.gateway import Gateway

CLASS = "wifi_ap"
"""The class of access points that are read."""


class WifiHourOut(BaseModel):
    """An hour that is over; null: too few to be told."""

    begin: str
    sessions_started: int | None
    peak: int | None


class WifiPanelPlaceOut(BaseModel):
    """A place now and today; null: fewer than `group_min`, or it would give them away."""

    id: str
    level: str
    title: str
    commune: str | None
    latitude: float | None
    longitude: float | None
    device: str | None
    sessions_open: int | None
    sessions_today: int | None
    visitors_today: int | None
    peak_today: int | None
    bytes_up_today: int | None
    bytes_down_today: int | None
    hours: list[WifiHourOut]


class AccessPointOut(BaseModel):
    """An access point with what it says of itself, as last read."""

    id: str
    title: str
    online: bool | None
    last_at: str | None
    values: list[Value]


class WifiPanelOut(BaseModel):
    """Tourist Wi-Fi of this gateway, the whole first among the places."""

    at: str
    group_min: int
    places: list[WifiPanelPlaceOut]
    access_points: list[AccessPointOut]
    privacy: PrivacyOut


def add_wifi_panels(app: FastAPI, gateway: Gateway, clock: Clock) -> None:
    """Add the route."""
    load = cache(load_profile)

    @app.get("/api/v1/town/wifi", tags=["wifi"], dependencies=needs(Permission.READ))
    async def wifi() -> WifiPanelOut | None:
        """Usage without any number behind which too few people stand; null where there is no [wifi]."""
        board = gateway.rooms.wifi
        if board is None:
            return None
        privacy = privacy_out(board)
        return WifiPanelOut(
            at=rfc3339_ms(clock.utc_ns()),
            group_min=privacy.group_min,
            places=[place_out(one) for one in board.shown()],
            access_points=_access_points(gateway, load),
            privacy=privacy,
        )


def place_out(one: ShownUsage) -> WifiPanelPlaceOut:
    """A place as the API says it."""
    return WifiPanelPlaceOut(
        id=one.place,
        level=one.level,
        title=commune_name(one.place) if one.level == "commune" else one.title,
        commune=one.commune,
        latitude=one.latitude,
        longitude=one.longitude,
        device=one.device,
        sessions_open=one.sessions_open,
        sessions_today=one.sessions_today,
        visitors_today=one.visitors_today,
        peak_today=one.peak_today,
        bytes_up_today=one.bytes_up_today,
        bytes_down_today=one.bytes_down_today,
        hours=[
            WifiHourOut(
                begin=rfc3339_ms(hour.begin_ns), sessions_started=hour.sessions_started, peak=hour.peak
            )
            for hour in one.hours
        ],
    )


def _access_points(gateway: Gateway, load: Callable[[str], Profile]) -> list[AccessPointOut]:
    states = {state.device: state for state in gateway.live.states()}
    return [
        _access_point(device, states.get(device.id), profile)
        for device in gateway.config.device
        if (profile := load(device.profile)).measurement == CLASS
    ]


def _access_point(device: Device, state: DeviceState | None, profile: Profile) -> AccessPointOut:
    flags = dict(state.flags) if state is not None else {}
    return AccessPointOut(
        id=device.id,
        title=device.title or profile.title.vi,
        online=state.online if state is not None else None,
        last_at=when(state.last_utc_ns) if state is not None else None,
        values=[value_out(name, value, flags.get(name, "good")) for name, value in state.values]
        if state is not None
        else [],
    )
