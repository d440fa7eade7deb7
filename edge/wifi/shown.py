"""What anybody may be shown of usage now: no number behind which too few people stand. Pure."""

from collections.abc import Callable, Sequence

from edge.core.wifi import HourUsage, PlaceUsage, ShownUsage
from edge.wifi.books import Books
from edge.wifi.days import HOUR_S, SECOND_NS, day_of
from edge.wifi.places import Place, Places
from edge.wifi.suppress import hidden
from edge.wifi.told import Values, hours_of


def shown(
    places: Places, books: Books, usage: Sequence[PlaceUsage], now_ns: int, group_min: int
) -> Sequence[ShownUsage]:
    """All places. An hour under way is not told: whoever looked twice would see who came between."""
    hours = hours_of(books.zone, day_of(books.zone, now_ns))
    over = [begin_s for begin_s in hours if (begin_s + HOUR_S) * SECOND_NS <= now_ns]
    told = [(begin_s, books.telling.hour_of_all(begin_s)) for begin_s in over]

    def away(number: Callable[[PlaceUsage], int]) -> frozenset[str]:
        return hidden({one.place: number(one) for one in usage}, places.wholes, group_min)

    few_now, few_today = away(lambda one: one.sessions_open), away(lambda one: one.sessions_today)
    few_peak = away(lambda one: one.peak_today)
    found = []
    for one in usage:
        place, few = places.by_id[one.place], one.place in few_today
        found.append(
            ShownUsage(
                place=place.id,
                level=place.level.value,
                title=place.title,
                commune=place.commune,
                latitude=place.latitude,
                longitude=place.longitude,
                device=place.device,
                sessions_open=None if place.id in few_now else one.sessions_open,
                sessions_today=None if few else one.sessions_today,
                visitors_today=one.devices_today,
                peak_today=None if place.id in few_peak else one.peak_today,
                bytes_up_today=None if few else one.bytes_up_today,
                bytes_down_today=None if few else one.bytes_down_today,
                hours=tuple(_hour(place, begin_s, values) for begin_s, values in told),
            )
        )
    return found


def _hour(place: Place, begin_s: int, told: dict[str, Values]) -> HourUsage:
    values = told[place.id]
    started, peak = values["sessions_started"], values["peak_sessions"]
    return HourUsage(
        begin_s * SECOND_NS,
        None if started is None else round(started),
        None if peak is None else round(peak),
    )
