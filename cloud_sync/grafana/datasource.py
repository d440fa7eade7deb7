"""The data source: where Grafana finds the town's InfluxDB. Pure."""

from dataclasses import dataclass
from typing import Any

from cloud_sync.grafana.names import DATASOURCE, DATASOURCE_NAME, DATASOURCE_TYPE


@dataclass(frozen=True, slots=True)
class Influx:
    """InfluxDB as Grafana reaches it; `secret` is a password (1.x) or token, or stands for one in a file.

    `database` is the name that InfluxQL asks for: on 2.x that of the DBRP mappings.
    """

    url: str
    version: int = 1
    database: str = "town"
    username: str = ""
    secret: str = ""


def datasource(influx: Influx) -> dict[str, Any]:
    """The data source as both files and the HTTP API take it."""
    found: dict[str, Any] = {
        "uid": DATASOURCE,
        "name": DATASOURCE_NAME,
        "type": DATASOURCE_TYPE,
        "access": "proxy",
        "url": influx.url.rstrip("/"),
        "isDefault": False,
        "jsonData": {"dbName": influx.database, "httpMode": "POST", "timeInterval": "10s"},
    }
    if influx.version == 1:
        if influx.username:
            found["user"] = influx.username
        return found | ({"secureJsonData": {"password": influx.secret}} if influx.secret else {})
    found["jsonData"]["httpHeaderName1"] = "Authorization"
    return found | (
        {"secureJsonData": {"httpHeaderValue1": f"Token {influx.secret}"}} if influx.secret else {}
    )
