from edge.config.schema import Config
from edge.wiring import problems_of_wiring

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
