"""Commissioning by pages: the same steps as in the terminal, for technicians, on a whole gateway."""

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.config.commissioning import PHOTO_BYTES_MAX
from edge.console.access.roles import Role
from tests.console.asking import Browser, Console, console

ROOM = "/api/v1/commission"
PLACE = {"title": "Tủ 3", "latitude": 17.757, "longitude": 106.412, "found": "phone"}
# A JPEG of one grey pixel has about this shape; what is between is what phones add.
PICTURE = b"\xff\xd8\xff\xdb\x00\x04\x00\x01\xff\xda\x00\x02\x55\xff\xd9"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Console]:
    async with console(tmp_path) as made:
        await made.person("an", Role.TECHNICIAN)
        yield made


@pytest.fixture
def an(here: Console) -> Browser:
    return here.inside("an")


async def test_a_technician_brings_a_cabinet_to_a_signed_record(an: Browser, tmp_path: Path) -> None:
    view = (await an.ask("PUT", f"{ROOM}/place", PLACE)).json
    assert (view["place"]["commune"], view["done"][-1]["by"]) == ("quang-phong", "an")
    bus = {"id": "line-1", "kind": "tcp", "host": "127.0.0.1", "port": 9}
    await an.ask("PUT", f"{ROOM}/bus", bus)
    device = {"id": "meter-1", "profile": "eastron-sdm630", "bus": "line-1", "pole": "HV-01"}
    view = (await an.ask("PUT", f"{ROOM}/device", device)).json
    assert [one["step"] for one in view["todo"]] == ["write", "test", "sign"]
    answer = await an.ask("POST", f"{ROOM}/write")
    assert answer.status == 200, answer.text
    assert tomllib.loads((tmp_path / "gateway.toml").read_text("utf-8"))["device"][0]["pole"] == "HV-01"
    view = (await an.ask("POST", f"{ROOM}/device/meter-1/test", {"kind": "read"})).json
    assert view["devices"][0]["test"]["passed"] is False  # nothing listens there, and it says so
    assert "meter-1" in view["devices"][0]["test"]["said"] or view["devices"][0]["test"]["said"]
    refused = await an.ask("POST", f"{ROOM}/sign", {"name": "An"})
    assert (refused.status, "Test meter-1" in refused.json["detail"]) == (409, True)
    signed = await an.ask("POST", f"{ROOM}/sign", {"name": "An", "exceptions": "chưa có điện"})
    record = signed.json["records"][0]
    pdf = await an.ask("GET", f"{ROOM}/records/{record}/record.pdf")
    assert (pdf.headers["content-type"], pdf.body[:5]) == ("application/pdf", b"%PDF-")
    assert (await an.ask("GET", f"{ROOM}/records/{record}/labels.pdf")).body[:5] == b"%PDF-"
    said = (await an.ask("GET", f"{ROOM}/records/{record}/record.json")).json
    assert said["signed"] == {
        "name": "An",
        "exceptions": "chưa có điện",
        "by": "an",
        "at": said["signed"]["at"],
    }


async def test_undo_takes_the_file_back_and_the_gateway_with_it(here: Console, an: Browser) -> None:
    await an.ask("PUT", f"{ROOM}/place", PLACE)
    await an.ask("PUT", f"{ROOM}/bus", {"id": "line-1", "kind": "tcp", "host": "127.0.0.1", "port": 9})
    await an.ask("PUT", f"{ROOM}/device", {"id": "m", "profile": "eastron-sdm630", "bus": "line-1"})
    assert (await an.ask("POST", f"{ROOM}/write")).status == 200
    assert [state.device for state in here.gateway.live.states()] == ["m"]
    view = (await an.ask("POST", f"{ROOM}/undo")).json
    assert [one["step"] for one in view["done"]] == ["begin", "place", "bus", "device"]
    assert here.gateway.live.states() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("PUT", "place", PLACE | {"latitude": 91}, 422, "latitude"),
        ("PUT", "place", PLACE | {"latitude": 21.0}, 409, "km from the centre"),
        ("PUT", "place", PLACE | {"height": 3}, 422, "height"),
        ("PUT", "device", {"id": "No Id", "profile": "x", "bus": "y"}, 422, "id"),
        ("DELETE", "device/nobody", None, 409, "no device 'nobody'"),
        ("POST", "write", None, 409, "nothing was answered yet"),
        ("POST", "device/x/test", {}, 409, "write the configuration first"),
        ("POST", "sign", {"name": "An"}, 409, "nothing to sign yet"),
        ("POST", "undo", None, 409, "nothing to take back"),
        ("GET", "records/20261128-120000-gw-a/record.pdf", None, 409, "there is no record.pdf"),
        ("GET", "records/..%2f..%2fetc/passwd", None, 422, "record"),
        ("GET", "records/20261128-120000-gw-a/journal.jsonl", None, 404, "a record has"),
    ],
)
async def test_what_may_not_be_is_said_in_a_sentence(
    an: Browser, method: str, path: str, body: object, status: int, says: str
) -> None:
    answer = await an.ask(method, f"{ROOM}/{path}", body)
    assert (answer.status, says in answer.text) == (status, True), answer.text


async def test_a_photo_is_kept_without_what_the_phone_says_of_its_owner(an: Browser, tmp_path: Path) -> None:
    await an.ask("PUT", f"{ROOM}/place", PLACE)
    exif = b"\xff\xe1\x00\x12Exif\x00\x00GPS-17.757"
    comment = b"\xff\xfe\x00\x09by Hoa!"
    video = b"....ftypmp42 Exif GPS-17.757"
    sent = PICTURE[:2] + exif + comment + PICTURE[2:] + video
    view = (await an.ask("POST", f"{ROOM}/photo", body=sent, headers={"content-type": "image/jpeg"})).json
    kept = (tmp_path / "data" / "commission" / "current" / view["photos"][0]["file"]).read_bytes()
    assert kept == PICTURE


async def test_a_photo_may_not_fill_the_card(an: Browser) -> None:
    await an.ask("PUT", f"{ROOM}/place", PLACE)
    answer = await an.ask("POST", f"{ROOM}/photo", body=b"\xff\xd8" + bytes(PHOTO_BYTES_MAX))
    assert answer.status == 413
    answer = await an.ask("POST", f"{ROOM}/photo", body=b"GIF89a")
    assert (answer.status, "JPEG or PNG" in answer.text) == (409, True)
    answer = await an.ask("PUT", f"{ROOM}/place", body=b" " * 70_000)
    assert answer.status == 413
