"""What a technician says at a cabinet: the answers of `gianh commission`, in files, the API, the journal."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from edge.config.section import Id, Section

Words = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Line = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]

PHOTO_BYTES_MAX = 8_000_000
"""Largest photo; a phone's are 2 to 6 MB."""

TOLERANCE = 0.15
"""How far a measured power may be from the expected one, as a share of it, where nobody says."""


class Found(StrEnum):
    """How a place was found."""

    TYPED = "typed"
    PHONE = "phone"


class PlaceAnswer(Section):
    """[place]: what the cabinet is called and where it stands."""

    title: Line
    """What people call it, such as `Tủ 3 đường Hùng Vương`."""
    latitude: Annotated[float, Field(ge=-90, le=90)]
    """Where it stands, in degrees."""
    longitude: Annotated[float, Field(ge=-180, le=180)]
    """Where it stands, in degrees."""
    found: Found = Found.TYPED
    """`typed`, or `phone` where a phone measured it."""
    commune: Id | None = None
    """Its ward or commune; default the nearest one."""
    site: Id | None = None
    """Which site it belongs to: a tag of every row."""
    sure: bool = False
    """True where the place is right although it lies far from the commune's centre."""


class BusAnswer(Section):
    """[[bus]]: a line of the cabinet, as `gianh scan` found it."""

    id: Id
    """Its name."""
    kind: Literal["rtu", "tcp", "rtu_over_tcp", "serial"]
    """As [[bus]] kind in gateway.toml."""
    port: str | int | None = None
    """Device file under /dev/serial/by-id, or the TCP port."""
    host: str | None = None
    """Address of a device or converter on TCP."""
    baudrate: Annotated[int, Field(ge=300, le=4_000_000)] | None = None
    """Bits a second."""
    parity: Literal["N", "E", "O"] | None = None
    """N, E or O."""
    stop_bits: Literal[1, 2] | None = None
    """1 or 2."""


class DeviceAnswer(Section):
    """[[device]]: one device of the cabinet."""

    id: Id
    """Its name."""
    profile: Id
    """Which model it is, as `gianh identify` says."""
    bus: Id
    """On which bus."""
    address: Annotated[int, Field(ge=1, le=247)] = 1
    """Its unit id."""
    channel: Annotated[int, Field(ge=0, le=15)] | None = None
    """Behind a DALI gateway: on which of its lines, from 0."""
    sub_address: Annotated[int, Field(ge=0, le=63)] | None = None
    """Behind a DALI gateway: the lamp's short address."""
    title: Line | None = None
    """What people call it."""
    pole: Line | None = None
    """Number of the pole."""
    circuit: Line | None = None
    """Which circuit of the cabinet feeds it."""
    street: Line | None = None
    """Where it is."""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """Where it is, in degrees; default the cabinet's place."""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    """Where it is, in degrees."""
    expected_w: Annotated[float, Field(gt=0)] | None = None
    """Lamps: what it draws at full light, in W, as its plate says."""
    score: Annotated[float, Field(ge=0, le=1)] | None = None
    """How well the profile fitted, as `gianh identify` says: kept in the record."""
    evidence: Words = ""
    """By what the profile was recognised: kept in the record."""


class TestKind(StrEnum):
    """How it is shown that a device is the one that is meant."""

    __test__ = False  # pytest would take it for a test

    READ = "read"
    BLINK = "blink"


class TestAnswer(Section):
    """A test of a device. `blink` needs `seen`: whether the right lamp blinked."""

    __test__ = False

    kind: TestKind = TestKind.READ
    """`read`: its values are asked; `blink`: somebody looked at the lamp."""
    seen: bool | None = None
    """Blink: whether it was the right lamp."""


class PowerAnswer(Section):
    """A measurement at full light, in W."""

    meter: Id | None = None
    """The device that measures; default the lamp itself. A meter of the circuit: the rise is what counts."""
    expected_w: Annotated[float, Field(gt=0)] | None = None
    """Default what was said of the lamp."""
    tolerance: Annotated[float, Field(gt=0, le=1)] = TOLERANCE
    """How far it may be away, as a share of what is expected."""


class CommentAnswer(Section):
    """A remark for the record."""

    text: Annotated[Words, Field(min_length=1)]
    """What to remember."""


class SignAnswer(Section):
    """The technician's name under the record."""

    name: Line
    """Who answers for it."""
    exceptions: Words = ""
    """Why it is signed although a step is missing or a test failed."""


class DeviceTest(TestAnswer):
    """[[test]]: of a device, where reading alone is not the test."""

    device: Id
    """Which device."""


class DevicePower(PowerAnswer):
    """[[power]]: of a lamp, where a meter measures it."""

    device: Id
    """Which lamp."""


class Answers(Section):
    """A whole commissioning as a file, for `gianh commission apply`."""

    place: PlaceAnswer
    """What the cabinet is called and where it stands."""
    bus: tuple[BusAnswer, ...] = ()
    """Its lines; those of gateway.toml need not be said again."""
    device: tuple[DeviceAnswer, ...]
    """Its devices."""
    test: tuple[DeviceTest, ...] = ()
    """Which lamps were seen to blink; every other device is read."""
    power: tuple[DevicePower, ...] = ()
    """Which lamps are measured by a meter; others measure themselves."""
    comment: tuple[CommentAnswer, ...] = ()
    """Remarks."""
    sign: SignAnswer | None = None
    """The signature; none leaves the record open."""
