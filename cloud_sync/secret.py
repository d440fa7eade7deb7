"""Secrets: from a file or the environment, never from the configuration itself."""

import os
from pathlib import Path

from edge.core.errors import PermanentError


def read_secret(file: Path | None, variable: str) -> str | None:
    """The secret in `file`, else in the environment variable, else None; the end of line is not part of it.

    Raises PermanentError that names the file and the remedy, and never holds the secret.
    """
    if file is None:
        return os.environ.get(variable) or None
    try:
        secret = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PermanentError(
            f"the secret file {file} cannot be read ({type(error).__name__}): "
            "make it a text file that the gateway's user may read"
        ) from error
    if not secret:
        raise PermanentError(f"the secret file {file} is empty: write the secret into it")
    return secret
