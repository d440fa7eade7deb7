"""What Grafana watches for the town, with its words in Vietnamese and English.

Gateways raise alarms themselves, also while nothing reaches the centre; Grafana sends what people must be
told of, and knows one thing that no gateway can tell: that it is silent.
"""

from dataclasses import dataclass
from enum import StrEnum

from cloud_sync.grafana.shapes import Text

WAITING_MAX = 20_000
"""About an hour of rows of a gateway with forty devices."""


class Reduced(StrEnum):
    """What of a series is held against the threshold."""

    LAST = "last"
    SUM = "sum"


class Reads(StrEnum):
    """On which side of the threshold there is something wrong; Grafana's own words."""

    ABOVE = "gt"
    BELOW = "lt"


class Silence(StrEnum):
    """What no data at all means; Grafana's own words."""

    FINE = "OK"
    TROUBLE = "Alerting"


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule; each group of `query` is an alert of its own.

    `window_s` is how far back it looks, `hold` how long it must last. The texts name `{{ $labels.… }}` and
    `{{ $values.B.Value }}`; `board` is the slug of the dashboard that shows more.
    """

    slug: str
    title: Text
    query: str
    window_s: int
    reduced: Reduced
    reads: Reads
    threshold: float
    hold: str
    severity: str
    text: Text
    board: str
    silence: Silence = Silence.FINE


COUNT = "{{ printf `%.0f` $values.B.Value }}"
WHERE = "{{ $labels.gateway }}"
WHAT = "{{ $labels.gateway }}/{{ $labels.device }}"

DARK = "relay_failure|phase_loss|cabinet_power"

RULES = (
    Rule(
        "gateway-silent",
        Text("Gateway im lặng", "Gateway silent"),
        'SELECT count("uptime") AS "rows" FROM "gateway" '
        'WHERE $timeFilter GROUP BY time(10m), "gateway" fill(0)',
        86_400,
        Reduced.LAST,
        Reads.BELOW,
        1,
        "15m",
        "critical",
        Text(
            f"{WHERE} đã hơn 15 phút không gửi gì: kiểm tra điện và mạng của tủ.",
            f"{WHERE} has sent nothing for more than 15 minutes: look after its power and network.",
        ),
        "gateways",
        Silence.TROUBLE,
    ),
    Rule(
        "lamps-failed",
        Text("Đèn hỏng", "Lamps failed"),
        'SELECT last("lamps_failed") AS "lamps" FROM "gateway" WHERE $timeFilter GROUP BY "gateway"',
        1800,
        Reduced.LAST,
        Reads.ABOVE,
        0,
        "5m",
        "warning",
        Text(f"{WHERE}: {COUNT} đèn hỏng.", f"{WHERE}: {COUNT} lamps failed."),
        "maintenance",
    ),
    Rule(
        "street-dark",
        Text("Tuyến đèn mất điện", "Street without power"),
        f'SELECT last("active") AS "active" FROM "alarm" WHERE "kind" =~ /^({DARK})$/ '
        'GROUP BY "gateway", "device", "kind"',
        3600,
        Reduced.LAST,
        Reads.ABOVE,
        0,
        "1m",
        "critical",
        Text(
            f"{WHAT}: rơ-le không đóng, mất pha hoặc tủ mất điện ({{{{ $labels.kind }}}}).",
            f"{WHAT}: relay open, phase lost or cabinet without power ({{{{ $labels.kind }}}}).",
        ),
        "lighting",
    ),
    Rule(
        "limit-exceeded",
        Text("Không khí vượt giới hạn", "Air above its limit"),
        'SELECT last("active") AS "active" FROM "alarm" '
        'WHERE "kind" = \'limit_exceeded\' GROUP BY "gateway", "device"',
        3600,
        Reduced.LAST,
        Reads.ABOVE,
        0,
        "0s",
        "warning",
        Text(
            f"Trạm {WHAT} vượt giới hạn QCVN 05:2023/BTNMT. Trạm chưa kiểm định: chỉ để tham khảo.",
            f"Station {WHAT} is above a limit of QCVN 05:2023/BTNMT. Indicative if it is not certified.",
        ),
        "air",
    ),
    Rule(
        "delivery-backlog",
        Text("Dữ liệu ứ lại", "Delivery backlog"),
        'SELECT last("store_pending") AS "rows" FROM "delivery" '
        'WHERE $timeFilter GROUP BY "gateway", "device"',
        1800,
        Reduced.LAST,
        Reads.ABOVE,
        WAITING_MAX,
        "15m",
        "warning",
        Text(
            f"{WHAT}: {COUNT} dòng đang chờ gửi. Chưa mất gì, nhưng đích nhận không kịp.",
            f"{WHAT}: {COUNT} rows wait. Nothing is lost yet, but the target does not keep up.",
        ),
        "delivery",
    ),
    Rule(
        "target-down",
        Text("Đích không nhận dữ liệu", "Target takes no data"),
        'SELECT last("delivery_up") AS "up" FROM "delivery" WHERE $timeFilter GROUP BY "gateway", "device"',
        1800,
        Reduced.LAST,
        Reads.BELOW,
        1,
        "10m",
        "warning",
        Text(
            f"{WHAT} không nhận dữ liệu từ hơn 10 phút.",
            f"{WHAT} has taken no data for more than 10 minutes.",
        ),
        "delivery",
    ),
    Rule(
        "rows-dropped",
        Text("Dữ liệu bị bỏ vì đầy đĩa", "Rows dropped by the disk cap"),
        'SELECT non_negative_difference(last("store_dropped")) AS "rows" FROM "gateway" '
        'WHERE $timeFilter GROUP BY time(10m), "gateway" fill(none)',
        21_600,
        Reduced.SUM,
        Reads.ABOVE,
        0,
        "0s",
        "critical",
        Text(
            f"{WHERE} đã bỏ {COUNT} dòng trong 6 giờ qua: đĩa đầy vì đích không nhận.",
            f"{WHERE} dropped {COUNT} rows within 6 hours: its disk is full since a target takes nothing.",
        ),
        "delivery",
    ),
)
