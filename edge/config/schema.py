"""The shape of gateway.toml: frozen models, unknown keys forbidden, every limit named here."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from edge.config.alarms import AlarmSetting
from edge.config.lighting import Assignment, Calendar, Holiday, Lighting, Program, Segment
from edge.config.section import Id, Seconds, Section


class Gateway(Section):
    """[gateway]: who and where this gateway is, and where its data lies."""

    id: Id
    site: Id | None = None
    commune: Id | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    timezone: str = "Asia/Ho_Chi_Minh"
    data_dir: Path = Path("data")
    clock_needs_sync: bool = False
    """True on a board without a clock chip: UTC is believed only once the network has set it."""


class Store(Section):
    """[store]: what is kept on disk, and how often the card is written."""

    bytes_max: Annotated[int, Field(ge=4_000_000)] = 2_000_000_000
    commit_s: Annotated[float, Field(ge=0.05, le=10)] = 0.3
    """Longest time that a sample waits in memory for the next group commit: the loss of a power cut."""
    history_days: Annotated[float, Field(gt=0)] = 90
    """How long delivered samples stay as local history."""


class Mqtt(Section):
    """[mqtt]: the broker. TLS by `mqtts://`; secrets from a file or GIANH_MQTT_PASSWORD."""

    url: str
    client_id: str | None = None
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    keepalive_s: Annotated[int, Field(ge=5, le=3600)] = 30
    inflight_max: Annotated[int, Field(ge=1, le=5000)] = 200
    state_interval_s: Annotated[float, Field(ge=1)] = 1
    """Least time between two `state` messages of one device."""
    late_after_s: Seconds = 60
    """A sample older than this when it is sent is marked `late`."""
    discovery: bool = False
    """Whether Home Assistant is told of every device."""
    discovery_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$")] = "homeassistant"
    """Where Home Assistant looks for it."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ValueError(f"url {self.url!r} is not mqtt://HOST[:PORT] or mqtts://HOST[:PORT]")
        if parts.username or parts.password:
            raise ValueError("url holds credentials: use username and password_file")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together: give both or neither")
        return self


class Influx(Section):
    """[[influx]]: one InfluxDB target."""

    id: Id
    url: str
    version: Literal[1, 2, 3]
    database: str | None = None
    username: str | None = None
    password_file: Path | None = None
    org: str | None = None
    bucket: str | None = None
    token_file: Path | None = None
    ca_file: Path | None = None
    batch_max: Annotated[int, Field(ge=1, le=50_000)] = 5_000
    timeout_s: Seconds = 20
    gzip: bool = True

    @model_validator(mode="after")
    def _checked(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"url {self.url!r} is not http://HOST[:PORT] or https://HOST[:PORT]")
        if parts.username or parts.password:
            raise ValueError("url holds credentials: use username and password_file, or token_file")
        if self.version == 1 and not self.database:
            raise ValueError("version 1 needs database")
        if self.version != 1 and not self.bucket:
            raise ValueError(f"version {self.version} needs bucket")
        return self


class BusKind(StrEnum):
    """How a bus is reached."""

    RTU = "rtu"
    TCP = "tcp"
    RTU_OVER_TCP = "rtu_over_tcp"
    SERIAL = "serial"


class Bus(Section):
    """[[bus]]: one line or connection; one task owns it."""

    id: Id
    kind: BusKind
    port: str | int | None = None
    """rtu, serial: the device file, best under /dev/serial/by-id; tcp, rtu_over_tcp: the TCP port."""
    host: str | None = None
    baudrate: Annotated[int, Field(ge=300, le=4_000_000)] = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    byte_size: Literal[7, 8] = 8
    echo: Literal["auto", "on", "off"] = "auto"
    """Whether the adapter hears its own requests."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 0.5
    """Longest wait for the first byte of an answer, beyond the request's own time on the wire."""
    turnaround_s: Annotated[float, Field(ge=0, le=5)] = 0.1
    """Pause after a broadcast, which nobody answers."""
    quiet_after_timeout_s: Annotated[float, Field(ge=0, le=5)] = 0.3
    """rtu: how long the line must be silent after a time-out, so that a late answer is never the next one."""
    pause_s: Annotated[float, Field(ge=0, le=5)] = 0
    """Extra pause between two requests, for devices that need it."""
    dead_share: Annotated[float, Field(gt=0, le=0.5)] = 0.1
    """Largest share of the bus's time that asking silent units may cost."""
    whole_line: bool = False
    """True where every lamp on this bus is a device here: only then may one frame set a whole line."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.kind in (BusKind.TCP, BusKind.RTU_OVER_TCP):
            if not self.host or not isinstance(self.port, int | None):
                raise ValueError(f"kind {self.kind} needs host, and port as a number (default 502)")
        elif not isinstance(self.port, str):
            raise ValueError(f"kind {self.kind} needs port, a device file such as /dev/serial/by-id/...")
        return self


class Device(Section):
    """[[device]]: one thing that is read, or switched, on a bus."""

    id: Id
    profile: Id
    bus: Id
    address: Annotated[int, Field(ge=1, le=247)] = 1
    channel: Annotated[int, Field(ge=0, le=15)] = 0
    """Which DALI line of a gateway that has several."""
    sub_address: Annotated[int, Field(ge=0, le=63)] = 0
    """DALI short address behind a gateway."""
    interval_s: Annotated[float, Field(ge=0.1)] | None = None
    points: tuple[str, ...] | None = None
    """Only these points of the profile; default all."""
    title: str | None = None
    nominal_w: Annotated[float, Field(gt=0)] | None = None
    """Lamps: what it draws at full light."""
    minimum_level: Annotated[float, Field(ge=0, le=100)] = 0
    """Lamps: the lowest level above 0 that it can hold."""
    lamp_groups: tuple[Annotated[int, Field(ge=0, le=15)], ...] = ()
    """Lamps: the DALI groups that it belongs to. Every lamp of such a group must be a device here that says
    so, since one frame may set all of the group."""
    site: Id | None = None
    pole: str | None = None
    street: str | None = None
    commune: Id | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class Group(Section):
    """[[group]]: devices that are switched together."""

    id: Id
    title: str | None = None
    devices: tuple[Id, ...] = ()


class Http(Section):
    """[http]: the API and console. Loopback unless configured otherwise."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class Config(Section):
    """The whole of gateway.toml."""

    gateway: Gateway
    store: Store = Store()
    mqtt: Mqtt | None = None
    influx: tuple[Influx, ...] = ()
    bus: tuple[Bus, ...] = ()
    device: tuple[Device, ...] = ()
    group: tuple[Group, ...] = ()
    lighting: Lighting = Lighting()
    program: tuple[Program, ...] = ()
    calendar: tuple[Calendar, ...] = ()
    holiday: tuple[Holiday, ...] = ()
    segment: tuple[Segment, ...] = ()
    assignment: tuple[Assignment, ...] = ()
    alarm: tuple[AlarmSetting, ...] = ()
    http: Http | None = None
