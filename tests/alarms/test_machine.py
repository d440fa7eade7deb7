import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.alarms.keeping import BUCKETS, bucket_of, keep, kept
from edge.alarms.machine import Machine
from edge.config.alarms import RULES, Rule
from edge.core.alarms import Acknowledgement, Alarm, AlarmKind, Finding, Sign, alarm_id, is_alarm_id
from edge.core.errors import ConfigError
from edge.core.model import Severity, Stamp

SECOND_NS = 10**9
KIND = AlarmKind.LAMP_FAILURE
RULE = Rule(KIND, delay_s=10, clear_s=5, severity=Severity.ALARM)


def at(seconds: float) -> Stamp:
    return Stamp(round(seconds * SECOND_NS), 1_000 + round(seconds * SECOND_NS))


def finding(sign: Sign, device: str = "lamp-1", kind: AlarmKind = KIND) -> Finding:
    return Finding(kind, device, sign, 3.0, f"{device} is dark")


class Run:
    """A machine with its time."""

    def __init__(self) -> None:
        self.machine = Machine({KIND: RULE})

    def see(self, seconds: float, sign: Sign) -> list[bool]:
        self.machine.see(finding(sign), at(seconds).mono_ns)
        return self.due(seconds)

    def due(self, seconds: float) -> list[bool]:
        return [alarm.active for alarm in self.machine.due(at(seconds))]


def test_trouble_is_raised_once_after_its_delay() -> None:
    run = Run()
    assert run.see(0, Sign.TROUBLE) == []
    assert run.see(9.9, Sign.TROUBLE) == []
    assert run.machine.next_ns() == 10 * SECOND_NS
    assert run.due(10) == [True]
    assert run.see(11, Sign.TROUBLE) == []
    (alarm,) = run.machine.active()
    assert alarm == Alarm(
        "lamp-failure-lamp-1",
        KIND,
        "lamp-1",
        Severity.ALARM,
        "lamp-1 is dark",
        at(10).utc_ns,
        3.0,
    )


def test_trouble_that_goes_before_its_delay_leaves_nothing() -> None:
    for sign in (Sign.WELL, Sign.UNSURE):
        run = Run()
        run.see(0, Sign.TROUBLE)
        run.see(5, sign)
        assert run.see(9, Sign.TROUBLE) == []
        assert run.due(18) == []
        assert run.due(19) == [True]


def test_it_is_cleared_only_after_being_well_without_a_break() -> None:
    run = Run()
    run.see(0, Sign.TROUBLE)
    run.due(10)
    run.see(20, Sign.WELL)
    run.see(24, Sign.UNSURE)
    assert run.due(30) == []
    run.see(40, Sign.WELL)
    run.see(44, Sign.WELL)
    assert run.due(44.9) == []
    assert run.due(45) == [False]
    assert run.machine.active() == []
    assert run.machine.next_ns() is None


def test_who_has_seen_it_is_noted_and_an_alarm_that_does_not_stand_cannot_be_acknowledged() -> None:
    run = Run()
    with pytest.raises(ConfigError, match="lamp-failure-lamp-1"):
        run.machine.acknowledge("lamp-failure-lamp-1", "hoa", "", at(1))
    run.see(0, Sign.TROUBLE)
    with pytest.raises(ConfigError):
        run.machine.acknowledge("lamp-failure-lamp-1", "hoa", "", at(1))
    run.due(10)
    run.machine.acknowledge("lamp-failure-lamp-1", "hoa", "x" * 500, at(12))
    (alarm,) = run.machine.active()
    assert alarm.acknowledged == Acknowledgement("hoa", "x" * 200, at(12).utc_ns)


def test_alarms_of_what_is_not_watched_any_more_are_cleared() -> None:
    run = Run()
    run.see(0, Sign.TROUBLE)
    run.due(10)
    assert run.machine.keep({KIND: RULE}, ["lamp-1"]) == []
    gone = run.machine.keep({KIND: RULE}, ["lamp-2"])
    assert [(alarm.id, alarm.active) for alarm in gone] == [("lamp-failure-lamp-1", False)]
    run.see(20, Sign.TROUBLE)
    run.due(30)
    assert [alarm.active for alarm in run.machine.keep({}, ["lamp-1"])] == [False]


@given(st.lists(st.tuples(st.sampled_from(list(Sign)), st.integers(0, 15))))
def test_raised_and_cleared_take_turns_and_each_follows_its_full_delay(
    steps: list[tuple[Sign, int]],
) -> None:
    run, now_s = Run(), 0
    signs: list[tuple[int, Sign]] = []
    changes: list[tuple[float, bool]] = []
    for sign, pause_s in steps:
        due_ns = run.machine.next_ns()
        if due_ns is not None and due_ns <= (now_s + pause_s) * SECOND_NS:
            changes += [(due_ns / SECOND_NS, active) for active in run.due(due_ns / SECOND_NS)]
        now_s += pause_s
        signs.append((now_s, sign))
        changes += [(now_s, active) for active in run.see(now_s, sign)]
    assert [active for _, active in changes] == [nth % 2 == 0 for nth in range(len(changes))]
    for when, active in changes:
        delay_s, wanted = (10, Sign.TROUBLE) if active else (5, Sign.WELL)
        within = [sign for seconds, sign in signs if when - delay_s < seconds < when]
        assert set(within) <= {wanted}


def test_every_alarm_has_an_id_of_its_own_that_is_one_level_of_a_topic() -> None:
    devices = ("a", "lamp-1", "x" * 32)
    names = [alarm_id(kind, device) for kind in AlarmKind for device in devices]
    assert len(set(names)) == len(names)
    assert all(is_alarm_id(name) for name in names)
    assert not any(is_alarm_id(text) for text in ("", "-a", "A", "a/b", "a+", "a#", "a_b", "é", "a" * 97))


def test_every_kind_has_a_rule() -> None:
    assert set(RULES) == set(AlarmKind)


class Notes:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def recall(self, key: str) -> str | None:
        return self.kept.get(key)

    def remember(self, key: str, value: str) -> None:
        self.kept[key] = value


ALARMS = st.builds(
    lambda kind, device, severity, text, at_ns, value, said: Alarm(
        alarm_id(kind, device), kind, device, severity, text, at_ns, value, said
    ),
    st.sampled_from(AlarmKind),
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True),
    st.sampled_from(Severity),
    st.text(),
    st.none() | st.integers(0, 2**62),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.builds(Acknowledgement, st.text(), st.text(), st.none() | st.integers(0, 2**62)),
)


@given(st.lists(ALARMS, unique_by=lambda alarm: alarm.id))
def test_what_is_kept_comes_back(alarms: list[Alarm]) -> None:
    memory = Notes()
    for bucket in range(BUCKETS):
        keep(memory, bucket, [alarm for alarm in alarms if bucket_of(alarm.id) == bucket])
    assert len(memory.kept) <= BUCKETS
    assert {alarm.id: alarm for alarm in kept(memory)} == {alarm.id: alarm for alarm in alarms}


def test_what_cannot_be_read_any_more_is_left_out() -> None:
    memory = Notes()
    memory.kept = {"alarms/0": "not json", "alarms/1": '[["a"]]', "alarms/2": "7", "alarms/3": "[]"}
    assert kept(memory) == []
