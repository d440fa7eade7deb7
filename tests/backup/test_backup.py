import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cli import main
from edge.config.backup import Backup
from edge.core.errors import PermanentError, TransientError
from provisioning.backup.folder import save_folder
from provisioning.backup.manifest import NAME, Kept, Manifest, read_manifest
from provisioning.backup.work import UNFINISHED, check, finished, make, restore

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)


def config(tmp_path: Path, keep: int = 14) -> Backup:
    parts = [
        {"id": "console", "kind": "folder", "path": str(tmp_path / "console")},
        {"id": "broker", "kind": "folder", "path": str(tmp_path / "broker")},
    ]
    return Backup.model_validate({"folder": str(tmp_path / "backups"), "keep": keep, "part": parts})


def centre(tmp_path: Path) -> None:
    (tmp_path / "console" / "audit").mkdir(parents=True)
    (tmp_path / "console" / "users.json").write_text('{"lan": "operator"}')
    (tmp_path / "console" / "users.json").chmod(0o600)
    (tmp_path / "console" / "audit" / "1.log").write_bytes(bytes(range(256)) * 100)
    with sqlite3.connect(tmp_path / "console" / "store.db") as database:
        database.execute("CREATE TABLE silences (id TEXT)")
        database.execute("INSERT INTO silences VALUES ('lamp-07')")
    database.close()
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "mosquitto.db").write_bytes(b"\x00\xb5\x00mosquitto db")


def quiet(_text: str) -> None:
    pass


def test_what_was_lost_is_back_after_a_restore_with_its_modes_and_databases(tmp_path: Path) -> None:
    centre(tmp_path)
    folder = make(config(tmp_path), "0.1.0", NOW, quiet)
    (tmp_path / "console" / "users.json").write_text("{}")
    (tmp_path / "console" / "audit" / "1.log").unlink()
    (tmp_path / "console" / "store.db").write_bytes(b"")
    assert restore(folder, config(tmp_path), (), quiet) == ["console", "broker"]
    assert (tmp_path / "console" / "users.json").read_text() == '{"lan": "operator"}'
    assert (tmp_path / "console" / "users.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "console" / "audit" / "1.log").read_bytes() == bytes(range(256)) * 100
    with sqlite3.connect(tmp_path / "console" / "store.db") as database:
        assert database.execute("SELECT id FROM silences").fetchall() == [("lamp-07",)]
    database.close()
    assert (tmp_path / "console.before-restore" / "users.json").read_text() == "{}"


def test_a_part_comes_back_alone_and_the_others_stay_as_they_are(tmp_path: Path) -> None:
    centre(tmp_path)
    folder = make(config(tmp_path), "0.1.0", NOW, quiet)
    (tmp_path / "console" / "users.json").write_text("changed")
    (tmp_path / "broker" / "mosquitto.db").write_text("changed")
    assert restore(folder, config(tmp_path), ("broker",), quiet) == ["broker"]
    assert (tmp_path / "broker" / "mosquitto.db").read_bytes() == b"\x00\xb5\x00mosquitto db"
    assert (tmp_path / "console" / "users.json").read_text() == "changed"


WRITER = """
import sqlite3, sys
writer = sqlite3.connect(sys.argv[1])
writer.execute("PRAGMA journal_mode=WAL")
writer.execute("CREATE TABLE pairs (a INTEGER, b INTEGER)")
writer.commit()
print("writing", flush=True)
number = 0
while True:
    with writer:
        writer.execute("INSERT INTO pairs VALUES (?, -1)", (number,))
        writer.execute("UPDATE pairs SET b = a WHERE a = ?", (number,))
    number += 1
"""


def test_a_database_that_is_being_written_is_saved_whole(tmp_path: Path) -> None:
    # Another process writes: two SQLite libraries in one would take each other's locks away.
    (tmp_path / "data").mkdir()
    command = [sys.executable, "-c", WRITER, str(tmp_path / "data" / "store.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        try:
            for number in range(5):
                save_folder(tmp_path / "data", tmp_path / f"saved-{number}")
        finally:
            writer.kill()
    for number in range(5):
        assert [one.name for one in (tmp_path / f"saved-{number}").iterdir()] == ["store.db"]
        with sqlite3.connect(tmp_path / f"saved-{number}" / "store.db") as saved:
            assert saved.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert saved.execute("SELECT count(*) FROM pairs WHERE a != b").fetchall() == [(0,)]
        saved.close()


@pytest.mark.parametrize("harm", ["one byte", "shorter", "gone", "no manifest", "half a manifest"])
def test_a_damaged_back_up_is_named_and_restores_nothing(tmp_path: Path, harm: str) -> None:
    centre(tmp_path)
    folder = make(config(tmp_path), "0.1.0", NOW, quiet)
    (tmp_path / "console" / "users.json").write_text("now")
    log, manifest = folder / "console" / "audit" / "1.log", folder / NAME
    match harm:
        case "one byte":
            log.write_bytes(b"\x01" + log.read_bytes()[1:])
        case "shorter":
            log.write_bytes(log.read_bytes()[:-1])
        case "gone":
            log.unlink()
        case "no manifest":
            manifest.unlink()
        case "half a manifest":
            manifest.write_text(manifest.read_text()[:100])
    with pytest.raises(PermanentError, match=r"take another|no complete back-up"):
        restore(folder, config(tmp_path), (), quiet)
    assert (tmp_path / "console" / "users.json").read_text() == "now"


def test_only_so_many_back_ups_stay_and_unfinished_ones_go(tmp_path: Path) -> None:
    centre(tmp_path)
    (tmp_path / "backups" / f"20260101T000000Z{UNFINISHED}").mkdir(parents=True)
    for day in range(5):
        make(config(tmp_path, keep=3), "0.1.0", NOW + timedelta(days=day), quiet)
    names = [one.name for one in sorted((tmp_path / "backups").iterdir())]
    assert names == ["20261130T020000Z", "20261201T020000Z", "20261202T020000Z"]


def test_a_back_up_that_fails_leaves_those_before_it(tmp_path: Path) -> None:
    centre(tmp_path)
    first = make(config(tmp_path, keep=1), "0.1.0", NOW, quiet)
    (tmp_path / "broker" / "mosquitto.db").unlink()
    (tmp_path / "broker").rmdir()
    with pytest.raises(PermanentError, match="broker is not there"):
        make(config(tmp_path, keep=1), "0.1.0", NOW + timedelta(days=1), quiet)
    assert finished(tmp_path / "backups") == [first]
    assert [one.name for one in (tmp_path / "backups").iterdir()] == [first.name]
    check(first)


def test_a_second_restore_does_not_lose_what_the_first_put_aside(tmp_path: Path) -> None:
    centre(tmp_path)
    folder = make(config(tmp_path), "0.1.0", NOW, quiet)
    restore(folder, config(tmp_path), ("console",), quiet)
    with pytest.raises(PermanentError, match="before-restore is still there"):
        restore(folder, config(tmp_path), ("console",), quiet)


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=20), st.integers(0, 2**60)), max_size=20),
    st.text(max_size=20),
)
def test_a_manifest_reads_as_it_was_written(files: list[tuple[str, int]], version: str) -> None:
    kept = tuple(Kept(path, size, "0" * 64) for path, size in files)
    manifest = Manifest("2026-11-28T02:00:00Z", version, (("console", "folder"),), kept)
    found = json.loads(manifest.text())
    assert [(one["path"], one["bytes"]) for one in found["files"]] == files


def written(tmp_path: Path, text: str) -> str:
    file = tmp_path / "backup.toml"
    file.write_text(text)
    return str(file)


def test_the_commands_make_list_check_and_restore(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    centre(tmp_path)
    part = f'[[part]]\nid = "console"\nkind = "folder"\npath = "{tmp_path}/console"\n'
    file = written(tmp_path, f'folder = "{tmp_path}/backups"\n{part}')
    assert main(["backup", "make", "-c", file, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["files"] == 3
    assert main(["backup", "check", made["folder"]]) == 0
    assert capsys.readouterr().out.startswith("whole: 3 files of ")
    assert main(["backup", "list", "-c", file]) == 0
    assert made["folder"] in capsys.readouterr().out
    assert main(["backup", "restore", made["folder"], "-c", file, "--part", "grafana"]) == 1
    assert "no part 'grafana' in the file: it has console" in capsys.readouterr().err
    assert main(["backup", "restore", made["folder"], "-c", file]) == 0
    assert read_manifest(Path(made["folder"])).parts == (("console", "folder"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('folder = "b"\n[[part]]\nid = "a"\nkind = "folder"\npath = "/a"\n', "folder must begin with /"),
        ('folder = "/a/b"\n[[part]]\nid = "a"\nkind = "folder"\npath = "/a"\n', "lies inside part a"),
        ('folder = "/b"\n[[part]]\nid = "a"\nkind = "floppy"\n', "must be"),
        (
            'folder = "/b"\n[[part]]\nid = "a"\nkind = "influxdb2"\nurl = "http://127.0.0.1:8086"\n',
            "token_file",
        ),
        ('folder = "/b"\nkeeps = 3\n[[part]]\nid = "a"\nkind = "influxdb1"\n', "did you mean 'keep'?"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    assert main(["backup", "make", "-c", written(tmp_path, text)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    centre(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "backups"))

    monkeypatch.setattr("provisioning.backup.folder.shutil.copyfile", full)
    with pytest.raises(TransientError, match="No space left on device"):
        make(config(tmp_path), "0.1.0", NOW, quiet)
    assert list((tmp_path / "backups").iterdir()) == []
