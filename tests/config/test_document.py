"""docs/configuration.md says what the schema says."""

from pathlib import Path

from edge.config.console import ConsoleConfig
from edge.config.document import configuration_markdown, key_meanings, section_of
from edge.config.document_console import console_markdown
from edge.config.schema import Config

CONSOLE = Path(__file__).parents[2] / "docs" / "console.md"
PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_committed_page_is_the_one_that_the_schema_makes() -> None:
    assert PAGE.read_text("utf-8") == configuration_markdown(), (
        "run `python -m edge.config.document docs/configuration.md`"
    )


def test_every_section_and_key_is_on_the_page() -> None:
    page = configuration_markdown()
    for name, field in Config.model_fields.items():
        assert f"[{name}]" in page
        for key in section_of(field).model_fields:
            assert f"| `{key}` |" in page
            assert key in key_meanings(section_of(field)), f"say behind {name}.{key} what it means"


def test_what_stands_behind_a_key_is_its_meaning() -> None:
    assert "group commit" in key_meanings(section_of(Config.model_fields["store"]))["commit_s"]


def test_the_keys_of_console_toml_are_on_its_page_as_the_schema_has_them() -> None:
    page = CONSOLE.read_text("utf-8")
    assert page == console_markdown(page), "run `python -m edge.config.document_console docs/console.md`"
    for name, field in ConsoleConfig.model_fields.items():
        for key in section_of(field).model_fields:
            assert key in key_meanings(section_of(field)), f"say behind {name}.{key} what it means"
