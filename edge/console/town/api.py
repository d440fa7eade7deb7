"""The routes of the town, over a Sight: the same for one gateway and for the centre."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Query, Request
from fastapi.responses import Response, StreamingResponse

from edge.console.access.needs import caller_of, needs
from edge.console.access.roles import Permission
from edge.console.models import value_out
from edge.console.signing import Signed
from edge.console.town.acting import Acting
from edge.console.town.alarms_api import add_alarms_and_events
from edge.console.town.hub import VIEWERS_MAX, Hub, order_out
from edge.console.town.models import LightIn, OrderOut, ReadIn, SeriesOut, ThingDetail, TownOut
from edge.console.town.orders import Order, Orders
from edge.console.town.picture import Picture
from edge.console.town.sight import Series, Sight, Span
from edge.console.town.silences import Silences
from edge.console.town.steps import STEPS_MAX
from edge.console.town.tables import ALARMS, alarm_row, table, when
from edge.console.town.things import Thing, point_words
from edge.console.town.whole import Whole
from edge.core.model import Fields
from edge.core.places import commune_name
from edge.core.ports import Clock, Service
from edge.core.sayings import say
from edge.core.times import from_rfc3339

Name = Annotated[str, Path(min_length=1, max_length=32)]

SPAN_MAX_S = 400 * 86_400
"""Longest series."""

STEP_MAX_S = 1_000_000
"""Largest step, in seconds."""


@dataclass(frozen=True, slots=True)
class Town:
    """Everything that the town's routes stand on."""

    sight: Sight
    orders: Orders
    silences: Silences
    hub: Hub
    whole: Whole
    acting: Acting
    clock: Clock

    @property
    def services(self) -> list[Service]:
        """What runs for it."""
        return [self.hub]


def town_of(sight: Sight, clock: Clock) -> Town:
    """A town's routes for a sight, which serves all applications that show it."""
    orders, silences = Orders(), Silences(sight, clock)
    hub = Hub(sight, orders, silences.until, clock)
    whole = Whole(sight.picture, hub, silences.until, clock)
    return Town(sight, orders, silences, hub, whole, Acting(sight, orders, clock), clock)


def add_town(app: FastAPI, town: Town, acts: bool) -> None:
    """Add the routes; with `acts` also those that change something or use a bus."""
    _add_whole(app, town)
    _add_things(app, town)
    _add_orders(app, town)
    add_alarms_and_events(app, town.sight, town.silences, town.hub, town.acting, town.clock, acts)
    if acts:
        _add_acting(app, town)


def _add_whole(app: FastAPI, town: Town) -> None:
    @app.get(
        "/api/v1/town",
        tags=["town"],
        dependencies=needs(Permission.READ),
        responses={200: {"model": TownOut}},
        response_class=Response,
    )
    async def whole(request: Request) -> Response:
        """All that a first page needs: gateways, targets, alarms and things, as tables."""
        town.sight.refresh()
        page = await town.whole.page()
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(page.packed, media_type="application/json", headers={"content-encoding": "gzip"})
        return Response(page.plain(), media_type="application/json")

    @app.get("/api/v1/town/live", tags=["town"], dependencies=needs(Permission.READ))
    async def live(request: Request, seq: Annotated[str, Query(max_length=64)] = "") -> StreamingResponse:
        """What changes, as server-sent events, gathered for at most 200 ms.

        `seq` (or Last-Event-ID) is how far the browser is. Events: `hello`; `change` with tables like those
        of `/api/v1/town` (set the columns that a row has), `gone`, `targets_gone`, `alarms_over`, `events`
        and `commands` of everybody, `link` when the way to the gateways is lost or back; `outcome`: how the
        caller's own commands go on, with the token for a second word; `beat` when nothing happened for
        10 s; `reset`: ask for everything anew.
        """
        if town.hub.viewers >= VIEWERS_MAX:
            raise HTTPException(503, say("too_many_viewers", most=VIEWERS_MAX))
        mark = request.headers.get("last-event-id", "")[:64] or seq
        who = caller_of(request).user or "local"
        return StreamingResponse(town.hub.stream(who, mark), media_type="text/event-stream")


def _add_things(app: FastAPI, town: Town) -> None:
    @app.get("/api/v1/town/things/{gateway}/{device}", tags=["town"], dependencies=needs(Permission.READ))
    async def thing(gateway: Name, device: Name) -> ThingDetail:
        """One thing with all of its values."""
        town.sight.refresh()
        return _detail(town.sight.picture, _known(town, gateway, device), town.silences)

    @app.get("/api/v1/town/series", tags=["town"], dependencies=needs(Permission.READ))
    async def series(
        thing: Annotated[str, Query(max_length=65)],
        point: Annotated[str, Query(max_length=64, pattern=r"^[a-z][a-z0-9_]*$")],
        start: Annotated[str, Query(alias="from", max_length=40)],
        end: Annotated[str, Query(alias="to", max_length=40)],
        step: Annotated[int, Query(ge=1, le=STEP_MAX_S)] = 300,
    ) -> SeriesOut:
        """A point's past by steps of `step` seconds, for charts; `from` and `to` are RFC 3339."""
        gateway, _, device = thing.partition("/")
        known = _known(town, gateway, device)
        span = _span(start, end, step)
        found = await town.sight.series(gateway, device, point, span)
        return _series_out(known, point, step, found)


def _add_orders(app: FastAPI, town: Town) -> None:
    @app.get("/api/v1/town/commands", tags=["town"], dependencies=needs(Permission.READ))
    async def commands(request: Request, limit: int = Query(50, ge=1, le=500)) -> list[OrderOut]:
        """The latest orders, the newest first."""
        return [_order_out(order, request) for order in town.orders.latest(limit)]

    @app.get("/api/v1/town/commands/{order}", tags=["town"], dependencies=needs(Permission.READ))
    async def command(request: Request, order: Annotated[str, Path(max_length=64)]) -> OrderOut:
        """What became of an order, target by target."""
        found = town.orders.get(order)
        if found is None:
            raise HTTPException(404, say("no_order"))
        return _order_out(found, request)


def _add_acting(app: FastAPI, town: Town) -> None:
    @app.post("/api/v1/town/light", tags=["town"], dependencies=needs(Permission.LIGHT), status_code=202)
    async def light(request: Request, asked: LightIn, by: Signed) -> OrderOut:
        """Command the light of targets; answers at once, outcomes come by the live data and by the order."""
        words: Fields = (("release", True),) if asked.release else (("level", asked.level),)
        given = {"for_s": asked.for_s, "fade_s": asked.fade_s}
        flags = {"forever": asked.forever or None, "emergency": asked.emergency or None}
        words += tuple((name, value) for name, value in (given | flags).items() if value is not None)
        each: dict[str, Fields] = {name: (("confirm", token),) for name, token in asked.confirm.items()}
        return _order_out(town.acting.order("light", asked.targets, words, by, each), request)

    @app.post(
        "/api/v1/town/things/{gateway}/{device}/read",
        tags=["town"],
        dependencies=needs(Permission.ASK),
        status_code=202,
    )
    async def read(request: Request, gateway: Name, device: Name, asked: ReadIn, by: Signed) -> OrderOut:
        """Ask a thing now, ahead of the polls; what it says comes as the order's `result`."""
        known = _known(town, gateway, device)
        words: Fields = (("points", ",".join(asked.points)),) if asked.points else ()
        return _order_out(town.acting.order("read", [known.id], words, by), request)


def _known(town: Town, gateway: str, device: str) -> Thing:
    town.sight.refresh()
    found = town.sight.picture.things.get(f"{gateway}/{device}")
    if found is None:
        raise HTTPException(404, f"there is no {gateway}/{device}: /api/v1/town lists everything")
    return found


def _detail(picture: Picture, thing: Thing, silences: Silences) -> ThingDetail:
    words = {one.name: one for one in thing.points}
    place, light = thing.place, thing.light
    names = [*dict.fromkeys([*words, *thing.values, *thing.flags])]
    values = []
    for name in names:
        value = value_out(name, thing.values.get(name), thing.flags.get(name, "good"))
        if name in words:
            said = words[name]
            value = value.model_copy(update={"unit": said.unit, "label_en": said.en, "label_vi": said.vi})
        values.append(value)
    alarms = [
        alarm_row(name, alarm, silences.until)
        for name, alarm in picture.alarms.items()
        if name.startswith(f"{thing.gateway.id}/") and alarm.device == thing.device
    ]
    lit: dict[str, Any] | None = None
    if light is not None:
        lit = {
            "level": light.level,
            "source": light.source,
            "until": when(light.until_ns),
            "verified": light.verified,
            "at": when(light.at_ns),
        }
    return ThingDetail.model_validate(
        {
            "id": thing.id, "gateway": thing.gateway.id, "device": thing.device, "class": thing.classed,
            "profile": thing.profile, "title": thing.title, "lat": place.latitude, "lon": place.longitude,
            "commune": commune_name(place.commune), "site": place.site, "street": place.street,
            "pole": place.pole,
            "groups": list(thing.groups), "online": thing.answers,
            "silent_since": when(thing.silent_since_ns), "last_at": when(thing.last_ns), "values": values,
            "light": lit, "alarms": table(ALARMS, alarms),
        }
    )  # fmt: skip


def _span(start: str, end: str, step: int) -> Span:
    try:
        span = Span(from_rfc3339(start), from_rfc3339(end), step)
    except (ValueError, OverflowError) as error:
        raise HTTPException(422, say("times_wanted")) from error
    seconds = (span.to_ns - span.from_ns) / 1e9
    if not 0 < seconds <= SPAN_MAX_S:
        raise HTTPException(422, say("span_wrong", days=SPAN_MAX_S // 86400))
    if seconds / step > STEPS_MAX:
        raise HTTPException(422, say("too_many_steps", most=STEPS_MAX))
    if not abs(span.from_ns) < 2**62 > abs(span.to_ns):
        raise HTTPException(422, say("too_far"))
    return span


def _series_out(thing: Thing, point: str, step: int, found: Series) -> SeriesOut:
    words = next((one for one in thing.points if one.name == point), point_words(point))
    return SeriesOut(
        thing=thing.id,
        point=point,
        unit=words.unit,
        label_en=words.en,
        label_vi=words.vi,
        step_s=step,
        origin=found.origin.value,
        since=when(found.since_ns),
        at=[str(when(at_ns)) for at_ns in found.at_ns],
        mean=list(found.mean),
        low=list(found.low),
        high=list(found.high),
    )


def _order_out(order: Order, request: Request) -> OrderOut:
    mine = order.by == (caller_of(request).user or "local")
    return OrderOut.model_validate(order_out(order, list(order.targets.values()), private=mine))
