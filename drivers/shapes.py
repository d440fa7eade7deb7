"""The kinds of fields that profile files have, and checking a file's content against them.

pydantic is known here alone in this room.
"""

import json
from collections.abc import Hashable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, cast

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

T = TypeVar("T")

FORBID = ConfigDict(extra="forbid")
"""For `__pydantic_config__` of a shape: a key that it does not know is a fault."""


def _frozen(value: object) -> object:
    """Tables of the file as tuples of pairs, lists as tuples: a profile is immutable all through."""
    if isinstance(value, Mapping):
        return tuple((key, _frozen(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    return value


_Frozen = BeforeValidator(_frozen)

Address = Annotated[int, Field(ge=0, le=0xFFFF)]
Count = Annotated[int, Field(ge=1, le=2000)]
Stride = Annotated[int, Field(ge=0, le=0xFFFF)]
Divisor = Annotated[int, Field(ge=1)]
Bit = Annotated[int, Field(ge=0, le=15)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Turnaround = Annotated[float, Field(ge=0, le=10)]
Baudrate = Annotated[int, Field(ge=300, le=4_000_000)]
CountMax = Annotated[int, Field(ge=1, le=125)]
GapMax = Annotated[int, Field(ge=0, le=124)]
ChannelMax = Annotated[int, Field(ge=0, le=15)]
SubAddressMax = Annotated[int, Field(ge=0, le=63)]
Range = Annotated[tuple[float, float], _Frozen]
Integers = Annotated[tuple[int, ...], _Frozen]
Names = Annotated[tuple[str, ...], _Frozen]
Numbers = Annotated[tuple[tuple[str, float], ...], _Frozen]
Ranges = Annotated[tuple[tuple[str, tuple[float, float]], ...], _Frozen]
Codes = Annotated[tuple[tuple[str, int], ...], _Frozen]
ClassName = Annotated[str, Field(alias="class", pattern="^[a-z][a-z0-9_]*$")]
Origin = Annotated[Literal["manual", "recorded", "worked out"], Field(alias="from")]


class ShapeError(Exception):
    """Content that does not have its shape: every fault as its key and a sentence."""

    def __init__(self, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{key}: {text}" for key, text in faults))
        self.faults = faults


def shaped(shape: type[T], content: Mapping[str, object]) -> T:
    """`content` as a `shape`. Raises ShapeError with all faults at once."""
    try:
        checked: T = _adapter(cast(Hashable, shape)).validate_json(
            json.dumps(content, default=str), strict=True
        )
    except ValidationError as error:
        raise ShapeError(
            tuple((_key(fault["loc"]), _sentence(fault["type"], fault["msg"])) for fault in error.errors())
        ) from None
    return checked


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    """What checks a shape, made once: making it takes several times as long as checking a file."""
    return TypeAdapter(shape)


def _key(location: tuple[int | str, ...]) -> str:
    """`points[3].address` for ("points", 3, "address")."""
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _sentence(kind: str, text: str) -> str:
    """What to do about a fault, in words that do not speak of Python."""
    if kind == "unexpected_keyword_argument":
        return "this key is not known here: remove it or correct its spelling"
    if kind == "missing":
        return "this key is missing: add it"
    return text[0].lower() + text[1:]
