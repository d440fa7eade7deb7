import argparse
from collections.abc import Iterator

import pytest

from edge.cli.program import ROOMS, build_parser


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from parsers(inner)


COMMANDS = {parser.prog: parser for parser in parsers(build_parser())}


def test_every_command_of_the_contract_is_there() -> None:
    wanted = ("demo", "run", "check", "status", "devices", "read", "reload", "sync status", "sync quarantine")
    assert {f"gianh {name}" for name in (*wanted, "sim")} <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_help_gives_an_example_that_the_command_itself_understands(name: str) -> None:
    parser = COMMANDS[name]
    label, _, example = (parser.epilog or "").partition(": ")
    assert label.lower() == "example"
    program, *arguments = example.split()
    assert program == "gianh"
    assert example.startswith(name)
    assert callable(build_parser(arguments).parse_args(arguments).carry_out)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_every_option_does(name: str) -> None:
    parser = COMMANDS[name]
    silent = [
        action.dest for action in parser._actions if action.option_strings and not (action.help or "").strip()
    ]
    assert silent == []


@pytest.mark.parametrize("name", COMMANDS)
def test_asking_for_help_is_no_failure(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [*name.split()[1:], "--help"]
    with pytest.raises(SystemExit) as ended:
        build_parser(asked).parse_args(asked)
    assert ended.value.code == 0
    assert "xample: gianh" in capsys.readouterr().out


def test_each_room_adds_the_commands_that_the_table_names() -> None:
    for room, names in ROOMS.items():
        found = {parser.prog.removeprefix("gianh ") for parser in parsers(build_parser([names[0]]))}
        assert set(names) <= found <= {"gianh", *names, *(one for one in found if one.split()[0] in names)}, (
            room
        )
