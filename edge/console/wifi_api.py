"""The API of tourist Wi-Fi: usage now and today, and what is kept of visitors."""

from fastapi import FastAPI
from pydantic import BaseModel

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.models import SentenceOut, sentences_out
from edge.core.wifi import PlaceUsage, WifiBoard
from edge.runtime.gateway import Gateway


class AccountingOut(BaseModel):
    """What came in since the gateway started, in packets."""

    packets: int
    accepted: int
    duplicates: int
    rejected: int


class TodayOut(BaseModel):
    """A local day until now; `devices` is null where fewer were there than may be told."""

    sessions: int
    bytes_up: int
    bytes_down: int
    devices: int | None


class WifiPlaceOut(BaseModel):
    """One place: an access point, a site, a commune or the gateway."""

    place: str
    sessions_open: int
    peak_today: int
    today: TodayOut


class WifiOut(BaseModel):
    """The whole gateway, and each place."""

    sessions_open: int
    accounting: AccountingOut
    today: TodayOut
    places: list[WifiPlaceOut]


class HoldingOut(BaseModel):
    """One kind of thing that is kept, and how much of it there is now; both texts as sentences besides."""

    what: str
    what_said: list[SentenceOut]
    where: str
    how_long: str
    how_long_said: list[SentenceOut]
    now: int


class PrivacyOut(BaseModel):
    """What is known of visitors; ages of keys in s, null while the clock is not set."""

    kept: list[HoldingOut]
    sent: list[str]
    never: list[str]
    group_min: int
    device_key_age_s: float | None
    session_key_age_s: float | None


def add_wifi(app: FastAPI, gateway: Gateway) -> None:
    """Add the reading routes; both say null where there is no [wifi]."""

    @app.get("/api/v1/wifi", tags=["wifi"], dependencies=needs(Permission.READ))
    async def usage() -> WifiOut | None:
        """Usage now and today."""
        return None if gateway.rooms.wifi is None else wifi_out(gateway.rooms.wifi)

    @app.get("/api/v1/wifi/privacy", tags=["wifi"], dependencies=needs(Permission.READ))
    async def privacy() -> PrivacyOut | None:
        """What is kept of visitors, where and for how long, and what is sent."""
        return None if gateway.rooms.wifi is None else privacy_out(gateway.rooms.wifi)


def wifi_out(board: WifiBoard) -> WifiOut:
    """Usage as the API says it."""
    places, counts = board.usage(), board.counts()
    return WifiOut(
        sessions_open=places[0].sessions_open,
        accounting=AccountingOut(
            packets=counts.packets,
            accepted=counts.accepted,
            duplicates=counts.duplicates,
            rejected=counts.rejected,
        ),
        today=_today(places[0]),
        places=[
            WifiPlaceOut(
                place=one.place,
                sessions_open=one.sessions_open,
                peak_today=one.peak_today,
                today=_today(one),
            )
            for one in places
        ],
    )


def privacy_out(board: WifiBoard) -> PrivacyOut:
    """What is kept as the API says it."""
    found = board.privacy()
    return PrivacyOut(
        kept=[
            HoldingOut(
                what=one.what,
                what_said=sentences_out(one.what),
                where=one.where,
                how_long=one.how_long,
                how_long_said=sentences_out(one.how_long),
                now=one.now,
            )
            for one in found.kept
        ],
        sent=list(found.sent),
        never=list(found.never),
        group_min=found.group_min,
        device_key_age_s=found.device_key_age_s,
        session_key_age_s=found.session_key_age_s,
    )


def _today(usage: PlaceUsage) -> TodayOut:
    return TodayOut(
        sessions=usage.sessions_today,
        bytes_up=usage.bytes_up_today,
        bytes_down=usage.bytes_down_today,
        devices=usage.devices_today,
    )
