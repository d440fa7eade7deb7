"""How often somebody may command."""

from edge.lighting.rate import Rate

MINUTE_NS = 60_000_000_000


def test_each_sender_has_an_allowance_of_its_own_that_fills_again() -> None:
    rate = Rate(2, 0)
    assert [bool(rate.too_many("mqtt/an", 0)) for _ in range(3)] == [False, False, True]
    assert rate.too_many("mqtt/hoa", 0) == ""
    assert rate.too_many("mqtt/an", MINUTE_NS // 2) == ""
    assert "2 commands a minute" in rate.too_many("mqtt/an", MINUTE_NS // 2)


def test_home_assistant_is_one_sender_that_nobody_on_mqtt_can_use_up_and_is_told_what_to_do() -> None:
    rate = Rate(1, 0)
    assert rate.too_many("mqtt/home-assistant", 0) == ""
    assert "a sender may give" in rate.too_many("mqtt/home-assistant", 0)
    assert rate.too_many("home-assistant/home-assistant", 0) == ""
    why = rate.too_many("home-assistant/home-assistant", 0)
    assert "all of Home Assistant is one sender" in why
    assert "1 commands a minute" in why
    assert "a group" in why
    assert "commands_per_minute" in why
