"""`gianh set-address` as somebody types it: what it asks, says and gives back to the shell."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.cli import main
from provisioning.address.journal import Entry, Journal, Step
from simulators.cabinet_device import Follows
from tests.provisioning.address_bench import Bench, one

TOML = """\
[gateway]
id = "gw-practice"
latitude = 17.7
longitude = 106.4
data_dir = "data"

[[bus]]
id = "line-1"
kind = "rtu"
port = "/dev/cabinet"  # behind the door

[[device]]
id = "climate"
profile = "xy-md02"
bus = "line-1"
address = 20  # in the shade

[[device]]
id = "supply"
profile = "pzem-016"
bus = "line-1"
address = 12
"""

MOVE = ("line-1", "--unit", "20", "--to", "21", "--profile", "xy-md02")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """One device on the line of a gateway that does not run."""
    made = Bench([one("xy-md02", 20)])
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GIANH_CONFIG", raising=False)
    monkeypatch.setattr("edge.cli.set_address.RealLines", lambda place: made)
    Path("gateway.toml").write_text(TOML)
    return made


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal: what is written here is what somebody types."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "r") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield ours
    os.close(ours)


def set_address(*words: str) -> int:
    return main(["set-address", *words])


def test_a_dry_run_shows_what_would_be_written_and_writes_nothing(bench: Bench, capsys):
    assert set_address(*MOVE, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "would write unit id 21: register 0x0101 = 0x0015, frame 14 06 01 01 00 15 1A FC" in said
    assert "answers alone at unit 20" in said
    assert said.endswith("nothing was written\n")
    assert bench.written == []
    assert not Path("data").exists()
    assert set_address(*MOVE, "--dry-run", "--json") == 0
    (write,) = json.loads(capsys.readouterr().out)["writes"]
    assert (write["register"], write["values"]) == (0x0101, [21])


def test_no_at_the_question_is_no_wrong_usage(bench: Bench, typed: int, capsys):
    os.write(typed, b"n\n")
    assert set_address(*MOVE) == 1
    said = capsys.readouterr()
    assert "unverified: the rule" in said.out
    assert "when it starts: its power has to be taken away" in said.out
    assert said.err.endswith("write this? [y/N] nothing was written\n")
    assert bench.written == []


def test_where_nobody_can_be_asked_it_says_what_to_say(bench: Bench, capsys):
    assert set_address(*MOVE) == 2
    assert "say --yes, or --dry-run" in capsys.readouterr().err
    assert bench.written == []


def test_gateway_toml_is_changed_where_somebody_wants_it(bench: Bench, typed: int, capsys):
    os.write(typed, b"y\ny\n")
    assert set_address(*MOVE) == 0
    assert "gateway.toml has climate at address 21: `gianh reload`" in capsys.readouterr().out
    assert Path("gateway.toml").read_text() == TOML.replace("= 20 ", "= 21 ")


def test_a_device_that_follows_later_waits_for_whoever_takes_its_power(
    bench: Bench, typed: int, capsys, monkeypatch: pytest.MonkeyPatch
):
    bench.devices = [one("xy-md02", 20, Follows.AFTER_RESTART)]
    write = Journal.write

    def written(self: Journal, entry: Entry) -> None:
        write(self, entry)
        if entry.step is Step.RESTART:
            bench.devices[0].restart()
            os.write(typed, b"\n")

    monkeypatch.setattr(Journal, "write", written)
    assert set_address(*MOVE, "--yes") == 0
    assert "away for five seconds, then press Enter: " in capsys.readouterr().err


def test_without_anybody_there_the_change_waits_and_the_same_command_ends_it(bench: Bench, capsys):
    bench.devices = [one("xy-md02", 20, Follows.AFTER_RESTART)]
    assert set_address(*MOVE, "--yes") == 1
    assert "take its power away for five seconds, then run the same command again" in capsys.readouterr().err
    assert set_address(*MOVE, "--dry-run") == 2
    assert "a change was interrupted" in capsys.readouterr().err
    bench.devices[0].restart()
    for said in ("is at unit 21 at 9600 8N1\n", "already: this was done before\n"):
        assert set_address(*MOVE, "--yes") == 0
        assert said in capsys.readouterr().out
    assert len(bench.written) == 1


def test_a_device_that_is_gone_holds_nobody_up(bench: Bench, capsys):
    bench.devices = [one("xy-md02", 20, Follows.AFTER_RESTART)]
    assert set_address(*MOVE, "--yes") == 1
    bench.devices = [one("pzem-016", 1)]  # the other one was broken, and went back to the maker
    other = ("line-1", "--unit", "1", "--to", "30", "--profile", "pzem-016", "--yes")
    assert set_address(*other) == 1
    assert "If that device is gone, --forget goes on without it" in capsys.readouterr().err
    assert set_address(*other, "--forget") == 0
    assert "forgotten: a change was interrupted" in capsys.readouterr().out
    assert bench.devices[0].at.unit == 30
    assert set_address("line-1", "--forget") == 2
    assert "nothing to forget" in capsys.readouterr().err


def test_the_last_change_is_taken_back(bench: Bench, capsys):
    assert set_address("line-1", "--undo", "--yes") == 2
    assert "no change on this line is known" in capsys.readouterr().err
    assert set_address(*MOVE, "--yes") == 0
    capsys.readouterr()
    assert set_address("line-1", "--undo", "--yes") == 0
    assert "answers alone at unit 20 at 9600 8N1, and nobody at unit 21" in capsys.readouterr().out
    assert set_address("line-1", "--undo", "--unit", "20") == 2
    assert "give it nothing but the line" in capsys.readouterr().err
    assert Journal(next(Path("data").glob("gianh-address-*.json"))).under_way() is None


def test_an_address_of_gateway_toml_is_not_given_to_another_device(bench: Bench, capsys):
    move = (*MOVE[:4], "12", *MOVE[5:])
    assert set_address(*move, "--yes") == 2
    assert "supply (pzem-016) at address 12 of line-1, perhaps without power" in capsys.readouterr().err
    assert bench.written == []


def test_line_settings_behind_a_converter_are_refused(bench: Bench, capsys):
    assert set_address("10.1.2.3:502", "--unit", "20", "--to-baudrate", "4800", "--yes") == 2
    assert "the line behind 10.1.2.3:502 has the settings of its converter" in capsys.readouterr().err
    bench.devices = [one("xy-md02", 20)]
    assert set_address("10.1.2.3:502", *MOVE[1:], "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)["baudrate"] is None
    assert bench.devices[0].at.unit == 21
