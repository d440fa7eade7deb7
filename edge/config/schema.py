"""The shape of gateway.toml: frozen models, unknown keys forbidden, every limit named here."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from edge.config.air import Air, DataFile, QualityCheck, Station
from edge.config.alarms import AlarmSetting
from edge.config.fleet import Fleet as Fleet
from edge.config.http import Http as Http
from edge.config.lighting import Assignment, Calendar, Holiday, Lighting, Program, Segment
from edge.config.section import Id, Seconds, Section
from edge.config.wifi import Hotspot, RadiusClient, Wifi


class Gateway(Section):
    """[gateway]: who and where this gateway is, and where its data lies."""

    id: Id
    """Its name in topics, tags and the town; changing it needs a restart."""
    site: Id | None = None
    """Which site it belongs to: a tag of every row."""
    commune: Id | None = None
    """Which ward or commune: a tag of every row."""
    latitude: Annotated[float, Field(ge=-90, le=90)]
    """Where it stands, in degrees."""
    longitude: Annotated[float, Field(ge=-180, le=180)]
    """Where it stands, in degrees."""
    timezone: str = "Asia/Ho_Chi_Minh"
    """IANA zone of local times, for what a person reads and for plans."""
    data_dir: Path = Path("data")
    """Where the store and the socket lie; relative to the folder of the file."""
    clock_needs_sync: bool = False
    """True on a board without a clock chip: UTC is believed only once the network has set it."""


class Store(Section):
    """[store]: what is kept on disk, and how often the card is written."""

    bytes_max: Annotated[int, Field(ge=4_000_000)] = 2_000_000_000
    """Largest size of the store: beyond it, delivered rows go first, then the oldest telemetry."""
    commit_s: Annotated[float, Field(ge=0.05, le=10)] = 0.3
    """Longest time that a sample waits in memory for the next group commit: the loss of a power cut."""
    history_days: Annotated[float, Field(gt=0)] = 90
    """How long delivered samples stay as local history."""


class Mqtt(Section):
    """[mqtt]: the broker. TLS by `mqtts://`; secrets from a file or GIANH_MQTT_PASSWORD."""

    url: str
    """`mqtt://HOST[:PORT]`, or `mqtts://` for TLS."""
    client_id: str | None = None
    """Default: gianh- and the id of the gateway."""
    username: str | None = None
    """Who it is to the broker."""
    password_file: Path | None = None
    """Where the password lies; or GIANH_MQTT_PASSWORD."""
    ca_file: Path | None = None
    """Authority of the broker's certificate; default the system's."""
    cert_file: Path | None = None
    """Certificate of this gateway, for a broker that asks for one."""
    key_file: Path | None = None
    """The key of cert_file."""
    renew_url: str | None = None
    """`https://HOST[:PORT]` of `gianh enrol serve`: there the certificate is renewed in time. `gianh enrol`
    writes it."""
    keepalive_s: Annotated[int, Field(ge=5, le=3600)] = 30
    """A broker that is silent for longer counts as gone."""
    reconnect_spread_s: Annotated[float, Field(ge=0.1, le=600)] = 5
    """After a loss, the first try comes at a random moment within this time, later ones within longer ones,
    so that gateways which lost the same broker together do not come back together."""
    inflight_max: Annotated[int, Field(ge=1, le=5000)] = 200
    """Messages on their way without a receipt."""
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
        if self.renew_url is not None:
            renewal = urlsplit(self.renew_url)
            if renewal.scheme != "https" or not renewal.hostname:
                raise ValueError(f"renew_url {self.renew_url!r} is not https://HOST[:PORT]")
            if self.cert_file is None or self.ca_file is None:
                raise ValueError("renew_url needs cert_file, key_file and ca_file: `gianh enrol` writes all")
        return self


class Influx(Section):
    """[[influx]]: one InfluxDB target."""

    id: Id
    """Its name in status and quarantine."""
    url: str
    """`http://HOST[:PORT]`, or `https://` for TLS."""
    version: Literal[1, 2, 3]
    """1, 2 or 3."""
    database: str | None = None
    """Version 1."""
    username: str | None = None
    """Version 1, where it asks for one."""
    password_file: Path | None = None
    """Version 1; or GIANH_INFLUX_<ID>_PASSWORD."""
    org: str | None = None
    """Version 2: the organisation."""
    bucket: str | None = None
    """Versions 2 and 3."""
    token_file: Path | None = None
    """Versions 2 and 3; or GIANH_INFLUX_<ID>_TOKEN."""
    ca_file: Path | None = None
    """Authority of its certificate; default the system's."""
    batch_max: Annotated[int, Field(ge=1, le=50_000)] = 5_000
    """Most lines in one request."""
    timeout_s: Seconds = 20
    """Longest wait for the answer to a request."""
    gzip: bool = True
    """Compress what is sent."""

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
    OPENWRT = "openwrt"
    MIKROTIK = "mikrotik"
    SNMP = "snmp"


WEB_KINDS = (BusKind.OPENWRT, BusKind.MIKROTIK)
"""Access points that are asked over HTTP."""

AP_KINDS = (*WEB_KINDS, BusKind.SNMP)
"""Access points and their controllers."""

AP_TIMEOUT_S = 5.0
"""timeout_s of an access point that gives none: a small one takes a second for TLS alone."""


class Bus(Section):
    """[[bus]]: one line or connection; one task owns it."""

    id: Id
    """Its name in status and logs."""
    kind: BusKind
    """`rtu`, `tcp`, `rtu_over_tcp` or `serial` (sensors with frames of their own); `openwrt`, `mikrotik` or
    `snmp`: one Wi-Fi access point or controller."""
    port: str | int | None = None
    """rtu, serial: the device file, best under /dev/serial/by-id; else the port, default 502, 443 (https),
    80 or 161 (snmp)."""
    host: str | None = None
    """All but rtu and serial: address of the device or converter."""
    https: bool = True
    """openwrt, mikrotik: false sends the password in the clear, for a wire of one's own only."""
    ca_file: Path | None = None
    """openwrt, mikrotik: authority of its certificate; default the system's."""
    certificate_file: Path | None = None
    """openwrt, mikrotik: its own certificate, where it signed that itself: only this one is believed,
    whatever name it bears."""
    username: str | None = None
    """openwrt, mikrotik: an account that can only read; snmp: user of SNMPv3, whose messages are signed."""
    password_file: Path | None = None
    """openwrt, mikrotik, snmp: where its password lies; or GIANH_BUS_<ID>_PASSWORD."""
    snmp_hash: Literal["sha1", "sha256", "sha512"] = "sha256"
    """snmp: by which hash SNMPv3 signs."""
    community_file: Path | None = None
    """snmp: where the community of SNMPv2c lies, without username; or GIANH_BUS_<ID>_COMMUNITY."""
    baudrate: Annotated[int, Field(ge=300, le=4_000_000)] = 9600
    """rtu, serial: bits a second."""
    parity: Literal["N", "E", "O"] = "N"
    """rtu, serial: N, E or O."""
    stop_bits: Literal[1, 2] = 1
    """rtu, serial: 1 or 2."""
    byte_size: Literal[7, 8] = 8
    """rtu, serial: 7 or 8."""
    echo: Literal["auto", "on", "off"] = "auto"
    """Whether the adapter hears its own requests."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 0.5
    """Longest wait for the first byte of an answer, beyond the request's own time on the wire; openwrt,
    mikrotik, snmp: for a whole answer, default 5."""
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

    @model_validator(mode="before")
    @classmethod
    def _patient(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("kind") in AP_KINDS:
            return {"timeout_s": AP_TIMEOUT_S} | given
        return given

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.kind in (BusKind.RTU, BusKind.SERIAL):
            if not isinstance(self.port, str):
                raise ValueError(f"kind {self.kind} needs port, a device file such as /dev/serial/by-id/...")
        elif not self.host or not isinstance(self.port, int | None):
            default = "default 502" if self.kind not in AP_KINDS else "or none for the usual one"
            raise ValueError(f"kind {self.kind} needs host, and port as a number ({default})")
        if problem := _access_problem(self):
            raise ValueError(problem)
        return self


def _access_problem(bus: Bus) -> str:
    """What is wrong with how an access point is let in; empty where nothing is."""
    only = {
        "https": WEB_KINDS,
        "ca_file": WEB_KINDS,
        "certificate_file": WEB_KINDS,
        "username": AP_KINDS,
        "password_file": AP_KINDS,
        "snmp_hash": (BusKind.SNMP,),
        "community_file": (BusKind.SNMP,),
    }
    for key, kinds in only.items():
        if getattr(bus, key) != Bus.model_fields[key].default and bus.kind not in kinds:
            return f"{key} is for kind {' and '.join(kinds)}: take it out of this {bus.kind} bus"
    if bus.kind in WEB_KINDS and not bus.username:
        return f"kind {bus.kind} needs username, and password_file or GIANH_BUS_<ID>_PASSWORD"
    if bus.ca_file and bus.certificate_file:
        return "ca_file and certificate_file exclude each other: give the one that signed, or its own"
    if not bus.https and (bus.ca_file or bus.certificate_file):
        return "https = false shows no certificate: take out ca_file and certificate_file, or set it to true"
    if bus.username and bus.community_file:
        return "username (SNMPv3) and community_file (SNMPv2c) exclude each other: take one out"
    return ""


class DimmingCurve(StrEnum):
    """How the light of a lamp follows its control signal (DALI arc level, 0-10 V)."""

    LINEAR = "linear"
    LOGARITHMIC = "logarithmic"


class Device(Section):
    """[[device]]: one thing that is read, or switched, on a bus."""

    id: Id
    """Its name in topics and tags."""
    profile: Id
    """Which model it is: see devices.md."""
    bus: Id
    """On which bus."""
    address: Annotated[int, Field(ge=1, le=247)] = 1
    """Its unit id."""
    channel: Annotated[int, Field(ge=0, le=15)] = 0
    """Which DALI line of a gateway that has several."""
    sub_address: Annotated[int, Field(ge=0, le=63)] = 0
    """DALI short address behind a gateway."""
    interval_s: Annotated[float, Field(ge=0.1)] | None = None
    """How often it is read; default as the profile says."""
    points: tuple[str, ...] | None = None
    """Only these points of the profile; default all."""
    mode: Literal["active", "passive"] | None = None
    """Raw serial sensors: `active` sends by itself, `passive` is asked. Default: nothing is set."""
    awake_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    """Raw serial sensors that can sleep: how long they work before each rest; saves fan and laser."""
    sleep_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    """Raw serial sensors that can sleep: how long each rest is. Goes with awake_s."""
    auto_baseline: bool | None = None
    """CO2 sensors on a raw serial line: false where the air never falls to about 400 ppm, which they else
    take for granted. Default: nothing is set."""
    title: str | None = None
    """What a person calls it; default the profile's title."""
    interfaces: tuple[str, ...] = ()
    """Access points: only these of its network interfaces, by name; default all that are radios."""
    nominal_w: Annotated[float, Field(gt=0)] | None = None
    """Lamps: what it draws at full light."""
    minimum_level: Annotated[float, Field(ge=0, le=100)] = 0
    """Lamps: the lowest level above 0 that it can hold."""
    dimming_curve: DimmingCurve | None = None
    """Lamps: how the light follows the control signal (DALI arc level, 0-10 V) by the settings of the lamp's
    own gear: `logarithmic` as DALI's standard curve, or `linear`; default as the profile says."""
    lamp_groups: tuple[Annotated[int, Field(ge=0, le=15)], ...] = ()
    """Lamps: the DALI groups that it belongs to. Every lamp of such a group must be a device here that says
    so, since one frame may set all of the group."""
    site: Id | None = None
    """Default the gateway's."""
    pole: str | None = None
    """Number of the pole or cabinet."""
    circuit: str | None = None
    """Which circuit of the cabinet feeds it."""
    street: str | None = None
    """Where it is."""
    commune: Id | None = None
    """Default the gateway's."""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """Where it is, in degrees."""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    """Where it is, in degrees."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if (self.awake_s is None) != (self.sleep_s is None):
            raise ValueError("awake_s and sleep_s go together: give both or neither")
        return self


class Group(Section):
    """[[group]]: devices that are switched together."""

    id: Id
    """Its name as a target."""
    title: str | None = None
    """What a person calls it."""
    devices: tuple[Id, ...] = ()
    """Which devices."""


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
    air: Air = Air()
    station: tuple[Station, ...] = ()
    check: tuple[QualityCheck, ...] = ()
    data_file: tuple[DataFile, ...] = ()
    wifi: Wifi | None = None
    radius_client: tuple[RadiusClient, ...] = ()
    hotspot: tuple[Hotspot, ...] = ()
    http: Http | None = None
    fleet: Fleet | None = None
