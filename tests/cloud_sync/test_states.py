from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.mqtt.states import Due
from cloud_sync.mqtt.wire import probe_s
from edge.core.model import DeviceState

SECOND_NS = 10**9


def state(device: str, value: float) -> DeviceState:
    return DeviceState(device, True, 0, (("level", value),))


def test_the_first_state_goes_at_once_and_the_next_after_the_interval() -> None:
    due = Due(1)
    due.put(state("a", 1))
    assert due.take(0) == [state("a", 1)]
    due.put(state("a", 2))
    due.put(state("a", 3))
    assert due.take(SECOND_NS // 2) == []
    assert due.wait_s(SECOND_NS // 2) == 0.5
    assert due.take(SECOND_NS) == [state("a", 3)]
    assert due.wait_s(SECOND_NS) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.integers(0, 10**9))))
def test_each_device_is_published_at_most_once_an_interval_and_ends_with_its_newest(
    steps: list[tuple[str, int, int]],
) -> None:
    due, now_ns = Due(1), 0
    newest: dict[str, DeviceState] = {}
    sent: dict[str, list[tuple[int, DeviceState]]] = {}
    for device, value, pause_ns in [*steps, ("a", 9, 10**10)]:
        newest[device] = state(device, value)
        due.put(newest[device])
        now_ns += pause_ns
        for one in due.take(now_ns):
            sent.setdefault(one.device, []).append((now_ns, one))
    for device, times in sent.items():
        assert all(later[0] - sooner[0] >= SECOND_NS for sooner, later in pairwise(times))
        assert times[-1][1] == newest[device]


@given(st.integers(5, 3600))
def test_a_dead_connection_is_noticed_within_one_and_a_half_keepalives(keepalive_s: int) -> None:
    looks_every_s = 1
    assert 2 * probe_s(keepalive_s) + looks_every_s <= 1.5 * keepalive_s
