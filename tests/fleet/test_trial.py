import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cli import main
from edge.cli import run as run_module
from edge.config.load import Loaded, load
from edge.core.errors import ConfigError, TransientError
from edge.core.fleet import Phase
from provisioning.fleet import trial as trial_module
from provisioning.fleet.bundle import Bundle
from provisioning.fleet.trial import START_S, STARTS_MAX, Before, TrialFiles

OLD = '[gateway]\nid = "gw-a"\nlatitude = 17.75\nlongitude = 106.42\n'
NEW = OLD.replace("17.75", "17.76")
NOW_NS = 2
BUNDLE = Bundle("gw-a", 1, "2026-11-28T02:00:00Z", 120.0, NEW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "gateway.toml"
    file.write_text(OLD)
    return file


def files(file: Path) -> TrialFiles:
    return TrialFiles(file, lambda one: load(one).config)


def begin(file: Path, bundle: Bundle, at_ns: int = 1) -> None:
    """As a gateway takes a bundle: judged, then put in place."""
    files(file).judged(bundle)
    files(file).begin(bundle, "fleet@signing", at_ns)


def test_what_is_kept_stays_and_what_is_not_goes_back(file: Path) -> None:
    begin(file, BUNDLE)
    assert file.read_text() == NEW
    assert files(file).state().phase is Phase.TRIAL
    files(file).keep(2)
    assert (files(file).state().phase, files(file).state().changed) == (Phase.KEPT, False)
    begin(file, replace(BUNDLE, version=2, config=OLD), 3)
    files(file).give_back("lamp-01 is silent", 4)
    assert file.read_text() == NEW
    state = files(file).state()
    assert (state.phase, state.version, state.reason) == (Phase.RETURNED, 2, "lamp-01 is silent")


@pytest.mark.parametrize("kept", [True, False])
def test_a_change_by_hand_is_seen_and_not_replaced_without_a_word(file: Path, kept: bool) -> None:
    begin(file, BUNDLE)
    files(file).keep(2) if kept else files(file).give_back("not well", 2)
    assert not files(file).state().changed
    file.write_text(file.read_text() + "# mine\n")
    assert files(file).state().changed
    with pytest.raises(ConfigError, match=r"changed on the gateway itself after version 1: .*--over-local"):
        begin(file, replace(BUNDLE, version=2))
    assert file.read_text().endswith("# mine\n")
    begin(file, replace(BUNDLE, version=2, over_local=True))
    assert file.read_text() == NEW


def test_what_a_gateway_reached_before_a_trial_outlives_its_restart(file: Path) -> None:
    before = Before(("lamp-1", "meter"), ("mqtt",), console=True)
    files(file).begin(BUNDLE, "fleet@signing", 1, before)
    assert files(file).record.before == before


@pytest.mark.parametrize(("late_s", "reason"), [(0, ""), (1, "its time was over")])
def test_a_trial_that_a_loss_of_power_made_too_long_goes_back_at_the_start(
    file: Path, late_s: int, reason: str
) -> None:
    begin(file, BUNDLE)
    over_ns = 1 + round((BUNDLE.trial_s + START_S) * 1e9)
    assert files(file).at_start(over_ns + late_s * 1_000_000_000).startswith(reason)
    assert file.read_text() == (OLD if reason else NEW)


@pytest.mark.parametrize("version", [0, 1])
def test_a_version_comes_once(file: Path, version: int) -> None:
    begin(file, BUNDLE)
    files(file).give_back("not well", 2)
    with pytest.raises(ConfigError, match="is not newer than 1"):
        begin(file, replace(BUNDLE, version=version), 3)
    assert file.read_text() == OLD


def test_a_configuration_with_faults_changes_nothing_and_is_told_with_its_lines(file: Path) -> None:
    wrong = replace(BUNDLE, config=NEW + "[mqtt]\nurl = 'mqtt://h'\nkeepalive = 3\n")
    with pytest.raises(ConfigError, match=r"refused: line 7: mqtt.keepalive: unknown key.*keepalive_s"):
        begin(file, wrong)
    assert file.read_text() == OLD
    assert [one.name for one in file.parent.iterdir()] == ["gateway.toml"]


def test_a_gateway_that_starts_again_and_again_on_trial_goes_back(file: Path) -> None:
    begin(file, BUNDLE)
    for _ in range(STARTS_MAX):
        assert files(file).at_start(NOW_NS) == ""
        assert file.read_text() == NEW
    assert "was started 3 times" in files(file).at_start(NOW_NS)
    assert file.read_text() == OLD
    assert files(file).at_start(NOW_NS) == ""


def test_a_configuration_that_stopped_loading_goes_back_at_the_start(file: Path) -> None:
    for name in ("c", "k"):
        (file.parent / name).write_text(name)
    config = NEW + "[http]\ncert_file = 'c'\nkey_file = 'k'\n"
    begin(file, replace(BUNDLE, config=config))
    (file.parent / "c").unlink()
    assert "does not load" in files(file).at_start(NOW_NS)
    assert file.read_text() == OLD


class Cut(Exception):
    """The power goes."""


@given(st.integers(0, 8), st.booleans())
def test_after_a_power_cut_at_any_write_there_is_one_whole_configuration(
    tmp_path_factory: pytest.TempPathFactory, writes: int, kept: bool
) -> None:
    file = tmp_path_factory.mktemp("cut") / "gateway.toml"
    file.write_text(OLD)
    left = [writes]
    real = trial_module.write_owned

    def write(path: Path, content: bytes, mode: int = 0o600) -> None:
        if left[0] == 0:
            raise Cut
        left[0] -= 1
        real(path, content, mode)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial_module, "write_owned", write)
        try:
            begin(file, BUNDLE)
            files(file).keep(2) if kept else files(file).give_back("not well", 2)
        except Cut:
            pass
    reason = files(file).at_start(NOW_NS)
    load(file)
    phase, text = files(file).record.phase, file.read_text()
    assert text in (OLD, NEW)
    if phase in (Phase.RETURNED, Phase.NONE):
        assert text == OLD
    else:
        assert text == NEW
    assert (reason == "") or phase is Phase.RETURNED


@pytest.mark.parametrize("content", ["", "{", "[]", '{"phase": "other"}', '{"phase": "kept", "more": 1}'])
def test_a_damaged_record_counts_as_none(file: Path, content: str) -> None:
    (file.parent / "gateway.toml.fleet").write_text(content)
    assert files(file).state().phase is Phase.NONE
    assert files(file).at_start(NOW_NS) == ""


def test_a_gateway_that_cannot_even_start_with_it_returns_at_once_and_goes_on(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(file, BUNDLE, time.time_ns())
    tried: list[str] = []

    async def once(loaded: Loaded) -> bool:
        tried.append(loaded.file.read_text())
        if len(tried) == 1:
            raise TransientError("the disk of data_dir is gone")
        return False

    monkeypatch.setattr(run_module, "_run", once)
    assert main(["run", "-c", str(file)]) == 0
    assert tried == [NEW, OLD]
    assert "does not start with it: the disk of data_dir is gone" in files(file).record.reason
