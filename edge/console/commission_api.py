"""The API of commissioning: the same steps as `gianh commission`, for the console's field pages."""

from types import MappingProxyType
from typing import Annotated, Protocol

from fastapi import FastAPI, HTTPException, Request
from fastapi import Path as InPath
from fastapi.responses import Response

from edge.config.commissioning import (
    PHOTO_BYTES_MAX,
    BusAnswer,
    CommentAnswer,
    DeviceAnswer,
    PlaceAnswer,
    PowerAnswer,
    SignAnswer,
    TestAnswer,
)
from edge.config.commissioning_view import Choices, Identified, View
from edge.console.access.needs import needs
from edge.console.access.refusal import refusal
from edge.console.access.roles import Permission
from edge.console.signing import Signed
from edge.core.errors import ConfigError
from edge.core.sayings import say

FILES = {"record.pdf": "application/pdf", "record.json": "application/json", "labels.pdf": "application/pdf"}
"""What a signed record has."""

ROOM = "/api/v1/commission"

LARGER = MappingProxyType({f"{ROOM}/photo": PHOTO_BYTES_MAX})
"""Where a body may be larger than elsewhere, in bytes."""

Address = Annotated[int, InPath(ge=1, le=247)]

RecordId = Annotated[str, InPath(pattern=r"^[0-9]{8}-[0-9]{6}-[a-z0-9-]{1,32}$")]


class CommissionBoard(Protocol):
    """What the API asks of a commissioning; everything raises ConfigError for what may not be."""

    async def look(self) -> View:
        """What was done and what is still to do."""

    async def choices(self) -> Choices:
        """What answers may name."""

    async def identify(self, bus: str, address: int) -> Identified:
        """What the unit at an address may be; reads only."""

    async def place(self, answer: PlaceAnswer, by: str) -> View:
        """Say where the cabinet is."""

    async def bus(self, answer: BusAnswer, by: str) -> View:
        """Say which line there is."""

    async def device(self, answer: DeviceAnswer, by: str) -> View:
        """Say which device there is."""

    async def remove(self, device: str, by: str) -> View:
        """Leave a device out again."""

    async def write(self, by: str) -> View:
        """Put it into gateway.toml and reload."""

    async def test(self, device: str, answer: TestAnswer, by: str) -> View:
        """Show that a device is the one that is meant."""

    async def blink(self, device: str) -> None:
        """Let a lamp blink."""

    async def power(self, device: str, answer: PowerAnswer, by: str) -> View:
        """Measure a lamp at full light."""

    async def photo(self, content: bytes, by: str) -> View:
        """Keep a photo."""

    async def comment(self, answer: CommentAnswer, by: str) -> View:
        """Keep a remark."""

    async def sign(self, answer: SignAnswer, by: str) -> View:
        """Sign the record."""

    async def undo(self, by: str) -> View:
        """Take the last step back."""

    async def record(self, record: str, name: str) -> bytes:
        """A file of a signed record."""


def add_commission(app: FastAPI, board: CommissionBoard) -> None:
    """Add the routes. What may not be is answered 409 with one sentence, and changed nothing."""
    app.add_exception_handler(ConfigError, _refused)
    _add_looking(app, board)
    _add_answers(app, board)
    _add_devices(app, board)
    _add_ends(app, board)


async def _refused(_request: Request, error: Exception) -> Response:
    return refusal(str(error), 409)


def _add_looking(app: FastAPI, board: CommissionBoard) -> None:
    @app.get(ROOM, tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def look() -> View:
        """What was done, what is still to do, and the ids of signed records."""
        return await board.look()

    @app.get(f"{ROOM}/choices", tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def choices() -> Choices:
        """The profiles, and the wards and communes, that answers may name."""
        return await board.choices()

    @app.get(
        f"{ROOM}/records/{{record}}/{{name}}", tags=["commission"], dependencies=needs(Permission.COMMISSION)
    )
    async def file(record: RecordId, name: str) -> Response:
        """A file of a signed record: record.pdf, record.json or labels.pdf."""
        if name not in FILES:
            raise HTTPException(404, say("no_file_of_record", files=", ".join(FILES)))
        return Response(await board.record(record, name), media_type=FILES[name])


def _add_answers(app: FastAPI, board: CommissionBoard) -> None:
    @app.put(f"{ROOM}/place", tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def place(answer: PlaceAnswer, by: Signed) -> View:
        """What the cabinet is called and where it stands, checked against the communes."""
        return await board.place(answer, by.by)

    @app.put(f"{ROOM}/bus", tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def bus(answer: BusAnswer, by: Signed) -> View:
        """A line of the cabinet; the same id again takes the former answer's place."""
        return await board.bus(answer, by.by)

    @app.put(f"{ROOM}/device", tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def device(answer: DeviceAnswer, by: Signed) -> View:
        """A device of the cabinet; the same id again takes the former answer's place."""
        return await board.device(answer, by.by)

    @app.post(f"{ROOM}/comment", tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def comment(answer: CommentAnswer, by: Signed) -> View:
        """A remark for the record."""
        return await board.comment(answer, by.by)

    @app.post(f"{ROOM}/photo", tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def photo(request: Request, by: Signed) -> View:
        """A photo, JPEG or PNG, as the body; kept without place, time and owner."""
        return await board.photo(await _body(request), by.by)


def _add_devices(app: FastAPI, board: CommissionBoard) -> None:
    @app.post(
        f"{ROOM}/identify/{{bus}}/{{address}}", tags=["commission"], dependencies=needs(Permission.COMMISSION)
    )
    async def identify(bus: str, address: Address) -> Identified:
        """Which profiles fit a unit of a Modbus line that runs; polls go on between the questions."""
        return await board.identify(bus, address)

    @app.delete(f"{ROOM}/device/{{device}}", tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def remove(device: str, by: Signed) -> View:
        """Leave a device out again."""
        return await board.remove(device, by.by)

    @app.post(
        f"{ROOM}/device/{{device}}/blink", tags=["commission"], dependencies=needs(Permission.COMMISSION)
    )
    async def blink(device: str) -> View:
        """Let a lamp go up and down a few times, never dark; then ask who looks, and say it as a test."""
        await board.blink(device)
        return await board.look()

    @app.post(
        f"{ROOM}/device/{{device}}/test", tags=["commission"], dependencies=needs(Permission.COMMISSION)
    )
    async def test(device: str, answer: TestAnswer, by: Signed) -> View:
        """Read a device, or say whether the right lamp blinked; the result is kept, good or not."""
        return await board.test(device, answer, by.by)

    @app.post(
        f"{ROOM}/device/{{device}}/power", tags=["commission"], dependencies=needs(Permission.COMMISSION)
    )
    async def power(device: str, answer: PowerAnswer, by: Signed) -> View:
        """Measure a lamp at full light against what is expected."""
        return await board.power(device, answer, by.by)


def _add_ends(app: FastAPI, board: CommissionBoard) -> None:
    @app.post(f"{ROOM}/write", tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def write(by: Signed) -> View:
        """Put what was answered into gateway.toml, whole or not at all, and apply it."""
        return await board.write(by.by)

    @app.post(f"{ROOM}/undo", tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def undo(by: Signed) -> View:
        """Take the last step back, with what it did to gateway.toml."""
        return await board.undo(by.by)

    @app.post(f"{ROOM}/sign", tags=["commission"], dependencies=needs(Permission.COMMISSION))
    async def sign(answer: SignAnswer, by: Signed) -> View:
        """Sign: the record becomes PDF, JSON and labels; 409 while a step is missing and nobody says why."""
        return await board.sign(answer, by.by)


async def _body(request: Request) -> bytes:
    """The body, no further than a photo may be."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > PHOTO_BYTES_MAX:
            raise HTTPException(413, say("photo_too_large", most=f"{PHOTO_BYTES_MAX / 1e6:g}"))
    return bytes(content)
