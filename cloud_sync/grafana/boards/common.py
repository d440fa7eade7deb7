"""What several boards share: variables, colours, columns."""

from cloud_sync.grafana.shapes import (
    NOTHING,
    Band,
    Column,
    Kind,
    Leads,
    LimitLine,
    Panel,
    Query,
    Step,
    Text,
    Variable,
)
from cloud_sync.grafana.units import WHEN, grafana_unit
from edge.core.alarms import AlarmKind
from edge.core.vocabulary import quantity

GOOD, FAIR, WARN, BAD = "green", "yellow", "orange", "red"
CALM = "blue"

COMMUNE = Variable(
    "commune",
    Text("Xã, phường", "Commune"),
    'SHOW TAG VALUES FROM "gateway", "lamp", "air", "wifi_usage" WITH KEY = "commune"',
)
GATEWAY = Variable(
    "gateway",
    Text("Gateway", "Gateway"),
    'SHOW TAG VALUES FROM "gateway" WITH KEY = "gateway"',
)
RESOLUTION = Variable(
    "rp",
    Text("Độ chi tiết", "Resolution"),
    choices=(
        ("autogen", Text("Nguyên gốc", "As read")),
        ("minute", Text("1 phút", "1 minute")),
        ("hour", Text("1 giờ", "1 hour")),
        ("day", Text("1 ngày", "1 day")),
    ),
)

KINDS = {
    AlarmKind.LAMP_FAILURE: Text("Đèn hỏng", "Lamp failure"),
    AlarmKind.LAMP_UNEXPECTED_ON: Text("Đèn sáng ngoài giờ", "Lamp lit by day"),
    AlarmKind.DIMMING_FAILURE: Text("Đèn không đúng mức sáng", "Dimming failure"),
    AlarmKind.CYCLING: Text("Đèn chập chờn", "Cycling lamp"),
    AlarmKind.RELAY_FAILURE: Text("Rơ-le tuyến không đóng", "Feeder relay open"),
    AlarmKind.SUPPLY_VOLTAGE: Text("Điện áp ngoài khoảng", "Supply voltage"),
    AlarmKind.POWER_FACTOR: Text("Hệ số công suất thấp", "Power factor"),
    AlarmKind.COMMUNICATION_FAILURE: Text("Mất liên lạc", "Does not answer"),
    AlarmKind.CABINET_DOOR: Text("Cửa tủ mở", "Cabinet open"),
    AlarmKind.PHASE_LOSS: Text("Mất pha", "Phase lost"),
    AlarmKind.CABINET_POWER: Text("Tủ mất điện", "Cabinet without power"),
    AlarmKind.CABINET_TEMPERATURE: Text("Tủ quá nóng", "Cabinet too hot"),
    AlarmKind.LIMIT_EXCEEDED: Text("Vượt giới hạn không khí", "Air above its limit"),
    AlarmKind.SENSOR_STUCK: Text("Cảm biến đứng giá trị", "Sensor stuck"),
    AlarmKind.SENSOR_DRIFT: Text("Cảm biến lệch", "Sensor drifts"),
    AlarmKind.STATION_SILENT: Text("Trạm im lặng", "Station silent"),
    AlarmKind.ACCESS_POINT_DOWN: Text("Điểm Wi-Fi không trả lời", "Access point down"),
    AlarmKind.CHANNEL_SATURATED: Text("Kênh Wi-Fi quá tải", "Channel saturated"),
    AlarmKind.HOTSPOT_CROWDED: Text("Điểm Wi-Fi quá đông", "Hotspot crowded"),
    AlarmKind.HOTSPOT_SILENT: Text("Điểm Wi-Fi im lặng", "Hotspot silent"),
    AlarmKind.ACCOUNTING_STORM: Text("Bão gói kế toán RADIUS", "Accounting storm"),
    AlarmKind.AUTHENTICATION_STORM: Text("Bão gói RADIUS sai khóa", "Wrong RADIUS secrets"),
    AlarmKind.UNKNOWN_CLIENT: Text("Nguồn RADIUS lạ", "Unknown RADIUS client"),
    AlarmKind.BUS_LOST: Text("Mất bus", "Bus lost"),
    AlarmKind.TARGET_LOST: Text("Mất liên lạc với đích", "Target lost"),
    AlarmKind.TARGET_REFUSES: Text("Đích từ chối dữ liệu", "Target refuses"),
    AlarmKind.STORE_TROUBLE: Text("Kho dữ liệu trục trặc", "Store in trouble"),
}
"""What people read of each kind of alarm."""


def of_kinds(*kinds: AlarmKind) -> str:
    """A condition for these kinds of alarm."""
    return f'"kind" =~ /^({"|".join(kind.value for kind in kinds)})$/'


def device_of(
    *measurements: str, where: str = '"gateway" =~ /^$gateway$/ AND "commune" =~ /^$commune$/'
) -> Variable:
    """The variable `device`: what there is in these measurements where the reader looks."""
    sources = ", ".join(f'"{name}"' for name in measurements)
    query = f'SHOW TAG VALUES FROM {sources} WITH KEY = "device" WHERE {where}'
    return Variable("device", Text("Thiết bị", "Device"), query)


def label(name: str) -> Text:
    """What people read of a quantity; its own name where the vocabulary lacks it."""
    known = quantity(name)
    return Text(known.vi, known.en) if known is not None else Text(name, name)


def unit(name: str) -> str:
    """Grafana's unit of a quantity."""
    known = quantity(name)
    return grafana_unit(known) if known is not None else "none"


def column(name: str, steps: tuple[Step, ...] = (), decimals: int | None = None) -> Column:
    """A column of a quantity, as the vocabulary names it."""
    return Column(name, label(name), unit(name), steps, decimals)


GATEWAY_COLUMN = Column("gateway", Text("Gateway", "Gateway"))
DEVICE_COLUMN = Column("device", Text("Thiết bị", "Device"))
WHEN_COLUMN = Column("Time", Text("Lúc", "When"), WHEN)
TEXT_COLUMN = Column("text", Text("Nội dung", "What happened"))
KIND_COLUMN = Column(
    "kind", Text("Loại", "Kind"), names=tuple((kind.value, text) for kind, text in KINDS.items())
)


def bands(found: tuple[Band, ...]) -> tuple[Step, ...]:
    """The bands of an index as steps."""
    return tuple(Step(band.low, band.colour, band.name) for band in found)


def limit_steps(lines: tuple[LimitLine, ...], point: str, term: str) -> tuple[Step, ...]:
    """The one limit of a point over a term as a step, none where there is none."""
    return tuple(Step(one.value, BAD) for one in lines if (one.point, one.term) == (point, term))


def limit_words(lines: tuple[LimitLine, ...], point: str, term: str) -> Text:
    """The limit with its source and the day from which it holds."""
    for one in lines:
        if (one.point, one.term) == (point, term):
            spoken = f"{one.value:g} µg/m³, {one.source}"
            return Text(f"Giới hạn {spoken}, từ ngày {one.from_day}", f"Limit {spoken}, from {one.from_day}")
    return Text("Không có giới hạn", "No limit")


def stat(
    title: Text,
    query: str,
    unit: str = "none",
    steps: tuple[Step, ...] = (),
    recent: str = "",
    about: Text = NOTHING,
    width: int = 4,
    decimals: int | None = None,
    nothing: str = "0",
) -> Panel:
    """One large number, legible on a wall."""
    return Panel(
        Kind.STAT,
        title,
        (Query(query, title),),
        width=width,
        height=5,
        unit=unit,
        steps=steps,
        recent=recent,
        about=about,
        decimals=decimals,
        nothing=nothing,
    )


def alarm_table(
    title: Text, query: str, width: int = 24, height: int = 9, leads: Leads = Leads.DEVICE
) -> Panel:
    """Alarms as rows: which device, what, since when."""
    return Panel(
        Kind.TABLE,
        title,
        (Query(query, table=True),),
        width=width,
        height=height,
        leads=leads,
        columns=(DEVICE_COLUMN, KIND_COLUMN, TEXT_COLUMN, WHEN_COLUMN, GATEWAY_COLUMN),
    )
