"""The files that Grafana reads at its start: `provisioning/` with its parts, and the dashboards. Pure.

JSON is YAML too, so that the files called .yaml need no writer of YAML.
"""

from collections.abc import Sequence

from cloud_sync.grafana.alert_json import Channel, alerting_file, escaped
from cloud_sync.grafana.as_json import as_text, dashboard
from cloud_sync.grafana.boards import all_boards
from cloud_sync.grafana.datasource import Influx, datasource
from cloud_sync.grafana.names import folder_title, folder_uid
from cloud_sync.grafana.shapes import Language, Town

DASHBOARDS_AT = "/etc/grafana/gianh/dashboards"
"""Where the dashboards lie for Grafana, unless told otherwise."""


def files(
    town: Town, influx: Influx, channels: Sequence[Channel], dashboards_at: str = DASHBOARDS_AT
) -> dict[str, str]:
    """All files by their path; `influx.secret` is `$__file{…}` or `$__env{…}`, never a secret itself."""
    found = {
        f"dashboards/{language.value}/{board.slug}.json": as_text(
            dashboard(board, language, town.timezone, town.console)
        )
        for language in Language
        for board in all_boards(town)
    }
    secret = influx.secret
    plain = datasource(influx)
    source = escaped({key: value for key, value in plain.items() if key != "secureJsonData"})
    if secret:
        source["secureJsonData"] = plain["secureJsonData"]
    providers = [
        {
            "name": folder_title(language),
            "orgId": 1,
            "type": "file",
            "folder": folder_title(language),
            "folderUid": folder_uid(language),
            "disableDeletion": False,
            "allowUiUpdates": False,
            "updateIntervalSeconds": 60,
            "options": {"path": f"{dashboards_at.rstrip('/')}/{language.value}"},
        }
        for language in Language
    ]
    return found | {
        "provisioning/datasources/gianh.yaml": as_text({"apiVersion": 1, "datasources": [source]}),
        "provisioning/dashboards/gianh.yaml": as_text({"apiVersion": 1, "providers": providers}),
        "provisioning/alerting/gianh.yaml": as_text(alerting_file(channels)),
    }
