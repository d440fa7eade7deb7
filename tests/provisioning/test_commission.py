"""A commissioning: every step is kept, can be taken back, and outlives a loss of power."""

import asyncio
import json
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.config.commissioning import (
    CommentAnswer,
    DeviceAnswer,
    PowerAnswer,
    SignAnswer,
    TestAnswer,
    TestKind,
)
from edge.config.commissioning_view import Step
from edge.config.faults import ConfigErrors
from edge.core.errors import ConfigError, TransientError
from edge.core.places import PLACES
from provisioning.commission.journal import CURRENT, FOLDER, JOURNAL
from provisioning.commission.place import checked
from provisioning.commission.record import finish
from tests.provisioning.cabinet import BUS, LAMP, METER, PLACE, TOML, Gateway, answered, cabinet
from tests.provisioning.killed import deaths

READ = TestAnswer()
SEEN = TestAnswer(kind=TestKind.BLINK, seen=True)


async def shown(work) -> None:
    await answered(work)
    await work.write("hoa")
    await work.test("meter-1", READ, "hoa")
    await work.test("lamp-3", SEEN, "hoa")
    await work.power("lamp-3", PowerAnswer(meter="meter-1"), "hoa")


async def test_a_cabinet_goes_from_nothing_to_a_signed_record(tmp_path: Path) -> None:
    work, _ = cabinet(tmp_path, finish=finish)
    assert [one.step for one in (await work.look()).todo] == [Step.PLACE, Step.DEVICE, Step.WRITE, Step.SIGN]
    await shown(work)
    await work.comment(CommentAnswer(text="Nắp cột 3 bị lỏng"), "hoa")
    view = await work.sign(SignAnswer(name="Nguyễn Văn Hoa"), "hoa")
    folder = tmp_path / "data" / FOLDER / view.records[0]
    assert {one.name for one in folder.iterdir()} >= {"record.json", "record.pdf", "labels.pdf", JOURNAL}
    record = json.loads((folder / "record.json").read_text("utf-8"))
    assert record["place"]["commune"] == "quang-phong"
    assert record["signed"]["name"] == "Nguyễn Văn Hoa"
    assert [one["id"] for one in record["devices"]] == ["meter-1", "lamp-3"]
    assert record["devices"][1]["power"]["measured_w"] == 68
    assert record["devices"][0]["test"]["values"] == [["supply_voltage", 231.4], ["active_power", 200]]
    assert (await work.look()).id == ""


async def test_the_file_keeps_what_people_wrote(tmp_path: Path) -> None:
    work, _ = cabinet(tmp_path)
    await answered(work)
    await work.write("hoa")
    text = (tmp_path / "gateway.toml").read_text("utf-8")
    changed = {"latitude = 17.7", "longitude = 106.4"}
    assert [line for line in TOML.splitlines() if line not in text.splitlines()] == sorted(changed)
    said = tomllib.loads(text)
    assert said["gateway"]["commune"] == "quang-phong"
    assert [one["id"] for one in said["device"]] == ["meter-old", "meter-1", "lamp-3"]
    assert said["device"][2] == {
        "id": "lamp-3", "profile": "ecodim-dali-gw2", "bus": "line-1", "address": 3, "pole": "HV-03",
        "circuit": "L1", "nominal_w": 70, "commune": "quang-phong",
    }  # fmt: skip
    again = text
    await work.write("hoa")
    assert (tmp_path / "gateway.toml").read_text("utf-8") == again


async def test_every_step_can_be_taken_back_to_the_very_beginning(tmp_path: Path) -> None:
    work, hands = cabinet(tmp_path)
    await shown(work)
    await work.sign(SignAnswer(name="Hoa"), "hoa")
    undone = []
    while not undone or (await work.look()).id:
        before = await work.look()
        undone.append(before.done[-1].step if before.done else Step.SIGN)
        await work.undo("hoa")
    assert undone == ["sign", "power", "test", "test", "reload", "device", "device", "bus", "place", "begin"]
    assert (tmp_path / "gateway.toml").read_text("utf-8") == TOML
    assert hands.asked.count("reload") == 2
    with pytest.raises(ConfigError, match="nothing to take back"):
        await work.undo("hoa")


async def test_a_file_that_somebody_changed_since_is_not_overwritten_by_undo(tmp_path: Path) -> None:
    work, _ = cabinet(tmp_path)
    await answered(work)
    await work.write("hoa")
    file = tmp_path / "gateway.toml"
    file.write_text(file.read_text("utf-8") + "\n# mine\n", "utf-8")
    with pytest.raises(ConfigError, match="changed by somebody"):
        await work.undo("hoa")
    assert file.read_text("utf-8").endswith("# mine\n")
    assert Step.WRITE in [one.step for one in (await work.look()).todo]


async def test_what_would_not_be_a_right_configuration_is_not_written(tmp_path: Path) -> None:
    work, hands = cabinet(tmp_path)
    await work.place(PLACE, "hoa")
    await work.device(DeviceAnswer(id="x", profile="no-such", bus="nowhere"), "hoa")
    with pytest.raises(ConfigErrors) as caught:
        await work.write("hoa")
    assert {str(fault.file) for fault in caught.value.faults} == {str(tmp_path / "gateway.toml")}
    assert "no-such" in str(caught.value)
    assert (tmp_path / "gateway.toml").read_text("utf-8") == TOML
    assert hands.asked == []
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


async def test_a_gateway_that_refuses_the_file_gets_the_former_one_back(tmp_path: Path) -> None:
    work, _ = cabinet(tmp_path, Gateway(refuses="http changed, which needs a restart"))
    await answered(work)
    with pytest.raises(ConfigError, match="needs a restart"):
        await work.write("hoa")
    assert (tmp_path / "gateway.toml").read_text("utf-8") == TOML
    assert Step.WRITE in [one.step for one in (await work.look()).todo]


async def test_writing_without_a_running_gateway_is_finished_once_it_runs(tmp_path: Path) -> None:
    work, hands = cabinet(tmp_path, Gateway(runs=False))
    await answered(work)
    with pytest.raises(TransientError, match="not running"):
        await work.write("hoa")
    with pytest.raises(ConfigError, match="write the configuration first"):
        await work.test("meter-1", READ, "hoa")
    hands.runs = True
    view = await work.write("hoa")
    assert Step.WRITE not in [one.step for one in view.todo]


async def test_a_lamp_blinks_by_the_gateways_own_verb_which_leaves_it_as_it_was(tmp_path: Path) -> None:
    work, hands = cabinet(tmp_path)
    await answered(work)
    await work.write("hoa")
    hands.asked.clear()
    await work.blink("lamp-3")
    assert hands.asked == ["blink lamp-3"]


@pytest.mark.parametrize(("watts", "passed"), [(59.4, False), (59.5, True), (80.5, True), (81.0, False)])
async def test_power_is_held_against_what_the_plate_says(tmp_path: Path, watts: float, passed: bool) -> None:
    work, hands = cabinet(tmp_path, Gateway(watts=watts))
    await answered(work)
    await work.write("hoa")
    view = await work.power("lamp-3", PowerAnswer(meter="meter-1"), "hoa")
    power = view.devices[1].power
    assert power is not None
    assert (power.measured_w, power.passed) == (pytest.approx(watts, abs=0.01), passed)
    assert hands.asked[-1] == "release lamp-3"


async def test_a_failed_test_is_kept_and_needs_a_reason_under_the_signature(tmp_path: Path) -> None:
    work, _ = cabinet(tmp_path, Gateway(silent=["meter-1"]))
    await answered(work)
    await work.write("hoa")
    view = await work.test("meter-1", READ, "hoa")
    test = view.devices[0].test
    assert test is not None
    assert (test.passed, test.said) == (False, "meter-1 does not answer")
    with pytest.raises(ConfigError, match="Test meter-1; Test lamp-3; Measure the power of lamp-3"):
        await work.sign(SignAnswer(name="Hoa"), "hoa")
    view = await work.sign(SignAnswer(name="Hoa", exceptions="chờ thay công tơ"), "hoa")
    assert len(view.records) == 1


async def test_another_answer_about_a_device_has_to_be_tested_anew(tmp_path: Path) -> None:
    work, _ = cabinet(tmp_path)
    await shown(work)
    view = await work.device(LAMP.model_copy(update={"address": 4}), "hoa")
    assert [(one.step, one.device) for one in view.todo] == [
        (Step.WRITE, ""), (Step.TEST, "lamp-3"), (Step.POWER, "lamp-3"), (Step.SIGN, ""),
    ]  # fmt: skip


def test_two_at_work_at_once_do_not_mix_their_steps(tmp_path: Path) -> None:
    work, _ = cabinet(tmp_path)
    with work.bench._at_work(), pytest.raises(TransientError, match="somebody else"):
        work.bench.view()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.id)
def test_the_centre_of_every_commune_is_in_it(place) -> None:
    answer = PLACE.model_copy(update={"latitude": place.latitude, "longitude": place.longitude})
    assert checked(answer).commune == place.id


def test_a_place_that_does_not_fit_its_commune_is_refused_until_somebody_is_sure() -> None:
    hanoi = PLACE.model_copy(update={"latitude": 21.03, "longitude": 105.85})
    with pytest.raises(ConfigError, match=r"km from the centre of .* the nearest is"):
        checked(hanoi)
    son = PLACE.model_copy(update={"commune": "quang-son"})
    with pytest.raises(ConfigError, match=r"centre of Quảng Sơn; the nearest is Quảng Phong"):
        checked(son)
    placed = checked(son.model_copy(update={"sure": True}))
    assert placed.commune == "quang-son"
    assert "Quảng Phong" in placed.remark
    with pytest.raises(ConfigError, match="there is no ward or commune 'atlantis'"):
        checked(PLACE.model_copy(update={"commune": "atlantis"}))


def test_a_torn_line_of_the_journal_was_never_a_step(tmp_path: Path) -> None:
    work, _ = cabinet(tmp_path)
    asyncio.run(answered(work))
    path = tmp_path / "data" / FOLDER / CURRENT / JOURNAL
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(len(whole) - len(lines[-1]), len(whole)):
        path.write_bytes(whole[:cut])
        assert len(work.bench.view().done) == len(lines) - 1
    asyncio.run(work.device(LAMP, "hoa"))
    assert path.read_bytes() == whole


@pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.long)])
def test_a_kill_at_any_change_to_the_disk_leaves_a_commissioning_that_goes_on(
    tmp_path: Path, every: int
) -> None:
    """Each run is killed a change later than the one before; then the same work is done to its end."""
    folders = iter(range(1000))
    here = tmp_path / "0"
    here.mkdir()

    def work() -> None:
        asyncio.run(_all(here))

    for _ in deaths(work, every):
        assert (here / "gateway.toml").exists()
        asyncio.run(_all(here))
        _judge(here)
        here = tmp_path / str(next(folders) + 1)
        here.mkdir()
        cabinet(here)


async def _all(folder: Path) -> None:
    """What a technician does who begins again after a loss of power: look, and do what is still to do."""
    work, _ = cabinet(folder)
    for _ in range(20):
        view = await work.look()
        if view.records:
            return
        todo = view.todo[0]
        match todo.step:
            case Step.PLACE:
                await work.place(PLACE, "hoa")
                await work.bus(BUS, "hoa")
            case Step.DEVICE:
                await work.bus(BUS, "hoa")
                await work.device(LAMP, "hoa")
            case Step.WRITE:
                await work.write("hoa")
            case Step.TEST:
                await work.test(todo.device, SEEN, "hoa")
            case Step.POWER:
                await work.power(todo.device, PowerAnswer(), "hoa")
            case _:
                await work.sign(SignAnswer(name="Hoa"), "hoa")
    raise AssertionError("it never came to an end")


def _judge(folder: Path) -> None:
    records = [one for one in (folder / "data" / FOLDER).iterdir() if one.is_dir()]
    assert len(records) == 1
    record = json.loads((records[0] / "record.json").read_text("utf-8"))
    assert record["devices"][0]["test"]["passed"]
    devices = tomllib.loads((folder / "gateway.toml").read_text("utf-8"))["device"]
    assert [one["id"] for one in devices] == ["meter-old", "lamp-3"]


ACTIONS = st.lists(
    st.sampled_from(["place", "bus", "meter", "lamp", "remove", "write", "test", "power", "comment", "undo"]),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_undoing_all_of_any_history_brings_the_file_back(tmp_path: Path, actions: list[str]) -> None:
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    work, _ = cabinet(folder)

    async def history() -> None:
        steps = {
            "place": lambda: work.place(PLACE, "hoa"),
            "bus": lambda: work.bus(BUS, "hoa"),
            "meter": lambda: work.device(METER, "hoa"),
            "lamp": lambda: work.device(LAMP, "hoa"),
            "remove": lambda: work.remove("lamp-3", "hoa"),
            "write": lambda: work.write("hoa"),
            "test": lambda: work.test("meter-1", READ, "hoa"),
            "power": lambda: work.power("lamp-3", PowerAnswer(), "hoa"),
            "comment": lambda: work.comment(CommentAnswer(text="x"), "hoa"),
            "undo": lambda: work.undo("hoa"),
        }
        for action in actions:
            try:
                await steps[action]()
            except ConfigError:
                continue
        while (await work.look()).id:
            await work.undo("hoa")

    asyncio.run(history())
    assert (folder / "gateway.toml").read_text("utf-8") == TOML
