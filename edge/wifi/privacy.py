"""What is kept of visitors, where and for how long; what is sent; and what never is. Pure."""

from pathlib import Path

from edge.config.wifi import Wifi
from edge.core.sayings import say
from edge.core.wifi import Holding, Privacy
from edge.wifi.keys import DEVICE_FILE, SESSION_FILE, SESSION_LIFE_DAYS
from edge.wifi.sessions import REMEMBERED_S

SENT = (
    "by minute and place: how many sessions are open",
    "by hour and place: sessions started, ended, lost and roamed, bytes, mean length, most at once",
    "by day and place: the same, different devices, busiest hour",
    "a place is an access point, a site, a commune or the gateway; no row is of a person or a session",
)

NEVER = ("MAC addresses", "user names", "IP addresses of visitors", "Called-Station-Id", "ids of sessions")
"""What stays neither in a file, a log, a message nor a database, in whatever form but a keyed hash."""


def privacy_of(
    wifi: Wifi,
    data_dir: Path,
    counts: dict[str, int],
    device_key_age_s: float | None,
    session_key_age_s: float | None,
) -> Privacy:
    """The whole account; `counts` has how much of each there is now."""
    store = str(data_dir / "gianh.db")
    kept = (
        Holding(say("held_device_key"), str(data_dir / DEVICE_FILE), say("for_today_destroyed"), 1),
        Holding(
            say("held_session_key"),
            str(data_dir / SESSION_FILE),
            say("for_session_keys", days=SESSION_LIFE_DAYS),
            1,
        ),
        Holding(say("held_devices"), store, say("for_today"), counts["seen"]),
        Holding(say("held_open"), store, say("for_open"), counts["open"]),
        Holding(
            say("held_closed"),
            store,
            say("for_closed", hours=REMEMBERED_S // 3600),
            counts["closed"],
        ),
        Holding(
            say("held_minutes"),
            store,
            say("for_days", days=wifi.keep_minutes_days),
            counts["minutes"],
        ),
        Holding(
            say("held_hours"),
            store,
            say("for_days", days=wifi.keep_days),
            counts["hours"],
        ),
    )
    return Privacy(kept, SENT, NEVER, wifi.group_min, device_key_age_s, session_key_age_s)
