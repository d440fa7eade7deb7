"""What the steps of a commissioning come to, and what is still to do. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from edge.config.commissioning import BusAnswer, CommentAnswer, DeviceAnswer, SignAnswer, TestKind
from edge.config.commissioning_view import Measured, Photographed, Placed, Step, Tested, Todo
from edge.core.errors import GianhError
from provisioning.commission.facts import (
    Begun,
    Entry,
    Reloaded,
    Removed,
    Undone,
    Written,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Commission:
    """Everything that stands, after what was taken back; `steps` are the standing entries."""

    steps: tuple[Entry, ...] = ()
    revision: int = 0
    begun: Begun | None = None
    place: Placed | None = None
    buses: Mapping[str, BusAnswer] = field(default_factory=dict)
    devices: Mapping[str, DeviceAnswer] = field(default_factory=dict)
    written: Written | None = None
    reloaded: bool = False
    tests: Mapping[str, Tested] = field(default_factory=dict)
    powers: Mapping[str, Measured] = field(default_factory=dict)
    photos: tuple[Photographed, ...] = ()
    comments: tuple[str, ...] = ()
    signed: SignAnswer | None = None

    @property
    def plan(self) -> str:
        """What gateway.toml is to say, as a hash: whether it was written since the last change."""
        said = [self.place.model_dump(mode="json") if self.place else None]
        said += [one.model_dump(mode="json") for one in (*self.buses.values(), *self.devices.values())]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def standing(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries that were not taken back."""
    stack: list[Entry] = []
    for entry in entries:
        if isinstance(entry.fact, Undone):
            del stack[-entry.fact.count :]
        else:
            stack.append(entry)
    return tuple(stack)


def fold(entries: Sequence[Entry]) -> Commission:
    """What the entries come to."""
    steps = standing(entries)
    revision = sum(entry.step is Step.SIGN for entry in entries)
    whole = Commission(steps=steps, revision=revision)
    for entry in steps:
        whole = _with(whole, entry)
    return whole


def _with(whole: Commission, entry: Entry) -> Commission:
    match entry.fact:
        case Begun() as fact:
            return replace(whole, begun=fact)
        case Placed() as fact:
            return replace(whole, place=fact)
        case BusAnswer() as fact:
            return replace(whole, buses={**whole.buses, fact.id: fact})
        case DeviceAnswer() as fact:
            return replace(_forgotten(whole, fact.id), devices={**whole.devices, fact.id: fact})
        case Removed() as fact:
            return _forgotten(whole, fact.device)
        case Written() as fact:
            return replace(whole, written=fact, reloaded=False)
        case Reloaded():
            return replace(whole, reloaded=True)
        case _:
            return _shown(whole, entry)


def _shown(whole: Commission, entry: Entry) -> Commission:
    match entry.fact:
        case Tested() as fact:
            return replace(whole, tests={**whole.tests, fact.device: fact})
        case Measured() as fact:
            return replace(whole, powers={**whole.powers, fact.device: fact})
        case Photographed() as fact:
            return replace(whole, photos=(*whole.photos, fact))
        case CommentAnswer() as fact:
            return replace(whole, comments=(*whole.comments, fact.text))
        case SignAnswer() as fact:
            return replace(whole, signed=fact)
        case other:
            raise GianhError(f"the journal of the commissioning has a {type(other).__name__} as a step")


def _forgotten(whole: Commission, device: str) -> Commission:
    """Without a device and what was shown of it: after another answer it has to be shown anew."""

    return replace(
        whole,
        devices=_without(whole.devices, device),
        tests=_without(whole.tests, device),
        powers=_without(whole.powers, device),
    )


def _without(kept: Mapping[str, T], device: str) -> dict[str, T]:
    return {name: one for name, one in kept.items() if name != device}


def to_do(whole: Commission, file_now: str) -> list[Todo]:
    """The steps that are missing, in the order in which they are best done.

    `file_now` is the SHA-256 of gateway.toml as it is: a step that was begun and cut off by a loss of power
    is still to do.
    """
    todo: list[Todo] = []
    if whole.place is None:
        todo.append(
            Todo(step=Step.PLACE, device="", vi="Tên và vị trí của tủ", en="Name and place of the cabinet")
        )
    if not whole.devices:
        todo.append(
            Todo(step=Step.DEVICE, device="", vi="Khai báo thiết bị", en="Say which devices there are")
        )
    if not is_written(whole, file_now) or not whole.reloaded:
        todo.append(Todo(step=Step.WRITE, device="", vi="Ghi cấu hình", en="Write the configuration"))
    for device in whole.devices.values():
        todo += _to_show(whole, device)
    if whole.signed is None:
        todo.append(Todo(step=Step.SIGN, device="", vi="Ký biên bản", en="Sign the record"))
    return todo


def _to_show(whole: Commission, device: DeviceAnswer) -> list[Todo]:
    todo: list[Todo] = []
    test, power = whole.tests.get(device.id), whole.powers.get(device.id)
    if test is None or not test.passed:
        todo.append(Todo(step=Step.TEST, device=device.id, vi=f"Thử {device.id}", en=f"Test {device.id}"))
    if device.expected_w is not None and (power is None or not power.passed):
        text = f"Measure the power of {device.id} at full light"
        todo.append(
            Todo(step=Step.POWER, device=device.id, vi=f"Đo công suất {device.id} khi sáng 100 %", en=text)
        )
    return todo


def is_written(whole: Commission, file_now: str) -> bool:
    """Whether gateway.toml says all that was answered."""
    return whole.written is not None and whole.written.after == file_now and whole.written.plan == whole.plan


def to_undo(whole: Commission) -> int:
    """How many entries the last step has: writing has two, the file and the gateway's yes."""
    if not whole.steps or whole.steps[-1].step is Step.BEGIN:
        return 0
    return 2 if whole.steps[-1].step is Step.RELOAD else 1


def test_kind(whole: Commission, device: str) -> TestKind:
    """Which test suits a device: what has a power at full light is a lamp, which can blink."""
    is_lamp = whole.devices[device].expected_w is not None
    return TestKind.BLINK if is_lamp else TestKind.READ
