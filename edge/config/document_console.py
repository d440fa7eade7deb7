"""The keys of console.toml in docs/console.md: `python -m edge.config.document_console docs/console.md`."""

import sys
from pathlib import Path

from edge.config.console import ConsoleConfig
from edge.config.document import sections_markdown

BEGIN = "<!-- made by `python -m edge.config.document_console`: the rest of this page -->\n"


def console_markdown(page: str) -> str:
    """The page with the keys as they are now; what stands before them is written by hand."""
    sections = "\n".join(f"#{section}" for section in sections_markdown(ConsoleConfig))
    return page.partition(BEGIN)[0] + BEGIN + "\n" + sections


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(console_markdown(file.read_text("utf-8")), "utf-8")
