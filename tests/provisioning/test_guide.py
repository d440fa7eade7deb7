"""The guide of `gianh commission` at a terminal: wrong answers, Ctrl-C, steps back, finds, power cuts."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.cli.commission_found import units_of
from edge.cli.commission_guide import Guide
from edge.core.errors import ConfigError
from provisioning.commission.journal import FOLDER
from tests.provisioning.cabinet import Gateway, cabinet
from tests.provisioning.killed import EVERY
from tests.terminal import END_OF_INPUT, INTERRUPT, Terminal, at_terminal

PLACE = (("Name of the cabinet", "Tủ 3"), ("from the phone", "17.7571, 106.4122"), ("commune", ""))
METER = (
    ("another device", "meter-1"), ("Its line", "line-1"), ("Its port", "/dev/ttyUSB0"),
    ("Profile of meter-1", "sdm630"), ("Address", ""), ("Pole", ""), ("Circuit", "L1"),
)  # fmt: skip
LAMP = (
    ("another device", "lamp-3"), ("Its line", ""), ("Profile of lamp-3", "ecodim-dali-gw2"),
    ("Address", "3"), ("DALI short", ""), ("Pole", "HV-03"), ("Circuit", ""), ("Power of the lamp", "70"),
)  # fmt: skip
SHOWN = (("another device", ""), ("blink?", "y"), ("Which meter", "meter-1"))
SIGNED = (("A remark", ""), ("Your name", "Nguyễn Văn Hoa"))
WHOLE = (*PLACE, *METER, *LAMP, *SHOWN, *SIGNED)

AT_USB0 = {"bus": "/dev/ttyUSB0", "baudrate": 9600, "parity": "E", "stop_bits": 1, "answered": "values"}
SCAN = (
    AT_USB0 | {"unit": 1, "answered": "garbled"},
    AT_USB0 | {"unit": 5, "profile": "eastron-sdm630", "score": 98.0},
    AT_USB0 | {"unit": 9, "baudrate": 4800, "profile": "eastron-sdm120", "score": 91.0},
    AT_USB0 | {"unit": 12},
)


def guided(folder: Path, hands: Gateway | None = None, found: Path | None = None) -> Callable[[], int]:
    def work() -> int:
        service, _ = cabinet(folder, hands)
        view = Guide(service, "hoa", found).run()
        print(f"records {len(view.records)}, done {len(view.done)}")
        return 0

    return work


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with at_terminal(guided(tmp_path)) as terminal:
        yield terminal


def answered(terminal: Terminal, *script: tuple[str, str]) -> None:
    for question, answer in script:
        terminal.answer(question, answer)


def record_of(folder: Path) -> dict[str, object]:
    (file,) = (folder / "data" / FOLDER).glob("*/record.json")
    return json.loads(file.read_text("utf-8"))


def test_a_technician_who_answers_every_question_has_a_signed_record(
    tmp_path: Path, terminal: Terminal
) -> None:
    answered(terminal, *WHOLE)
    terminal.until("records 1")
    record = record_of(tmp_path)
    assert record["place"]["commune"] == "quang-phong"
    lamp = record["devices"][1]
    assert (lamp["id"], lamp["pole"], lamp["circuit"]) == ("lamp-3", "HV-03", "L1")
    assert lamp["power"]["measured_w"] == 68
    assert record["signed"]["name"] == "Nguyễn Văn Hoa"


@pytest.mark.parametrize(
    ("before", "question", "wrong", "sentence"),
    [
        ((), "Name of the cabinet", "", "this needs an answer"),
        (PLACE[:1], "from the phone", "here", "'here' is no place: give latitude and longitude"),
        (PLACE[:1], "from the phone", "106.4122, 17.7571", "latitude"),
        (PLACE[:2], "commune", "Hà Nội", "there is no 'Hà Nội' here: give one of ba-don,"),
        (PLACE, "another device", "Đèn 1", "'Đèn 1' is not an id"),
        ((*PLACE, *METER[:2]), "Its port", "?:x", "'?:x' is no port"),
        ((*PLACE, *METER[:3]), "Profile", "sdm999", "there is no profile 'sdm999'"),
        ((*PLACE, *METER[:3]), "Profile", "sdm", "several have 'sdm': eastron-sdm"),
        ((*PLACE, *METER[:4]), "Address", "248", "'248' will not do: address: "),
        ((*PLACE, *METER, *LAMP[:-1]), "Power of the lamp", "-5", "'-5' will not do: expected_w: "),
        ((*PLACE, *METER, *LAMP, SHOWN[0]), "blink?", "x", "answer y (có) or n (không)"),
        ((*PLACE, *METER, *LAMP, *SHOWN[:2]), "Which meter", "meter-9", "there is no meter 'meter-9'"),
    ],
)
def test_a_wrong_answer_is_asked_again_with_one_sentence(
    terminal: Terminal, before: tuple[tuple[str, str], ...], question: str, wrong: str, sentence: str
) -> None:
    answered(terminal, *before, (question, wrong))
    said = terminal.until(question.rstrip("?"))
    lines = [line for line in said.splitlines()[1:-1] if line]
    assert len(lines) == 1, said
    assert sentence in lines[0]


def test_a_commune_may_be_named_as_people_write_it(tmp_path: Path, terminal: Terminal) -> None:
    answered(terminal, *PLACE[:1], ("from the phone", "17,7556 106,4231"), ("commune", "ba đồn"))
    terminal.until("another device")
    work, _ = cabinet(tmp_path)
    place = asyncio.run(work.look()).place
    assert place is not None
    assert (place.commune, place.answer.latitude) == ("ba-don", 17.7556)


def test_a_place_far_from_its_commune_needs_a_yes(tmp_path: Path, terminal: Terminal) -> None:
    answered(terminal, *PLACE[:1], ("from the phone", "21.03 105.85"), ("km from the nearest commune", "n"))
    answered(terminal, ("from the phone", "17.7571, 106.4122"), ("commune", "quang-son"))
    answered(terminal, ("Quảng Phong (quang-phong)", "y"))
    terminal.until("another device")
    work, _ = cabinet(tmp_path)
    place = asyncio.run(work.look()).place
    assert place is not None
    assert (place.commune, place.answer.sure) == ("quang-son", True)


@pytest.mark.parametrize("keys", [INTERRUPT, END_OF_INPUT, "stop\n", "dừng\n"])
def test_stopping_in_the_middle_loses_nothing_and_the_next_run_goes_on(
    tmp_path: Path, terminal: Terminal, keys: str
) -> None:
    answered(terminal, *PLACE, *METER[:3])
    terminal.until("Profile of meter-1")
    terminal.interrupt() if keys == INTERRUPT else terminal.press(keys)
    assert "go on with: gianh commission resume" in terminal.until("records 0")
    assert terminal.end() == 0
    with at_terminal(guided(tmp_path)) as again:
        answered(again, METER[0], ("Its line", ""), *METER[3:], *LAMP, *SHOWN, *SIGNED)
        again.until("records 1")
    assert len(record_of(tmp_path)["devices"]) == 2


def test_a_step_back_asks_for_it_again_and_takes_what_it_did_with_it(
    tmp_path: Path, terminal: Terminal
) -> None:
    answered(terminal, ("Name of the cabinet", "undo"))
    assert "there is no step to take back" in terminal.until("Name of the cabinet")
    terminal.until(": ")
    terminal.type("Tủ 4")
    answered(terminal, *PLACE[1:], *METER, *LAMP, ("another device", "lùi"))
    assert "taken back: device lamp-3" in terminal.until("another device")
    terminal.until(": ")
    terminal.type("")
    answered(terminal, ("A remark", "undo"))
    taken = terminal.until("== ")  # what has no question would be done again at once: it goes further back
    assert taken.index("taken back: test meter-1") < taken.index("taken back: reload")
    answered(terminal, ("another device", ""), *SIGNED)
    terminal.until("records 1")
    assert [one["id"] for one in record_of(tmp_path)["devices"]] == ["meter-1"]


def test_another_lamp_that_blinks_is_corrected_on_the_spot(tmp_path: Path, terminal: Terminal) -> None:
    answered(terminal, *PLACE, *METER, *LAMP, ("another device", ""), ("blink?", ""), ("blink?", "n"))
    answered(terminal, ("leave it so", "what"), ("leave it so", "fix"), ("Profile of lamp-3", ""))
    answered(terminal, ("Address", "4"), ("DALI short", ""), ("Pole", ""), ("Circuit", ""))
    answered(terminal, ("Power of the lamp", ""), ("blink?", "c"), ("Which meter", "meter-1"), *SIGNED)
    terminal.until("records 1")
    lamp = record_of(tmp_path)["devices"][1]
    assert (lamp["address"], lamp["pole"], lamp["test"]["passed"]) == (4, "HV-03", True)


def test_what_cannot_be_shown_is_left_and_the_rest_goes_on_to_a_signature_with_the_reason(
    tmp_path: Path,
) -> None:
    with at_terminal(guided(tmp_path, Gateway(silent=["meter-1"]))) as terminal:
        answered(terminal, *PLACE, *METER, *LAMP, ("another device", ""))
        assert "meter-1 does not answer" in terminal.answer("leave it so", "bỏ")
        answered(terminal, ("blink?", "y"), ("Which meter", "-"), ("A remark", "mưa to"))
        answered(terminal, ("Why is it left?", ""), ("Why is it left?", "chờ công tơ"), ("Your name", "Hoa"))
        terminal.until("records 1")
    record = record_of(tmp_path)
    assert record["signed"]["exceptions"] == "chờ công tơ"
    assert record["comments"] == ["mưa to"]
    assert record["devices"][1]["power"]["passed"]


def test_a_configuration_that_the_gateway_refuses_is_corrected_not_repeated(tmp_path: Path) -> None:
    """The former guide asked for Enter and refused it again, for ever."""
    with at_terminal(guided(tmp_path, Gateway(refuses="http changed, which needs a restart"))) as terminal:
        answered(terminal, *PLACE, *METER, ("another device", ""))
        assert "needs a restart" in terminal.answer("Enter: làm lại", "")
        assert "there are: meter-1" in terminal.until("another device")


def scanned(folder: Path, *rows: dict[str, object]) -> Path:
    """As `gianh scan --json` prints into a file: an object a line."""
    file = folder / "scan.json"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return file


FOUND_METER = (("Its id", ""), ("Profile of meter-5", ""), ("Pole", ""), ("Circuit", ""))


def test_what_a_scan_found_is_taken_up_with_its_line(tmp_path: Path) -> None:
    with at_terminal(guided(tmp_path, found=scanned(tmp_path, *SCAN))) as terminal:
        answered(terminal, *PLACE)
        assert "two devices answer here" in terminal.answer("Name this line", "cabinet")
        answered(terminal, *FOUND_METER)
        assert "cabinet runs at 9600 8E1 and this one at 4800 8E1" in terminal.answer("Its id", "-")
        answered(terminal, ("another device", ""), *SIGNED)
        terminal.until("records 1")
    record = record_of(tmp_path)
    (bus,), (meter,) = record["buses"], record["devices"]
    assert (bus["id"], bus["port"], bus["parity"]) == ("cabinet", "/dev/ttyUSB0", "E")
    assert (meter["id"], meter["address"], meter["score"]) == ("meter-5", 5, 0.98)


def test_a_cut_in_the_middle_of_what_a_scan_found_asks_only_for_the_rest(tmp_path: Path) -> None:
    """The former guide went on to writing, and left every further unit out."""
    file = scanned(tmp_path, *SCAN[1:])
    with at_terminal(guided(tmp_path, found=file)) as terminal:
        answered(terminal, *PLACE, ("Name this line", ""), *FOUND_METER)
        terminal.until("Its id")
        terminal.kill()
    with at_terminal(guided(tmp_path, found=file)) as terminal:
        answered(
            terminal, ("Its id", "relay"), ("Profile", "waveshare-relay-8"), ("Pole", ""), ("Circuit", "")
        )
        answered(terminal, ("another device", ""), *SIGNED)
        terminal.until("records 1")
    assert [one["id"] for one in record_of(tmp_path)["devices"]] == ["meter-5", "relay"]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_scan_is_read_as_it_is_printed_into_files_and_at_terminals(
    tmp_path: Path, indent: int | None
) -> None:
    file = tmp_path / "scan.json"
    file.write_text("\n".join(json.dumps(row, indent=indent) for row in SCAN), "utf-8")
    lines = units_of(file)
    assert [unit.address for unit in lines] == [1, 5, 9, 12]
    file.write_text(json.dumps(SCAN, indent=indent), "utf-8")
    assert units_of(file) == lines


@pytest.mark.parametrize("text", ["no", "{}", '[{"unit": 1}]', "7", '{"bus": "a", "unit": "x"}'])
def test_what_no_scan_printed_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "scan.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"scan again with `gianh scan --identify --json > .*scan.json`"):
        units_of(file)


@EVERY
def test_a_kill_at_any_question_costs_at_most_the_step_that_was_being_answered(
    tmp_path: Path, every: int
) -> None:
    for step in range(1, len(WHOLE), every):
        folder = tmp_path / str(step)
        folder.mkdir()
        with at_terminal(guided(folder)) as terminal:
            answered(terminal, *WHOLE[:step])
            terminal.until(WHOLE[step][0])
            terminal.kill()
        _finish(folder)
        assert [one["id"] for one in record_of(folder)["devices"]] == ["meter-1", "lamp-3"]


def _finish(folder: Path) -> None:
    """Go on as a technician who answers what is asked."""
    view = asyncio.run(cabinet(folder)[0].look())
    said = [one.answer.id for one in view.devices]
    to_do = [(one.step.value, one.device) for one in view.todo]
    rest = list(PLACE) if view.place is None else []
    if ("write", "") in to_do:
        meter = METER if not view.buses else (METER[0], ("Its line", ""), *METER[3:])
        rest += [*(meter if "meter-1" not in said else ()), *(LAMP if "lamp-3" not in said else ()), SHOWN[0]]
    shown = [step for step in ("test", "power") if "lamp-3" in said and (step, "lamp-3") not in to_do]
    rest += [one for one, step in zip(SHOWN[1:], ("test", "power"), strict=True) if step not in shown]
    with at_terminal(guided(folder)) as terminal:
        answered(terminal, *rest, *SIGNED)
        terminal.until("records 1")
