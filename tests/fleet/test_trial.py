from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.load import load
from edge.core.errors import ConfigError
from edge.core.fleet import Phase
from provisioning.fleet import trial as trial_module
from provisioning.fleet.bundle import Bundle
from provisioning.fleet.trial import STARTS_MAX, TrialFiles

OLD = '[gateway]\nid = "gw-a"\nlatitude = 17.75\nlongitude = 106.42\n'
NEW = OLD.replace("17.75", "17.76")
BUNDLE = Bundle("gw-a", 1, "2026-11-28T02:00:00Z", 120.0, NEW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "gateway.toml"
    file.write_text(OLD)
    return file


def files(file: Path) -> TrialFiles:
    return TrialFiles(file, load)


def test_what_is_kept_stays_and_what_is_not_goes_back(file: Path) -> None:
    files(file).begin(BUNDLE, "fleet@signing", 1)
    assert file.read_text() == NEW
    assert files(file).state().phase is Phase.TRIAL
    files(file).keep(2)
    assert (files(file).state().phase, files(file).state().changed) == (Phase.KEPT, False)
    files(file).begin(replace(BUNDLE, version=2, config=OLD), "fleet@signing", 3)
    files(file).give_back("lamp-01 is silent", 4)
    assert file.read_text() == NEW
    state = files(file).state()
    assert (state.phase, state.version, state.reason) == (Phase.RETURNED, 2, "lamp-01 is silent")


def test_a_change_by_hand_is_seen(file: Path) -> None:
    files(file).begin(BUNDLE, "fleet@signing", 1)
    files(file).keep(2)
    file.write_text(NEW + "# mine\n")
    assert files(file).state().changed


@pytest.mark.parametrize("version", [0, 1])
def test_a_version_comes_once(file: Path, version: int) -> None:
    files(file).begin(BUNDLE, "fleet@signing", 1)
    files(file).give_back("not well", 2)
    with pytest.raises(ConfigError, match="is not newer than 1"):
        files(file).begin(replace(BUNDLE, version=version), "fleet@signing", 3)
    assert file.read_text() == OLD


def test_a_configuration_with_faults_changes_nothing_and_is_told_with_its_lines(file: Path) -> None:
    wrong = replace(BUNDLE, config=NEW + "[mqtt]\nurl = 'mqtt://h'\nkeepalive = 3\n")
    with pytest.raises(ConfigError, match=r"refused: line 7: mqtt.keepalive: unknown key.*keepalive_s"):
        files(file).begin(wrong, "fleet@signing", 1)
    assert file.read_text() == OLD
    assert [one.name for one in file.parent.iterdir()] == ["gateway.toml"]


def test_a_gateway_that_starts_again_and_again_on_trial_goes_back(file: Path) -> None:
    files(file).begin(BUNDLE, "fleet@signing", 1)
    for _ in range(STARTS_MAX):
        assert files(file).at_start(None) == ""
        assert file.read_text() == NEW
    assert "was started 3 times" in files(file).at_start(None)
    assert file.read_text() == OLD
    assert files(file).at_start(None) == ""


def test_a_configuration_that_stopped_loading_goes_back_at_the_start(file: Path) -> None:
    for name in ("c", "k"):
        (file.parent / name).write_text(name)
    config = NEW + "[http]\ncert_file = 'c'\nkey_file = 'k'\n"
    files(file).begin(replace(BUNDLE, config=config), "fleet@signing", 1)
    (file.parent / "c").unlink()
    assert "does not load" in files(file).at_start(None)
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
            files(file).begin(BUNDLE, "fleet@signing", 1)
            files(file).keep(2) if kept else files(file).give_back("not well", 2)
        except Cut:
            pass
    reason = files(file).at_start(None)
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
    assert files(file).at_start(None) == ""
