"""Files for their owner only, replaced whole: after a power cut there is the old one or the new one."""

import os
import secrets
from pathlib import Path

OWNER_ONLY = 0o600


def write_owned(path: Path, content: bytes) -> None:
    """Replace a file. Blocks for a sync; raises OSError, and then the old one is as it was."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
