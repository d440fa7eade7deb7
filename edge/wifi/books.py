"""All that is counted, in one place: sessions, sums, presence, visitors, and what changed of them. Pure."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from edge.config.wifi import Wifi
from edge.core.wifi import KeptKey, KeptRow, PlaceUsage
from edge.wifi.days import HOUR_S, SECOND_NS, day_of
from edge.wifi.grid import Grid
from edge.wifi.kept import HOUR, MINUTE
from edge.wifi.places import Place, Places
from edge.wifi.session import Ending
from edge.wifi.sessions import Sessions
from edge.wifi.told import Telling, hours_of
from edge.wifi.usage import HOURS_OPEN_S, MINUTES_OPEN_S, Tally
from edge.wifi.visitors import Visitors


class Books:
    """Implements Sink by handing on to the tally, and to the visitors of today."""

    def __init__(self, places: Places, interim_s: Mapping[str, int], wifi: Wifi, zone: ZoneInfo) -> None:
        self._places, self.zone = places, zone
        self.tally, self.grid, self.visitors = Tally(), Grid(places.members), Visitors()
        self.sessions = Sessions(self, interim_s, wifi.sessions_max)
        self.telling = Telling(places, self.tally, self.grid, self.visitors, zone, wifi.group_min)

    def use(self, places: Places, interim_s: Mapping[str, int], wifi: Wifi) -> None:
        """Go by other places or clients; what was counted stays."""
        self._places, self.grid.members, self.sessions.interim_s = places, places.members, interim_s
        self.telling = Telling(places, self.tally, self.grid, self.visitors, self.zone, wifi.group_min)

    def minutes_from(self, now_s: int) -> tuple[int]:
        """Minutes from here on can still change."""
        return ((now_s - MINUTES_OPEN_S) // HOUR_S * HOUR_S,)

    def hours_from(self, now_s: int) -> tuple[int]:
        """Hours from here on can still change."""
        return ((now_s - HOURS_OPEN_S) // HOUR_S * HOUR_S,)

    def restore(
        self, sessions: Iterable[KeptRow], buckets: Iterable[KeptRow], grid: Iterable[KeptRow], now_ns: int
    ) -> None:
        """Take in what was kept."""
        self.tally.advance(now_ns // SECOND_NS)
        self.tally.restore(buckets)
        self.grid.restore(grid)
        for session in self.sessions.restore(sessions, now_ns):
            self.tally.open[session.hotspot] += 1

    def turn(self, now_ns: int) -> None:
        """It is now: maybe another local day."""
        self.visitors.turn(day_of(self.zone, now_ns))

    def advance(self, now_ns: int) -> None:
        """The work of a minute: let go of what is old, see how many are there."""
        self.tidy(now_ns)
        self.tally.advance(now_ns // SECOND_NS)
        self.grid.look(self.tally, now_ns // SECOND_NS)

    def tidy(self, now_ns: int) -> None:
        """The work of a second: close some of what is silent, forget some of what is old."""
        self.turn(now_ns)
        self.sessions.close_silent(now_ns)
        self.sessions.forget(now_ns)

    def rows(self) -> tuple[list[KeptRow], list[KeptKey]]:
        """What changed since the last call: rows to keep and keys to let go, for one commit."""
        keep, drop = self.sessions.rows()
        return [*keep, *self.tally.rows(), *self.grid.rows(), *self.visitors.rows()], drop

    def changed_hours(self) -> set[int]:
        """Begins of hours that changed since the last call."""
        changed = self.tally.changed_hours | self.grid.changed_hours
        self.tally.changed_hours, self.grid.changed_hours = set(), set()
        return changed

    def sizes(self) -> dict[str, int]:
        """How much there is of what is kept."""
        return {
            "open": self.sessions.open_count,
            "closed": self.sessions.closed_count,
            "seen": self.visitors.size(),
            "minutes": self.tally.size(MINUTE),
            "hours": self.tally.size(HOUR),
        }

    def usage(self, place: Place, day: int, visitors: int | None) -> PlaceUsage:
        """What a place sees now and on a local day."""
        began = up = down = peak = 0
        is_open = max(0, sum(self.tally.open[hotspot] for hotspot in place.hotspots))
        for hour_s in hours_of(self.zone, day):
            peak = max(peak, self.grid.presence(hour_s, place.id).most)
            for hotspot in place.hotspots:
                if (bucket := self.tally.bucket(HOUR, hour_s, hotspot)) is not None:
                    began, up, down = began + bucket.began, up + bucket.up, down + bucket.down
        return PlaceUsage(
            place=place.id,
            sessions_open=is_open,
            sessions_today=began,
            bytes_up_today=up,
            bytes_down_today=down,
            devices_today=visitors,
            peak_today=max(peak, is_open),
        )

    def began(self, hotspot: str, at_ns: int, times: int = 1) -> None:
        """A session began."""
        self.tally.began(hotspot, at_ns, times)

    def ended(self, hotspot: str, at_ns: int, ending: Ending, dwell_s: int, times: int = 1) -> None:
        """A session ended."""
        self.tally.ended(hotspot, at_ns, ending, dwell_s, times)

    def roamed(self, old: str, new: str, at_ns: int) -> None:
        """A session went from one access point to another."""
        self.tally.roamed(old, new, at_ns)

    def moved(self, hotspot: str, from_ns: int, to_ns: int, up: int, down: int) -> None:
        """So many bytes were carried between two moments."""
        self.tally.moved(hotspot, from_ns, to_ns, up, down)

    def seen(self, hotspot: str, at_ns: int, device: int, counted_day: int) -> int:
        """A device was there: it counts for today, once for each session."""
        today = self.visitors.day
        if counted_day == today or day_of(self.zone, at_ns) != today:
            return counted_day
        self.visitors.see(self._places.around.get(hotspot, (self._places.all[0].id, hotspot)), device)
        return today
