"""[air], [[station]], [[check]] and [[data_file]] of gateway.toml: stations, how far they are believed."""

import re
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edge.config.section import Id, Seconds, Section
from edge.core.air import CheckKind, StationKind, Verdict


class CorrectionKind(StrEnum):
    """How PM2.5 of a low-cost sensor is corrected for humidity; the raw value always stays beside it."""

    EPA_2021 = "epa-2021"
    LOCAL = "local"


class Correction(Section):
    """[station.correction]: how hourly PM2.5 is corrected; `local` is a + b * x + c * rh."""

    kind: CorrectionKind
    """`epa-2021` (piecewise, of the CF=1 channel) or `local` (fitted beside a reference: gianh air fit)."""
    version: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,31}$")] = "1"
    """Goes with every corrected value: change it with the numbers."""
    a: float = 0.0
    """local: the intercept, in ug/m3."""
    b: Annotated[float, Field(gt=0)] = 1.0
    """local: the slope."""
    c: float = 0.0
    """local: ug/m3 for each percent of relative humidity."""


class Conditions(StrEnum):
    """In which cubic metre a concentration is measured."""

    AMBIENT = "ambient"
    REFERENCE = "reference"


class Station(Section):
    """[[station]]: one place whose air is watched. Air devices that no station names are one each."""

    id: Id
    """Its name in topics, tags and files; only a device of its own may have it as well."""
    title: str | None = None
    """What a person calls it; default its first device's."""
    kind: StationKind = StationKind.INDICATIVE
    """`certified` only for instruments that Circular 10/2021 Art. 31 lets feed the public index."""
    devices: Annotated[tuple[Id, ...], Field(min_length=1, max_length=16)]
    """Whose points count here; of two that have the same one, the first that has a good value."""
    cabinet: tuple[Id, ...] = ()
    """Devices inside its cabinet: their temperature is the cabinet's, and they count in no mean."""
    twins: bool = True
    """Whether two devices with the same point are compared with each other."""
    neighbours: tuple[Id, ...] = ()
    """Stations whose daily means should run alike: drift against their middle is an alarm."""
    correction: Correction | None = None
    """How PM2.5 is corrected; default not at all."""
    conditions: dict[str, Conditions] = Field(default_factory=dict)
    """By point `ambient` (m³ of the air as it is) or `reference` (Nm³); default: particles ambient."""
    commune: Id | None = None
    """Default its first device's."""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """Where it is, in degrees; default its first device's."""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    """Where it is, in degrees; default its first device's."""


class QualityCheck(Section):
    """[[check]]: one row of the table of quality control; what is not given is as the built-in table says."""

    point: str
    """Which quantity, by its name in the vocabulary."""
    kind: CheckKind
    """What is looked for."""
    enabled: bool = True
    """Whether it is."""
    devices: tuple[Id, ...] = ()
    """Only for these devices; default for all."""
    low: float | None = None
    """range: the least that is believed, in the point's unit."""
    high: float | None = None
    """range: the most that is believed."""
    limit: Annotated[float, Field(ge=0)] | None = None
    """rate: change a minute; spike, twin: difference, in its unit; stuck: changes up to it are none."""
    ratio: Annotated[float, Field(ge=0)] | None = None
    """spike: times the neighbours; twin: part of the mean of both; both limits must be passed."""
    for_s: Annotated[float, Field(gt=0, le=7 * 86_400)] | None = None
    """stuck: how long; warm_up: how long after power or sleep."""
    values: tuple[float, ...] | None = None
    """sentinel: values that stand for `no value`; stuck: values that may last, such as 0 of a calm wind."""
    verdict: Literal["rejected", "doubtful", "suspicious"] | None = None
    """What a value that fails is called."""

    @property
    def called(self) -> Verdict | None:
        """The verdict."""
        return None if self.verdict is None else Verdict[self.verdict.upper()]


class LineEnd(StrEnum):
    """How lines of a data file end."""

    CRLF = "crlf"
    LF = "lf"


class TransferKind(StrEnum):
    """By which protocol data files travel."""

    SFTP = "sftp"
    FTPS = "ftps"


DATA_FILES_MAX = 100_000
"""Most files that one [[data_file]] may keep on the gateway."""

FOLDER_PARTS = ("{province}", "{site}", "{station}", "{yyyy}", "{MM}", "{dd}")
"""What a folder's name may have in it; {station} is the station as the authority calls it."""

Word = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,32}$")]
"""What may stand between two tabs."""


class DataFile(Section):
    """[[data_file]]: the file of Circular 10/2021 that an authority takes, of one certified station.

    Public sources disagree about line ends, decimal signs, symbols and folders: all are settings.
    """

    id: Id
    """Its name in status and alarms."""
    station: Id
    """Which station."""
    province: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,32}$")]
    """First part of the file's name."""
    site: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,32}$")]
    """Second part."""
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,32}$")]
    """Third part: the station as the authority calls it."""
    interval_s: Annotated[int, Field(ge=60, le=3600, multiple_of=60)] = 300
    """How often a file is made, a part of the hour; the means of five minutes in it, else those of one."""
    points: tuple[str, ...] = ()
    """Which points, in this order; default all of the station's that have a symbol."""
    symbols: dict[str, Word] = Field(default_factory=dict)
    """Symbol of each point, where it is not the usual one (`pm2_5` = `PM2,5` for some receivers)."""
    units: dict[str, Word] = Field(default_factory=dict)
    """Unit of each point as the receiver writes it, where it is not the usual one."""
    line_end: LineEnd = LineEnd.CRLF
    """`crlf` or `lf`."""
    decimal: Literal[".", ","] = "."
    """Decimal sign."""
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    """Digits behind it."""
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 60
    """How long files stay on the gateway."""
    bytes_max: Annotated[int, Field(ge=1_000_000)] = 500_000_000
    """Most room that they take there; above it the oldest leave, sent ones first."""
    transfer: TransferKind
    """`sftp` or `ftps`."""
    host: str
    """The receiver's server."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Default 22 for sftp, 21 for ftps."""
    username: str
    """Who it is to the server."""
    password_file: Path | None = None
    """Where the password lies; or GIANH_DATA_FILE_<ID>_PASSWORD."""
    key_file: Path | None = None
    """sftp: the private key."""
    known_hosts_file: Path | None = None
    """sftp: the server's host key, one line of OpenSSH's known_hosts; without it nothing is sent."""
    ca_file: Path | None = None
    """ftps: authority of the server's certificate; default the system's."""
    folder: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")] = "/{station}/{yyyy}/{MM}/{dd}"
    """Remote folder; {province}, {site}, {station}, {yyyy}, {MM} and {dd} are filled in."""
    timeout_s: Seconds = 30
    """Longest wait for the server's answer."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if 3600 % self.interval_s:
            raise ValueError(
                f"interval_s {self.interval_s} is no part of an hour: use 60, 300, 600, 900, ..."
            )
        if self.keep_days * 86_400 // self.interval_s > DATA_FILES_MAX:
            raise ValueError(
                f"keep_days of files this often are over {DATA_FILES_MAX}: make one of both less"
            )
        for name in re.findall(r"[{}][^{}]*[{}]?", self.folder):
            if name not in FOLDER_PARTS:
                raise ValueError(
                    f"folder has {name}, which means nothing: known are {', '.join(FOLDER_PARTS)}"
                )
        if "yyyy" in re.sub(r"\{[^{}]*\}", "", self.folder):
            raise ValueError("folder has yyyy without braces: write {yyyy}, {MM}, {dd}")
        if self.transfer is TransferKind.SFTP and self.known_hosts_file is None:
            raise ValueError("transfer sftp needs known_hosts_file, so that no other server gets the data")
        if self.transfer is TransferKind.FTPS and self.key_file is not None:
            raise ValueError("key_file is for sftp: take it out, or use password_file")
        return self


class Air(Section):
    """[air]: what holds for all stations."""

    keep_days: Annotated[int, Field(ge=1, le=400)] = 62
    """How long means of one and five minutes stay here."""
    keep_hours_days: Annotated[int, Field(ge=31, le=4000)] = 800
    """How long means of an hour and more stay here."""
    send: tuple[Literal["1m", "5m", "1h", "8h", "24h"], ...] = ("1h", "8h", "24h")
    """Which means are sent like samples; all are kept."""
    limits_from: date | None = None
    """Judge by the limits in force on this day instead of the day of the data: for comparisons only."""
