"""Tables taken out of a text of TOML with their own comments, and nothing of what stands around. Pure."""

from collections.abc import Collection

from edge.config.lines import lines_of


def without(text: str, section: str, indices: Collection[int]) -> str:
    """The text without these [[section]] tables, by their numbers; the text is valid TOML.

    Comment lines right above a header belong to its table.
    """
    lines, places = text.split("\n"), lines_of(text)
    heads = sorted(
        {line for path, line in places.items() if len(path) <= 2 and lines[line - 1].lstrip()[:1] == "["}
    )
    begins = {line: _begin(lines, line) for line in heads}
    ends = dict(zip(heads, [*(begins[line] for line in heads[1:]), len(lines)], strict=True))
    gone: set[int] = set()
    for index in indices:
        line = places[section, index]
        gone.update(range(begins[line], ends[line]))
    kept = [line for number, line in enumerate(lines) if number not in gone]
    return "\n".join(kept) if not gone or kept[-1:] == [""] else "\n".join([*kept, ""])


def _begin(lines: list[str], head: int) -> int:
    """Where a table with its comments begins, counted from 0; `head` is the line of its header, from 1."""
    at = head - 1
    while at > 0 and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return at
