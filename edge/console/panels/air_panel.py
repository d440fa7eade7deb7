"""A station's panel from what is known of it now. Pure."""

from collections.abc import Sequence

from edge.air.correction import CORRECTED, name_of
from edge.air.index.categories import Category, categories, category_of
from edge.air.index.scale import source_of
from edge.air.limits import Limit, Standard
from edge.air.reference import CONVERSION, surroundings
from edge.air.report import FIRST
from edge.air.stations import Place
from edge.console.models import sentences_out
from edge.console.panels.air_shapes import (
    CategoryOut,
    FindingOut,
    IndexPanelOut,
    LevelOut,
    LimitOut,
    QuantityOut,
    SaidOut,
    StationPanelOut,
)
from edge.core.air import Index, Mean, MeanValue, Remark, Remarked, Span, StationKind, StationState
from edge.core.times import rfc3339_ms
from edge.core.vocabulary import quantity

STANDING = "tham khảo"
"""What an indicative station's figures are: for reference."""

FINE = (Span.MINUTE, Span.FIVE_MINUTES)
TITLES = {
    "vn_hour": SaidOut(vi="VN_AQI giờ", en="VN_AQI, hourly"),
    "vn_day": SaidOut(vi="VN_AQI ngày", en="VN_AQI, daily"),
    "us": SaidOut(vi="AQI Hoa Kỳ (tham chiếu)", en="US AQI (for comparison)"),
}


def panel_of(gateway: str, place: Place, state: StationState, limits: Sequence[Limit]) -> StationPanelOut:
    """All that is shown of a station now; `limits` are those of the day."""
    return StationPanelOut(
        gateway=gateway,
        id=state.station,
        title=state.title,
        kind=state.kind.value,
        standing=STANDING if state.kind is StationKind.INDICATIVE else "",
        zone=str(place.zone),
        commune=state.commune,
        latitude=state.latitude,
        longitude=state.longitude,
        calibrating=state.calibrating,
        correction=name_of(place.correction) if place.correction is not None else "",
        indices=[index_out(index) for index in state.indices],
        quantities=_quantities(place, state.means, limits),
        remarks=[_finding(one) for one in state.remarks],
        lately=[_lately(one) for one in state.lately],
    )


def label_of(point: str) -> SaidOut:
    """What a point is called."""
    known = quantity(point)
    return SaidOut(vi=known.vi, en=known.en) if known else SaidOut(vi=point, en=point)


def unit_of(point: str) -> str:
    """The unit that a person reads."""
    known = quantity(point)
    return known.display if known else ""


def category_out(category: Category) -> CategoryOut:
    """A row of an index as the API says it."""
    vi, en = category.vi, category.en
    return CategoryOut(
        key=category.key,
        low=category.low,
        high=category.high,
        colour="#" + "".join(f"{int(part):02x}" for part in category.colour.split(";")),
        name=SaidOut(vi=vi.name, en=en.name),
        general=SaidOut(vi=vi.general, en=en.general),
        sensitive=SaidOut(vi=vi.sensitive, en=en.sensitive),
    )


def legend(scheme: str = "vn") -> list[CategoryOut]:
    """All rows of an index, the best first."""
    return [category_out(one) for one in categories(scheme)]


def index_out(index: Index) -> IndexPanelOut:
    """An index as the API says it."""
    return IndexPanelOut(
        scheme=index.scheme,
        title=TITLES.get(index.scheme, SaidOut(vi=index.scheme, en=index.scheme)),
        source=source_of(index.scheme.partition("_")[0]),
        at=rfc3339_ms(index.at_ns),
        value=index.value,
        main=index.main,
        sub=dict(index.sub),
        category=None if index.value is None else category_out(category_of(index.scheme, index.value)),
        why=index.why,
        why_said=sentences_out(index.why),
    )


def ordered(points: Sequence[str]) -> list[str]:
    """Points as every table of the air has them: what matters most first."""
    first = [name for name in FIRST if name in points]
    return [*first, *(name for name in points if name not in first)]


def _quantities(place: Place, means: Sequence[Mean], limits: Sequence[Limit]) -> list[QuantityOut]:
    newest = {mean.span: mean for mean in means}
    values = {span: dict(mean.values) for span, mean in newest.items()}
    seen = dict.fromkeys((*place.points, *(name for found in values.values() for name in found)))
    return [
        QuantityOut(
            point=point,
            unit=unit_of(point),
            label=label_of(point),
            means={
                span.value: _level(newest[span], found[point])
                for span, found in values.items()
                if point in found
            },
            limits=[
                _held(limit, place, newest.get(limit.span), values.get(limit.span, {}).get(point))
                for limit in _limits_of(point, CORRECTED in seen, limits)
                if limit.span is not None
            ],
        )
        for point in ordered(list(seen))
    ]


def _limits_of(point: str, has_corrected: bool, limits: Sequence[Limit]) -> list[Limit]:
    """The limits of a point; corrected PM2.5 is held against them in place of the raw one."""
    if point == "pm2_5" and has_corrected:
        return []
    name = "pm2_5" if point == CORRECTED else point
    return [limit for limit in limits if limit.point == name]


def _valid(mean: Mean, one: MeanValue) -> bool:
    return one.is_valid and not (one.calibrating and mean.span in FINE)


def _level(mean: Mean, one: MeanValue) -> LevelOut:
    return LevelOut(
        end=rfc3339_ms(mean.end_ns),
        value=one.value if _valid(mean, one) else None,
        coverage=one.coverage,
        suspect=one.suspect,
        calibrating=one.calibrating,
    )


def _held(limit: Limit, place: Place, mean: Mean | None, one: MeanValue | None) -> LimitOut:
    """A limit with what is held against it: in Nm3 where the law counts so and the station does not."""
    held: float | None = None
    conversion = ""
    if mean is not None and one is not None and _valid(mean, one):
        held = one.value
        if limit.standard is Standard.QCVN and limit.point in place.ambient:
            air = surroundings(dict(mean.values))
            held, conversion = one.value * air.factor, f"{CONVERSION}: {air.words}"
    return LimitOut(
        standard=limit.standard.value,
        span=limit.term.value,
        value=limit.value,
        source=limit.source,
        held=held,
        conversion=conversion,
        exceeded=None if held is None else limit.is_exceeded(held),
    )


def _finding(one: Remark) -> FindingOut:
    return FindingOut(
        point=one.point,
        label=label_of(one.point),
        device="",
        check=one.check.value,
        verdict=one.verdict.name.lower(),
        text=one.text,
        said=sentences_out(one.text),
        since=None,
        at=None,
        times=1,
    )


def _lately(one: Remarked) -> FindingOut:
    since, at = rfc3339_ms(one.since_ns), rfc3339_ms(one.at_ns)
    return _finding(one.last).model_copy(
        update={"device": one.device, "since": since, "at": at, "times": one.times}
    )
