"""The process that follows the chain of the audit log: directory and head in, what was found out."""

import os
import pickle
import sys
from pathlib import Path

from edge.console.panels.children import NICE
from edge.core.audit import Head
from edge.lighting.chain import verify


def main() -> int:
    """Verify once."""
    os.nice(NICE)
    order: tuple[Path, Head | None] = pickle.load(sys.stdin.buffer)
    directory, head = order
    sys.stdout.buffer.write(pickle.dumps(verify(directory, [head] if head is not None else [])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
