"""How what Gianh makes in Grafana is called: everything of ours begins with `gianh-`, nothing else does."""

from cloud_sync.grafana.shapes import Language

OURS = "gianh-"
"""Uids that begin so are ours."""

DATASOURCE, DATASOURCE_NAME = "gianh-influxdb", "Gianh InfluxDB"
DATASOURCE_TYPE = "influxdb"
TAG = "gianh"
"""On every dashboard: without it, one with our uid is not ours."""

OWNER = ("owner", "gianh")
"""The label on every alert rule."""

RECEIVER = "Gianh"
ALERT_FOLDER = "gianh-alerts"
ALERT_FOLDER_TITLE = "Gianh: cảnh báo · alerts"


def board_uid(slug: str, language: Language) -> str:
    """A dashboard's uid; for ever the same."""
    return f"{OURS}{language.value}-{slug}"


def folder_uid(language: Language) -> str:
    """The folder of the dashboards of one language."""
    return f"{OURS}{language.value}"


def folder_title(language: Language) -> str:
    """What people read of it."""
    return "Gianh (Tiếng Việt)" if language is Language.VI else "Gianh (English)"
