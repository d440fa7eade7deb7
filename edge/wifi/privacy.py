"""What is kept of visitors, where and for how long; what is sent; and what never is. Pure."""

from pathlib import Path

from edge.config.wifi import Wifi
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
        Holding("key of devices", str(data_dir / DEVICE_FILE), "until local midnight, then destroyed", 1),
        Holding(
            "key of sessions",
            str(data_dir / SESSION_FILE),
            f"{SESSION_LIFE_DAYS} days, and as long as a session of its time is known; then destroyed",
            1,
        ),
        Holding("devices of today, as keyed hashes", store, "until local midnight", counts["seen"]),
        Holding("open sessions, as keyed hashes", store, "while they are open", counts["open"]),
        Holding(
            "sessions that ended, as keyed hashes",
            store,
            f"{REMEMBERED_S // 3600} hours, so that nothing is counted twice",
            counts["closed"],
        ),
        Holding(
            "sums by minute and hotspot (now: those that can change)",
            store,
            f"{wifi.keep_minutes_days} days",
            counts["minutes"],
        ),
        Holding(
            "sums by hour and hotspot, most at once and visitors by place (now: those that can change)",
            store,
            f"{wifi.keep_days} days",
            counts["hours"],
        ),
    )
    return Privacy(kept, SENT, NEVER, wifi.group_min, device_key_age_s, session_key_age_s)
