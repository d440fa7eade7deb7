"""Rows of lamps' accounts at the end of a night."""

from edge.core.lighting import LampAccount
from edge.core.model import Stamp
from edge.lighting.account_rows import account_rows


def test_each_lamp_has_a_row_with_its_own_tags_and_the_time_of_the_nights_end() -> None:
    accounts = [
        LampAccount("lamp-1", 1200.5, 340, 96.25, ()),
        LampAccount("lamp-2", 3, 1, 0.5, ("active_energy",)),
    ]
    tags = {"lamp-1": (("device", "lamp-1"), ("gateway", "gw"))}
    first, second = account_rows(accounts, tags, Stamp(5, 7))
    assert dict(zip(first.layout.names, first.values, strict=True)) == {
        "active_energy": 96.25,
        "operating_hours": 1200.5,
        "switch_on_counter": 340,
    }
    assert first.layout.tags == tags["lamp-1"]
    assert (first.stamp, second.layout.device) == (Stamp(5, 7), "lamp-2")
