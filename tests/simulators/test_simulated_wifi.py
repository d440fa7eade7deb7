import itertools
from collections import Counter, defaultdict
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.radius import packet as radius
from drivers.radius.accounts import device_address
from simulators import wifi_packets
from simulators.wifi_places import BEACH, NETWORK, Spelling, visits_per_hour
from simulators.wifi_plan import Cause, Message, Session, Status, plan
from simulators.wifi_radius import Attribute, accounting_request, is_answer
from simulators.wifi_truth import EVERYWHERE, truth_of
from simulators.wifi_visitors import Guest, Scene

MORNING_S = datetime.fromisoformat("2026-07-18T06:00:00+07:00").timestamp()
NIGHT_S = MORNING_S + 17 * 3600.0
DAY = "2026-07-18"
BY_ID = {nas.id: nas for nas in NETWORK}


@pytest.fixture(scope="module")
def festival() -> list[Message]:
    return list(plan(Scene(seed=1, visitors=0.2, festival=True), MORNING_S, NIGHT_S))


def by_session(messages: list[Message]) -> dict[Session, list[Message]]:
    found: dict[Session, list[Message]] = defaultdict(list)
    for message in messages:
        if message.session is not None:
            found[message.session].append(message)
    return found


def test_the_same_seed_makes_the_same_day_and_another_seed_another(festival: list[Message]) -> None:
    again = list(plan(Scene(seed=1, visitors=0.2, festival=True), MORNING_S, NIGHT_S))
    other = list(plan(Scene(seed=2, visitors=0.2, festival=True), MORNING_S, NIGHT_S))
    assert festival == again
    assert festival != other


def test_messages_come_in_the_order_of_events_and_within_their_time(festival: list[Message]) -> None:
    times = [message.at_s for message in festival]
    assert times == sorted(times)
    assert times[0] >= MORNING_S
    assert times[-1] <= NIGHT_S


def test_counters_of_a_session_never_fall_and_grow_less_than_can_be_told_apart(
    festival: list[Message],
) -> None:
    for session, messages in by_session(festival).items():
        narrow = not BY_ID[session.nas].wide
        for before, after in itertools.pairwise(messages):
            assert before.up <= after.up
            assert before.down <= after.down
            assert before.elapsed_s <= after.elapsed_s
            assert not narrow or after.down - before.down < 2**32 // 3


def test_a_day_has_all_that_a_gateway_must_bear(festival: list[Message]) -> None:
    sessions = by_session(festival)
    kinds = [tuple(message.status for message in messages) for messages in sessions.values()]
    narrow = {nas.id for nas in NETWORK if not nas.wide}
    assert any(kind[0] is not Status.START for kind in kinds), "a start that is never told"
    assert any(kind[-1] is not Status.STOP for kind in kinds), "a session that vanishes"
    assert any(message.down > 2**32 for message in festival if message.nas in narrow), "a wrap"
    assert any(message.down > 2**32 for message in festival if message.nas not in narrow), "Gigawords"
    visits = Counter(session.visit for session in sessions)
    assert any(len({s.point for s in sessions if s.visit == v}) > 1 for v, n in visits.items() if n > 1)
    reboots = [m for m in festival if m.status is Status.ON and m.at_s > MORNING_S + 1]
    assert reboots, "an access point that comes back"


def test_an_outage_cuts_every_session_of_its_access_point(festival: list[Message]) -> None:
    reboot = next(m for m in festival if m.status is Status.ON and m.at_s > MORNING_S + 1)
    mine = [(s, m) for s, m in by_session(festival).items() if s.point == reboot.point]
    across = [s for s, m in mine if s.begin_s < reboot.at_s < s.end_s]
    cut = [
        s for s, m in mine if reboot.at_s - 900 <= s.end_s < reboot.at_s and m[-1].status is not Status.STOP
    ]
    assert across == []
    assert cut


def test_the_festival_is_fuller_than_an_ordinary_day_and_summer_than_winter() -> None:
    summer, winter = date(2026, 7, 15).toordinal(), date(2026, 1, 15).toordinal()

    def visits(day: int, festival: bool = False) -> float:
        return sum(visits_per_hour(BEACH.crowd, day, hour + 0.5, festival) for hour in range(24))

    assert visits(summer) == pytest.approx(BEACH.crowd.visits, rel=0.01)
    assert visits(winter) < 0.4 * visits(summer)
    assert visits(summer, festival=True) == pytest.approx(BEACH.crowd.festival * visits(summer), rel=0.02)


def test_the_truth_does_not_depend_on_the_order_in_which_messages_were_answered(
    festival: list[Message],
) -> None:
    assert truth_of(festival) == truth_of(festival[::-1])


def guest(number: int) -> Guest:
    return Guest(bytes((2, 0, 0, 0, 0, number)), f"guest-{number}", bytes((10, 0, 0, number)))


def told(session: Session, status: Status, elapsed_s: int, up: int, down: int) -> Message:
    at_s = session.begin_s + elapsed_s
    return Message(at_s, session.nas, session.point, status, session, elapsed_s, up, down)


def test_the_truth_of_a_day_that_can_be_counted_by_hand() -> None:
    begin_s = MORNING_S
    one = Session("a", "square-ap", "wifi-square", guest(1), "v1", begin_s, begin_s + 1200)
    two = Session("b", "square-ap", "wifi-square", guest(2), "v2", begin_s + 600, begin_s + 900)
    three = Session("c", "market-ap", "wifi-market", guest(1), "v1", begin_s + 1100, begin_s + 2000)
    messages = [
        told(one, Status.START, 0, 0, 0),
        told(one, Status.INTERIM, 600, 10, 100),
        told(two, Status.STOP, 300, 1, 2),
        told(one, Status.STOP, 1200, 30, 300),
        told(three, Status.START, 0, 0, 0),
    ]
    truth = truth_of(messages)[DAY]
    square, everywhere = truth["wifi-square"], truth[EVERYWHERE]
    assert (square.sessions, square.bytes_up, square.bytes_down, square.devices, square.peak) == (
        2,
        31,
        302,
        2,
        2,
    )
    assert (everywhere.sessions, everywhere.devices, everywhere.peak) == (3, 2, 2)


def test_volume_belongs_to_the_day_on_which_it_was_told() -> None:
    begin_s = MORNING_S + 17.9 * 3600
    session = Session("a", "square-ap", "wifi-square", guest(1), "v1", begin_s, begin_s + 1200)
    truth = truth_of([told(session, Status.START, 0, 0, 0), told(session, Status.INTERIM, 600, 5, 7)])
    assert truth["2026-07-18"]["wifi-square"].sessions == 1
    assert truth["2026-07-19"]["wifi-square"].bytes_down == 7
    assert truth["2026-07-19"]["wifi-square"].sessions == 0


attribute = st.tuples(st.integers(1, 255).filter(lambda kind: kind != 80), st.binary(max_size=253))


@given(st.integers(0, 255), st.lists(attribute, max_size=12), st.binary(min_size=1, max_size=40))
def test_the_gateway_reads_whatever_an_access_point_writes_and_both_believe_each_other(
    identifier: int, attributes: list[tuple[int, bytes]], secret: bytes
) -> None:
    data = accounting_request(identifier, attributes, secret)
    read = radius.parse(data)
    assert (read.identifier, list(read.attributes)) == (identifier, attributes)
    assert radius.is_genuine(data, secret)
    assert not radius.is_genuine(data, secret + b"x")
    answer = radius.answer(data, secret)
    assert is_answer(answer, data, secret)
    assert not is_answer(answer, data, secret + b"x")
    assert not is_answer(answer[:-1], data, secret)


@pytest.mark.parametrize("spelling", Spelling)
def test_an_address_is_the_same_device_however_it_is_spelled(spelling: Spelling) -> None:
    address = bytes.fromhex("02ab00cdef09")
    assert device_address(wifi_packets.spelled(address, spelling).encode()) == address


def numbers(message: Message, nas: str, now_s: float) -> dict[int, int]:
    said = wifi_packets.attributes(message, BY_ID[nas], now_s, MORNING_S)
    return {kind: int.from_bytes(value, "big") for kind, value in said if len(value) == 4}


def test_each_nas_tells_in_its_own_way() -> None:
    session = Session("a", "any", "wifi-square", guest(1), "v1", MORNING_S, MORNING_S + 700)
    message = Message(MORNING_S + 700, "any", "wifi-square", Status.STOP, session, 700, 5, 2**32 + 7)
    stop = Message(**{**{f: getattr(message, f) for f in message.__slots__}, "cause": Cause.USER_REQUEST})
    square = numbers(stop, "square-ap", MORNING_S + 700)
    assert square[Attribute.ACCT_INPUT_OCTETS] == 5
    assert square[Attribute.ACCT_OUTPUT_OCTETS] == 7
    assert square[Attribute.ACCT_OUTPUT_GIGAWORDS] == 1
    assert square[Attribute.EVENT_TIMESTAMP] == MORNING_S + 700
    assert square[Attribute.ACCT_TERMINATE_CAUSE] == 1
    assert Attribute.ACCT_DELAY_TIME not in square
    market = numbers(stop, "market-ap", MORNING_S + 703.5)
    assert market[Attribute.ACCT_INPUT_OCTETS] == 7
    assert market[Attribute.ACCT_DELAY_TIME] == 3
    assert Attribute.EVENT_TIMESTAMP not in market
    riverside = numbers(stop, "riverside-ap", MORNING_S + 700)
    assert riverside[Attribute.EVENT_TIMESTAMP] == 700
    assert Attribute.ACCT_OUTPUT_GIGAWORDS not in riverside
