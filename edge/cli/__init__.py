"""The command line: `gianh`."""

from collections.abc import Sequence

INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code: 0 done, 1 it failed, 2 wrong usage or configuration."""
    try:
        # Within the try: loading takes long enough for a Ctrl-C, which shall not show a traceback.
        from edge.cli.program import perform

        return perform(argv)
    except KeyboardInterrupt:
        return INTERRUPTED
