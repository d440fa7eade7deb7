"""The running gateway as a commissioning in the terminal asks it: over its socket."""

import argparse
import asyncio
from typing import Any

from edge.cli.daemon import ask_daemon
from edge.core.errors import ConfigError, TransientError
from provisioning.commission.hands import Values

HOLD_S = 300
"""A lamp that is tested goes back to its plan after this, also if this program dies in between."""


class SocketHands:
    """Asks the daemon of `-c FILE`; nothing else runs in this process meanwhile."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args

    async def reload(self) -> str:
        """Apply gateway.toml."""
        outcome = ask_daemon(self._args, "POST", "/api/v1/reload")
        if outcome["state"] == "failed":
            raise ConfigError(outcome["reason"])
        return str(self._verified("reload", outcome)["reason"])

    async def read(self, device: str) -> Values:
        """Ask a device now."""
        outcome = self._verified(device, ask_daemon(self._args, "POST", f"/api/v1/devices/{device}/read"))
        return {one["point"]: one["value"] for one in outcome["values"]}

    async def blink(self, device: str) -> None:
        """Let a lamp show itself."""
        outcome = ask_daemon(self._args, "POST", f"/api/v1/field/{device}/identify")
        if outcome["state"] == "failed":
            raise TransientError(f"{device}: {outcome['reason']}")

    async def light(self, device: str, level: float) -> None:
        """Set a lamp for HOLD_S."""
        asked: dict[str, str | int] = {"level": f"{level:g}", "for_s": HOLD_S, "fade_s": 0}
        self._verified(device, ask_daemon(self._args, "POST", f"/api/v1/light/{device}", **asked))

    async def release(self, device: str) -> None:
        """Let the plan have the lamp again."""
        self._verified(device, ask_daemon(self._args, "DELETE", f"/api/v1/light/{device}"))

    async def pause(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    @staticmethod
    def _verified(what: str, outcome: dict[str, Any]) -> dict[str, Any]:
        if outcome["state"] != "verified":
            raise TransientError(f"{what}: {outcome['reason'] or outcome['state']}")
        return outcome
