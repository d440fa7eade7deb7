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
        self.about = f"{self.base}/info"
        self.event = f"{self.base}/event"
        self.commands = f"{self.base}/command/+/+"
        self.config = f"{self.base}/config"

    def info(self, device: str) -> str:
        """What a consumer needs to read a device's samples."""
        return f"{self.base}/device/{device}/info"

    def sample(self, device: str, series: str = "") -> str:
        """One message per poll, or for each row of what was derived: `mean/1h`, `index/vn_hour`."""
        return f"{self.base}/device/{device}/{series or 'sample'}"

    def state(self, device: str) -> str:
        """The last known good values."""
        return f"{self.base}/device/{device}/state"

    def light(self, target: str) -> str:
        """What a target's light is to be."""
        return f"{self.base}/light/{target}/state"

    def alarm(self, alarm: str) -> str:
        """Something that is wrong, while it lasts."""
        return f"{self.base}/alarm/{alarm}"

    def ha_state(self, device: str) -> str:
        """A light's state in Home Assistant's words."""
        return f"{self.base}/ha/{device}/state"

    def ha_set(self, device: str) -> str:
        """Where Home Assistant commands a light; never obeyed when retained."""
        return f"{self.base}/ha/{device}/set"

    def ha_device(self, topic: str) -> str | None:
        """The device of a `ha_set` topic, or None when it is not one."""
        parts = topic.removeprefix(f"{self.base}/ha/").split("/")
        ours = topic.startswith(f"{self.base}/ha/") and len(parts) == 2 and parts[1] == "set"
        return parts[0] if ours and parts[0] else None

    def reply(self, client: str) -> str:
        """Where an answer goes when the request names no response topic of its own."""
        return f"{self.base}/reply/{client if is_id(client) else NOBODY}"

    def command(self, topic: str) -> tuple[str, str] | None:
        """Verb and target of a command's topic, or None when it is not one."""
        parts = topic.removeprefix(f"{self.base}/command/").split("/")
        if not topic.startswith(f"{self.base}/command/") or len(parts) != 2 or not all(parts):
            return None
        return parts[0], parts[1]


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a topic is one of a filter's (MQTT 5 §4.7), for filters without `#`."""
    wanted, levels = topic_filter.split("/"), topic.split("/")
    return len(wanted) == len(levels) and all(
        one in ("+", level) for one, level in zip(wanted, levels, strict=True)
    )


def may_answer_to(topic: str) -> bool:
    """Whether a response topic can be published to, and does not make an answer into a command."""
    parts = topic.split("/")
    wild = any(sign in topic for sign in "+#\0") or topic.startswith("$")
    command = topic.startswith(f"{ROOT}/") and len(parts) > 3 and parts[3] in ("command", "ha")
    return bool(topic) and len(topic) <= TOPIC_MAX and not wild and not command
