"""What a commissioning has done by the running gateway."""

from collections.abc import Mapping
from typing import Protocol

Values = Mapping[str, float | None]
"""Point to value; None where the device gave none."""


class Hands(Protocol):
    """The running gateway, asked in this process or over its socket; every call is bounded in time."""

    async def reload(self) -> str:
        """Apply gateway.toml; says what changed.

        Raises ConfigError, and leaves everything as it was, if the gateway refuses the file; TransientError
        if no gateway runs.
        """

    async def read(self, device: str) -> Values:
        """Ask a device now. Raises TransientError or PermanentError in words."""

    async def blink(self, device: str) -> None:
        """Let a lamp go up and down a few times, never dark, and back to what is wanted of it.

        Raises TransientError in words, also for a lamp that can only be switched.
        """

    async def light(self, device: str, level: float) -> None:
        """Set a lamp, for a few minutes at most, and verify it. Raises TransientError in words."""

    async def release(self, device: str) -> None:
        """Let the plan have the lamp again."""

    async def pause(self, seconds: float) -> None:
        """Wait."""
