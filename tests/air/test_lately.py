"""What checks found lately: one row for each check, point and device, which goes a day after its last."""

from edge.air.lately import KEPT_NS, Lately
from edge.core.air import CheckKind, Remark, Verdict

S = 1_000_000_000


def remark(check: CheckKind, text: str = "", point: str = "pm2_5") -> Remark:
    return Remark(point, check, Verdict.DOUBTFUL, text)


def test_what_is_found_again_is_counted_in_one_row_with_its_newest_words() -> None:
    lately = Lately()
    lately.add("air", [remark(CheckKind.STUCK, "for 120 minutes")], 10 * S)
    lately.add("air", [remark(CheckKind.STUCK, "for 125 minutes")], 20 * S)
    (found,) = lately.newest_first()
    assert (found.device, found.times, found.since_ns, found.at_ns) == ("air", 2, 10 * S, 20 * S)
    assert found.last.text == "for 125 minutes"


def test_a_late_sample_counts_but_does_not_become_the_newest() -> None:
    lately = Lately()
    lately.add("air", [remark(CheckKind.RANGE, "new")], 20 * S)
    lately.add("air", [remark(CheckKind.RANGE, "late")], 10 * S)
    (found,) = lately.newest_first()
    assert (found.last.text, found.times, found.since_ns, found.at_ns) == ("new", 2, 10 * S, 20 * S)


def test_each_check_point_and_device_has_its_row_and_the_newest_comes_first() -> None:
    lately = Lately()
    lately.add("air", [remark(CheckKind.SPIKE), remark(CheckKind.SPIKE, point="pm10")], 10 * S)
    lately.add("air-twin", [remark(CheckKind.SPIKE), remark(CheckKind.RATE)], 30 * S)
    found = [(one.device, one.last.point, one.last.check.value) for one in lately.newest_first()]
    assert found == [
        ("air-twin", "pm2_5", "rate"),
        ("air-twin", "pm2_5", "spike"),
        ("air", "pm10", "spike"),
        ("air", "pm2_5", "spike"),
    ]


def test_a_day_after_it_was_last_found_it_is_gone() -> None:
    lately = Lately()
    lately.add("air", [remark(CheckKind.SPIKE)], 0)
    lately.prune(KEPT_NS)
    assert len(lately.newest_first()) == 1
    lately.prune(KEPT_NS + 1)
    assert lately.newest_first() == ()
