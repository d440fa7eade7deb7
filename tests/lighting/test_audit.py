"""The audit log: its chain, its turning over, what a power cut and a forger leave, and how it is read."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cli import main
from edge.lighting.audit import AuditFile
from edge.lighting.chain import NAME, START, entries, entry_hash, verify
from tests.lighting.town import NIGHT, Town
from tests.virtual import run_virtual

FIELDS = st.dictionaries(st.text("abcé", min_size=1), st.one_of(st.integers(), st.text(), st.none()))


def written(directory: Path, number: int, bytes_max: int = 10**6) -> AuditFile:
    log = AuditFile(directory, bytes_max)
    for n in range(number):
        log.write("command", (("at_ns", NIGHT + n * 10**9), ("target", f"lamp-{n}"), ("by", "Hòa")))
    log.close()
    return log


@given(st.lists(FIELDS, max_size=20), st.integers(1, 20))
def test_whatever_is_written_in_however_many_runs_is_one_whole_chain(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], runs: int
):
    directory = tmp_path_factory.mktemp("audit")
    for number, row in enumerate(rows):
        if number % runs == 0:
            log = AuditFile(directory)
        log.write("note", tuple(row.items()))
        if number % runs == runs - 1 or number == len(rows) - 1:
            log.close()
    assert verify(directory).broken == ""
    assert [entry["number"] for entry in entries(directory)] == list(range(1, len(rows) + 1))


def test_the_chain_is_sha_256_over_the_hash_before_and_the_canonical_entry(tmp_path: Path):
    written(tmp_path, 1)
    entry = json.loads((tmp_path / NAME).read_text("utf-8"))
    digest, prev = entry.pop("hash"), entry.pop("prev")
    assert (prev, digest) == (START.hash, entry_hash(START.hash, entry))


@pytest.mark.parametrize(
    ("damage", "line", "why"),
    [
        (lambda lines: [lines[0], lines[1].replace(b"lamp-1", b"lamp-9"), *lines[2:]], 2, "content"),
        (lambda lines: [lines[0], *lines[2:]], 2, "follow"),
        (lambda lines: lines[1:], 1, "follow|content"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], 1, "follow|content"),
        (lambda lines: [lines[0], lines[0], *lines[1:]], 2, "follow"),
        (lambda lines: [lines[0], b"{}\n", *lines[1:]], 2, "not an entry"),
        (lambda lines: [lines[0], b"\xff\n", *lines[1:]], 2, "not an entry"),
    ],
)
def test_the_first_broken_line_is_named(tmp_path: Path, damage, line: int, why: str):
    written(tmp_path, 4)
    file = tmp_path / NAME
    file.write_bytes(b"".join(damage(file.read_bytes().splitlines(keepends=True))))
    broken = verify(tmp_path).broken
    assert broken.startswith(f"{file}:{line}:")
    assert any(word in broken for word in why.split("|"))


def test_a_line_that_a_power_cut_tore_is_cut_off_and_said(tmp_path: Path):
    written(tmp_path, 3)
    file = tmp_path / NAME
    file.write_bytes(file.read_bytes() + b'{"kind":"comm')
    assert verify(tmp_path) == verify(tmp_path)
    assert verify(tmp_path).broken == ""
    written(tmp_path, 1)
    assert verify(tmp_path).broken == ""
    assert [entry["kind"] for entry in entries(tmp_path)] == ["command"] * 3 + ["torn", "command"]


def test_a_full_file_is_turned_over_and_the_chain_goes_on(tmp_path: Path):
    written(tmp_path, 200, bytes_max=4_000)
    assert {path.name for path in tmp_path.iterdir()} == {NAME, f"{NAME}.1"}
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 10_000
    found = verify(tmp_path)
    assert found.broken == ""
    numbers = [entry["number"] for entry in entries(tmp_path)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[0] > 1
    assert [entry.get("target") for entry in entries(tmp_path)][-1] == "lamp-199"


@pytest.mark.parametrize("cut", [NAME, f"{NAME}.1"])
def test_the_start_of_a_file_cannot_be_cut_off_unseen(tmp_path: Path, cut: str):
    written(tmp_path, 200, bytes_max=4_000)
    lines = (tmp_path / cut).read_bytes().splitlines(keepends=True)
    (tmp_path / cut).write_bytes(b"".join(lines[1:]))
    assert verify(tmp_path).broken.startswith(f"{tmp_path / cut}:1: it does not follow")


def test_a_missing_older_file_is_seen(tmp_path: Path):
    written(tmp_path, 200, bytes_max=4_000)
    (tmp_path / f"{NAME}.1").unlink()
    assert verify(tmp_path).broken.startswith(f"{tmp_path / NAME}:1:")


def test_a_log_that_cannot_be_written_does_not_stop_the_lamps(tmp_path: Path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    log = AuditFile(blocked)
    log.write("command", ())
    log.write("command", ())
    assert caplog.text.count("cannot be written") == 1


TOML = """
[gateway]
id = "gw"
latitude = 17.7556
longitude = 106.4231
data_dir = "{directory}"

[[bus]]
id = "b"
kind = "tcp"
host = "127.0.0.1"
port = 5020

[[device]]
id = "lamp-1"
profile = "ecodim-dali-gw2"
bus = "b"

[[device]]
id = "lamp-2"
profile = "ecodim-dali-gw2"
bus = "b"
sub_address = 1

[[group]]
id = "street"
devices = ["lamp-1"]
"""


def night_of_commands(directory: Path) -> Path:
    """A gateway.toml beside the log of a night in a town of two lamps."""

    async def night() -> None:
        town = Town(["lamp-1", "lamp-2"], NIGHT)
        log = town.notes = AuditFile(directory)  # type: ignore[assignment]
        async with town.start() as run:
            await run.wait(2)
            await run.give("street", level=40.0, for_s=600.0)
            await run.give("lamp-2", level=100.0, emergency=True, source="local")
            await run.wait(700)
        log.close()

    run_virtual(night())
    file = directory / "gateway.toml"
    file.write_text(TOML.format(directory=directory), "utf-8")
    return file


def test_the_history_of_a_lamp_is_told_in_local_time_and_leaves_out_the_others(tmp_path: Path, capsys):
    file = night_of_commands(tmp_path)
    assert main(["light", "history", "lamp-1", "-c", str(file)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split("  ", 1)[1] for line in said] == [
        "lighting starts: 2 lamps",
        "program gives 2 lamps 100 % (sunset)",
        "an (mqtt) sets street to 40 % for 10 min: lamp-1, before 100 %",
        "verified: street, by an (mqtt): 40 %",
        "over: 40 % on street, by an: lamp-1, now 100 % (program, sunset)",
    ]
    assert said[0].startswith("2026-11-23 20:00:00")
    assert said[4].startswith("2026-11-23 20:10:02")


def test_the_history_as_json_and_since(tmp_path: Path, capsys):
    file = night_of_commands(tmp_path)
    options = ["--since", "2026-11-23T20:05", "--json", "-c", str(file)]
    assert main(["light", "history", "street", *options]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["kind"], row["at"]) for row in rows] == [
        ("expired", "2026-11-23T13:10:02Z"),
    ]
    assert (rows[0]["then"], rows[0]["source"], rows[0]["why"]) == (100, "program", "sunset")
    assert not {"hash", "prev"} & rows[0].keys()


def test_audit_verify_says_whole_or_names_the_line(tmp_path: Path, capsys):
    file = night_of_commands(tmp_path)
    assert main(["audit", "verify", "-c", str(file)]) == 0
    assert capsys.readouterr().out.startswith("whole: ")
    log = tmp_path / NAME
    log.write_bytes(log.read_bytes().replace(b'"level":40.0', b'"level":90.0', 1))
    assert main(["audit", "verify", "--json", "-c", str(file)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    assert found["broken"].startswith(f"{log}:3:")


def test_a_wrong_since_and_a_wrong_target_say_what_to_do(tmp_path: Path, capsys):
    file = night_of_commands(tmp_path)
    assert main(["light", "history", "lamp-1", "--since", "soon", "-c", str(file)]) == 2
    assert "correct --since" in capsys.readouterr().err
    assert main(["light", "history", "lamp-9", "-c", str(file)]) == 2
    assert "lamps lamp-1, lamp-2" in capsys.readouterr().err


def test_what_is_written_after_the_end_leaves_no_file_open(tmp_path: Path) -> None:
    log = AuditFile(tmp_path)
    log.write("started", ())
    log.close()
    log.write("raised", (("target", "lamp-1"),))
    assert [entry["kind"] for entry in entries(tmp_path)][-1] == "raised"
    assert not [one for one in Path("/proc/self/fd").iterdir() if _leads_to(one, tmp_path / NAME)]
    log.stay_open()
    log.write("started", ())
    assert [one for one in Path("/proc/self/fd").iterdir() if _leads_to(one, tmp_path / NAME)]
    log.close()


def _leads_to(descriptor: Path, file: Path) -> bool:
    try:
        return descriptor.readlink() == file
    except OSError:
        return False
