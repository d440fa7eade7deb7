"""`gianh audit`: the log of every command and outcome."""

from edge.cli.common import Commands
from edge.cli.light_history import add_audit


def add(commands: Commands) -> None:
    """Add this room's commands."""
    add_audit(commands)
