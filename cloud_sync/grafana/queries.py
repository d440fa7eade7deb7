"""InfluxQL of the panels: what 1.x, 2.x (by DBRP mappings) and 3 all speak. Pure.

`$rp` is the retention policy that the reader chose: it holds the same names in every resolution
(docs/centre.md). Rows of a gateway without a commune are found by `.*`, since a missing tag is an empty one.
"""

HERE = '"gateway" =~ /^$gateway$/ AND "commune" =~ /^$commune$/'
"""What the variables of every board choose."""

DEVICE = f'{HERE} AND "device" =~ /^$device$/'
"""As HERE, of boards whose reader chooses devices."""

EACH, NAMED = '"gateway", "device"', "$tag_gateway/$tag_device"
"""One series for each device, and its name: a device's id is unique on its gateway only."""

RP = '"$rp".'

LATE_DAYS = "1d, 1s"
"""Days of what has the time of its end: the row of midnight belongs to the day before."""


def source(measurement: str) -> str:
    """A measurement in the resolution that was chosen."""
    return f'{RP}"{measurement}"'


def over_time(
    field: str,
    measurement: str,
    by: str = EACH,
    where: str = DEVICE,
    how: str = "mean",
    fill: str = "null",
    step: str = "$__interval",
) -> str:
    """A field over time, one series for each `by`."""
    return (
        f'SELECT {how}("{field}") FROM {source(measurement)} WHERE $timeFilter AND {where} '
        f"GROUP BY time({step}), {by} fill({fill})"
    )


def sum_over_time(
    field: str,
    measurement: str,
    where: str = HERE,
    by: str = "",
    inner: str = "mean",
    step: str = "$__interval",
) -> str:
    """The sum over devices of each one's mean."""
    parts = f", {by}" if by else ""
    return (
        f'SELECT sum("one") FROM (SELECT {inner}("{field}") AS "one" FROM {source(measurement)} '
        f'WHERE $timeFilter AND {where} GROUP BY time({step}), "gateway", "device" fill(none)) '
        f"WHERE $timeFilter GROUP BY time({step}){parts} fill(null)"
    )


def latest(field: str, measurement: str, how: str = "sum", where: str = HERE, by: str = EACH) -> str:
    """The latest value of each `by`, as it was read, all of them taken together by `how`."""
    return (
        f'SELECT {how}("now") AS "{field}" FROM (SELECT last("{field}") AS "now" FROM "{measurement}" '
        f"WHERE $timeFilter AND {where} GROUP BY {by})"
    )


def latest_of_each(fields: str, measurement: str, where: str = HERE, by: str = EACH) -> str:
    """The latest values of each `by`, as rows of a table; `fields` as in a SELECT."""
    return f'SELECT {fields} FROM "{measurement}" WHERE $timeFilter AND {where} GROUP BY {by}'


def last_fields(*fields: str) -> str:
    """The latest of several fields, each under its own name."""
    return ", ".join(f'last("{field}") AS "{field}"' for field in fields)


def per_day(field: str, measurement: str, timezone: str, by: str = EACH, where: str = HERE) -> str:
    """What a counter grew by each local day."""
    return (
        f'SELECT non_negative_difference(last("{field}")) AS "{field}" FROM {source(measurement)} '
        f"WHERE $timeFilter AND {where} GROUP BY time(1d), {by} fill(none) tz('{timezone}')"
    )


def growth(field: str, measurement: str, by: str = EACH, where: str = HERE, step: str = "$__interval") -> str:
    """What a counter grew by from step to step; one that began anew grew by nothing."""
    return (
        f'SELECT non_negative_difference(last("{field}")) AS "{field}" FROM {source(measurement)} '
        f"WHERE $timeFilter AND {where} GROUP BY time({step}), {by} fill(none)"
    )


def each_day(
    field: str,
    measurement: str,
    timezone: str,
    how: str = "sum",
    where: str = HERE,
    by: str = "",
    days: str = "1d",
) -> str:
    """What was told on each local day, taken together by `how`."""
    parts = f", {by}" if by else ""
    return (
        f'SELECT {how}("{field}") AS "{field}" FROM {source(measurement)} WHERE $timeFilter AND {where} '
        f"GROUP BY time({days}){parts} fill(none) tz('{timezone}')"
    )


def standing_alarms(where: str = HERE) -> str:
    """Alarms whose last word was that they were raised, whenever that was, the newest word of each."""
    groups = '"gateway", "device", "kind"'
    return (
        'SELECT "active", "value", "text" FROM (SELECT last("active") AS "active", "value", "text" '
        f'FROM "alarm" WHERE {where} GROUP BY {groups}) WHERE "active" = 1 GROUP BY {groups}'
    )
