"""The spool: bounds, order, and power cuts between any two calls of the system."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_sync.reports.spool import SENT, WAITING, Dropped, Spool


def name(nth: int) -> str:
    return f"QB_BD_KK_202601010{nth:05}.txt"


def content(nth: int) -> bytes:
    return b"line\n" * (nth % 7 + 1)


def spool(folder: Path, files_max: int = 100, bytes_max: int = 10**9) -> Spool:
    made = Spool(folder, files_max, bytes_max)
    made.open()
    return made


def test_files_leave_in_the_order_of_their_time_whoever_they_are_called_after(tmp_path: Path) -> None:
    one = spool(tmp_path)
    for text in ("B_x_y_20260101000500.txt", "A_x_y_20260101001000.txt", "C_x_y_20260101000000.txt"):
        one.put(text, b"x")
    (tmp_path / WAITING / "readme.txt").write_text("not one of them")
    for again in (one, spool(tmp_path)):
        assert (again.oldest, again.newest) == ("C_x_y_20260101000000.txt", "A_x_y_20260101001000.txt")
        assert (again.waiting, again.kept) == (3, 3)


def test_what_was_sent_stays_sent_and_is_kept(tmp_path: Path) -> None:
    one = spool(tmp_path)
    one.put(name(1), b"a")
    one.put(name(2), b"b")
    one.mark_sent(name(1))
    for again in (one, spool(tmp_path)):
        assert (again.oldest, again.last_sent, again.kept) == (name(2), name(1), 2)
        assert again.has(name(1))
    assert (tmp_path / SENT / name(1)).read_bytes() == b"a"


def test_a_mark_that_came_half_is_made_whole_by_the_next_try(tmp_path: Path) -> None:
    one = spool(tmp_path)
    one.put(name(1), b"a")
    with patch("os.fsync", side_effect=OSError(5, "I/O error")), pytest.raises(OSError):
        one.mark_sent(name(1))
    one.mark_sent(name(1))
    assert (one.waiting, one.last_sent) == (0, name(1))
    with pytest.raises(FileNotFoundError):
        one.mark_sent(name(2))


def test_too_old_ones_leave_and_only_those_that_nobody_had_are_counted(tmp_path: Path) -> None:
    one = spool(tmp_path)
    for nth in range(6):
        one.put(name(nth), b"x")
    for nth in (0, 3, 4):
        one.mark_sent(name(nth))
    assert one.trim("20260101000004") == Dropped(2, "20260101000001", "20260101000002")
    assert {path.name for path in tmp_path.rglob("*.txt")} == {name(4), name(5)}
    assert (one.kept, one.waiting) == (2, 1)


@pytest.mark.parametrize(("files_max", "bytes_max"), [(2, 10**9), (100, 2 * 4096)])
def test_above_its_bounds_sent_ones_leave_first_then_the_oldest_that_wait(
    tmp_path: Path, files_max: int, bytes_max: int
) -> None:
    one = spool(tmp_path, files_max, bytes_max)
    for nth in range(5):
        one.put(name(nth), b"x" * 100)
    one.mark_sent(name(4))
    assert one.trim("") == Dropped(2, name(0)[-18:-4], name(1)[-18:-4])
    assert sorted(path.name for path in tmp_path.rglob("*.txt")) == [name(2), name(3)]
    assert one.trim("") == Dropped(0, "", "")


def test_a_stranger_with_a_time_that_no_calendar_has_is_left_alone(tmp_path: Path) -> None:
    kept = spool(tmp_path)
    for stranger in ("QB_A_K_20261399999999.txt", "QB_A_K_00000101000000.txt", "notes.txt"):
        (tmp_path / WAITING / stranger).write_text("?")
    kept.look()
    assert (kept.kept, kept.newest) == (0, None)


def test_a_file_that_somebody_took_away_is_passed_over(tmp_path: Path) -> None:
    one = spool(tmp_path)
    one.put(name(1), b"a")
    (tmp_path / WAITING / name(1)).unlink()
    assert one.read(name(1)) is None
    assert one.oldest is None


class PowerCut(BaseException):
    """The machine stops."""


class Power:
    """Lets so many calls of the system through; the one after them is the last, done or not.

    What was not brought to the disk by then is half there.
    """

    def __init__(self, folder: Path, calls: int, is_done: bool) -> None:
        self.left, self._is_done, self._folder = calls, is_done, folder
        self._durable = {path.stat().st_ino for path in folder.rglob("*.*")}

    def fsync(self, descriptor: int) -> None:
        self._durable.add(os.fstat(descriptor).st_ino)

    def tear(self) -> None:
        for path in self._folder.rglob("*.*"):
            if path.stat().st_ino not in self._durable:
                os.truncate(path, path.stat().st_size // 2)

    def through(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                if self._is_done and self.left == -1:
                    real(*arguments, **more)
                raise PowerCut
            return real(*arguments, **more)

        return call


steps = st.lists(
    st.tuples(st.sampled_from(["put", "put", "send", "trim"]), st.integers(0, 30)), min_size=1, max_size=12
)


@settings(max_examples=150)
@given(st.lists(st.tuples(steps, st.integers(0, 20), st.booleans()), min_size=1, max_size=4))
def test_a_power_cut_at_any_moment_loses_doubles_and_halves_nothing(
    lives: list[tuple[list[tuple[str, int]], int, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        promised: dict[str, str] = {}
        for life, calls, is_done in lives:
            _live(Path(folder), life, Power(Path(folder), calls, is_done), promised)
            _check(Path(folder), promised)


def _live(folder: Path, life: list[tuple[str, int]], power: Power, promised: dict[str, str]) -> None:
    with (
        patch("os.fsync", power.through(power.fsync)),
        patch("os.replace", power.through(os.replace)),
        patch("os.unlink", power.through(os.unlink)),
    ):
        try:
            one = spool(folder, files_max=8)
            for what, nth in life:
                if what == "put" and not one.has(name(nth)):
                    one.put(name(nth), content(nth))
                    promised[name(nth)] = WAITING
                elif what == "send" and one.oldest:
                    sent = one.oldest
                    promised[sent] = "either"
                    one.mark_sent(sent)
                    promised[sent] = SENT
                elif what == "trim":
                    before = dict(promised)
                    promised.clear()  # any of them may be gone if the power goes now
                    one.trim("")
                    there = {path.name for path in folder.rglob("*.txt")}
                    promised.update({key: where for key, where in before.items() if key in there})
                    assert len(there) <= 8
        except PowerCut:
            power.tear()


def _check(folder: Path, promised: dict[str, str]) -> None:
    waiting, sent = ({path.name for path in (folder / of).glob("*.txt")} for of in (WAITING, SENT))
    assert not waiting & sent
    for path in folder.rglob("*.txt"):
        assert path.read_bytes() == content(int(path.stem[-5:]))
    for key, where in promised.items():
        assert key in {WAITING: waiting, SENT: sent, "either": waiting | sent}[where]
    again = spool(folder)
    assert (again.waiting, again.kept) == (len(waiting), len(waiting | sent))
    assert not list(folder.rglob("*.part"))
    assert again.oldest == min(waiting, default=None)
