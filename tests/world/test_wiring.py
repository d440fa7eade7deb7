import pytest

from edge.config.schema import Config
from edge.wiring import lamps_of, problems_of_wiring

GATEWAY = {"id": "gw", "latitude": 17.7, "longitude": 106.4}


def problems(*devices: tuple[str, int, int], kind: str = "tcp") -> list[tuple[tuple[str | int, ...], str]]:
    """What is wrong with devices of (profile, address, sub_address) on one bus."""
    bus = {"id": "b", "kind": kind, "host": "127.0.0.1", "port": 502}
    tables = [
        {"id": f"d{n}", "profile": profile, "bus": "b", "address": address, "sub_address": sub_address}
        for n, (profile, address, sub_address) in enumerate(devices)
    ]
    return problems_of_wiring(Config.model_validate({"gateway": GATEWAY, "bus": [bus], "device": tables}))


def test_two_models_at_one_address_are_refused_at_the_second() -> None:
    ((path, message),) = problems(("eastron-sdm120", 1, 0), ("xy-md02", 1, 0), ("xy-md02", 2, 0))
    assert path == ("device", 1, "address")
    assert "d0 (eastron-sdm120)" in message
    assert "address 1 of bus b" in message


def test_a_gateway_and_the_lamps_behind_it_share_an_address() -> None:
    assert (
        problems(("ecodim-dali-gw2-line", 1, 0), ("ecodim-dali-gw2", 1, 0), ("ecodim-dali-gw2", 1, 1)) == []
    )


def test_a_meter_may_not_stand_where_a_dali_gateway_stands() -> None:
    assert [path for path, _ in problems(("intesis-dali", 1, 0), ("eastron-sdm120", 1, 0))] == [
        ("device", 1, "address")
    ]


def relayed(*segments: dict[str, object]) -> Config:
    """A relay board, a lamp, and these segments on the board."""
    bus = {"id": "b", "kind": "tcp", "host": "127.0.0.1", "port": 502}
    devices = [
        {"id": "relays", "profile": "waveshare-relay-8", "bus": "b", "address": 1},
        {"id": "lamp", "profile": "intesis-dali", "bus": "b", "address": 2},
    ]
    tables = [{"id": f"s{n}", "relay": "relays", **one} for n, one in enumerate(segments)]
    content = {"gateway": GATEWAY, "bus": [bus], "device": devices, "segment": tables}
    return Config.model_validate(content)


def test_a_segment_without_lamps_is_a_lamp_on_the_bus_of_its_relay() -> None:
    config = relayed({"point": "relay_4", "nominal_w": 900}, {"point": "relay_3", "lamps": ["lamp"]})
    assert problems_of_wiring(config) == []
    lamps = lamps_of(config)
    assert list(lamps) == ["lamp", "s0"]
    assert (lamps["s0"].bus, lamps["s0"].dimmable, lamps["s0"].nominal_w) == ("b", False, 900)


@pytest.mark.parametrize(
    ("segments", "index", "text"),
    [
        ([{"point": "relay_9"}], 0, "no command 'relay_9': known are relay_1, relay_2"),
        ([{"point": "relay_4"}, {"point": "relay_state_4"}], 1, "segment 's0' has this relay already"),
        ([{"point": "relays"}], 0, "nobody could verify it"),
    ],
)
def test_relays_that_cannot_feed_a_segment_are_refused(
    segments: list[dict[str, object]], index: int, text: str
) -> None:
    ((path, message),) = problems_of_wiring(relayed(*segments))
    assert path == ("segment", index, "point")
    assert text in message
