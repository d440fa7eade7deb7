"""A commissioning as it is shown, in the terminal and by the API: what was done and what is still to do."""

from enum import StrEnum

from edge.config.commissioning import BusAnswer, DeviceAnswer, PlaceAnswer
from edge.config.section import Section


class Step(StrEnum):
    """A kind of step."""

    BEGIN = "begin"
    PLACE = "place"
    BUS = "bus"
    DEVICE = "device"
    REMOVE = "remove"
    WRITE = "write"
    RELOAD = "reload"
    TEST = "test"
    POWER = "power"
    PHOTO = "photo"
    COMMENT = "comment"
    SIGN = "sign"
    UNDO = "undo"


class Placed(Section):
    """The place with what checking it against the communes gave."""

    answer: PlaceAnswer
    commune: str
    distance_km: float
    remark: str = ""


class Tested(Section):
    """A device was read, or its lamp looked at."""

    device: str
    kind: str
    passed: bool
    values: tuple[tuple[str, float | None], ...] = ()
    said: str = ""
    said_vi: str = ""


class Measured(Section):
    """A lamp's power at full light, in W."""

    device: str
    meter: str
    expected_w: float
    tolerance: float
    measured_w: float
    passed: bool


class Photographed(Section):
    """A photo beside the record, without what a phone writes into it."""

    file: str
    sha256: str
    bytes: int


class Todo(Section):
    """A step that is still to do, of which device (empty where of none), and in words."""

    step: Step
    device: str = ""
    vi: str
    en: str


class DeviceView(Section):
    """A device with what was shown of it."""

    answer: DeviceAnswer
    test: Tested | None
    power: Measured | None


class DoneView(Section):
    """A step that stands; `about` is what it was about, in a word or two."""

    number: int
    at: str
    by: str
    step: Step
    about: str


class View(Section):
    """All of it; `id` is empty while nothing was begun. `records` are the ids of signed ones, newest last."""

    id: str
    gateway: str
    place: Placed | None
    buses: tuple[BusAnswer, ...]
    devices: tuple[DeviceView, ...]
    photos: tuple[Photographed, ...]
    comments: tuple[str, ...]
    done: tuple[DoneView, ...]
    todo: tuple[Todo, ...]
    records: tuple[str, ...]


class Model(Section):
    """A profile that a device may have; `lamp` says that it dims or switches light."""

    id: str
    vi: str
    en: str
    lamp: bool


class Commune(Section):
    """A ward or commune of the town."""

    id: str
    name: str


class Choices(Section):
    """What answers may name: the profiles, and the wards and communes."""

    models: tuple[Model, ...]
    communes: tuple[Commune, ...]


class Candidate(Section):
    """A profile that fits what a unit answered: `score` 0 to 1, by what, and the values as it reads them."""

    profile: str
    score: float
    evidence: tuple[str, ...]
    values: tuple[tuple[str, float], ...]


class Identified(Section):
    """What a unit may be, best first; `sure` says that the first is far ahead of the next."""

    bus: str
    address: int
    sure: bool
    candidates: tuple[Candidate, ...]
