"""Topics of one gateway. Pure."""

from edge.core.ids import is_id

ROOT = "gianh/v1"
NOBODY = "unknown"
TOPIC_MAX = 512
"""Longest response topic that is answered to, in characters."""


class Topics:
    """The topics below `gianh/v1/{gateway}`."""

    def __init__(self, gateway: str) -> None:
        self.base = f"{ROOT}/{gateway}"
        self.status = f"{self.base}/status"
        self.event = f"{self.base}/event"
        self.commands = f"{self.base}/command/+/+"

    def info(self, device: str) -> str:
        """What a consumer needs to read a device's samples."""
        return f"{self.base}/device/{device}/info"

    def sample(self, device: str) -> str:
        """One message per poll."""
        return f"{self.base}/device/{device}/sample"

    def state(self, device: str) -> str:
        """The last known good values."""
        return f"{self.base}/device/{device}/state"

    def reply(self, client: str) -> str:
        """Where an answer goes when the request names no response topic of its own."""
        return f"{self.base}/reply/{client if is_id(client) else NOBODY}"

    def command(self, topic: str) -> tuple[str, str] | None:
        """Verb and target of a command's topic, or None when it is not one."""
        parts = topic.removeprefix(f"{self.base}/command/").split("/")
        if not topic.startswith(f"{self.base}/command/") or len(parts) != 2 or not all(parts):
            return None
        return parts[0], parts[1]


def may_answer_to(topic: str) -> bool:
    """Whether a response topic can be published to, and does not make an answer into a command."""
    parts = topic.split("/")
    wild = any(sign in topic for sign in "+#\0") or topic.startswith("$")
    command = topic.startswith(f"{ROOT}/") and len(parts) > 3 and parts[3] == "command"
    return bool(topic) and len(topic) <= TOPIC_MAX and not wild and not command
