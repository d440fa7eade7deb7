"""Which sensor rules of the programs hold now. Pure; times are monotonic nanoseconds."""

from collections.abc import Iterable

from edge.config.lighting import Program, SensorRule
from edge.core.model import DeviceState, Quality
from edge.lighting.desired import Sensed
from edge.lighting.lamp import NEVER_NS


class Sensors:
    """Follows the sensors that programs name. A sensor that is silent says nothing once its hold is over."""

    def __init__(self, programs: Iterable[Program]) -> None:
        self._rules = {program.id: program.sensor for program in programs if program.sensor}
        self._until_ns: dict[tuple[str, int], int] = {}

    @property
    def devices(self) -> frozenset[str]:
        """The devices that any rule looks at."""
        return frozenset(rule.device for rules in self._rules.values() for rule in rules)

    def take(self, state: DeviceState, now_ns: int) -> bool:
        """Take in a device's values; says whether a rule began to hold or to end."""
        changed = False
        flags, values = dict(state.flags), dict(state.values)
        for program, rules in self._rules.items():
            for number, rule in enumerate(rules):
                if rule.device != state.device:
                    continue
                good = state.online and flags.get(rule.point) is not Quality.BAD
                meets = good and _meets(rule, values.get(rule.point))
                changed |= self._note((program, number), rule, bool(meets), now_ns)
        return changed

    def sensed(self, program: str | None, now_ns: int) -> Sensed | None:
        """What the first rule of a program that holds says, None if none does."""
        if program is None:
            return None
        for number, rule in enumerate(self._rules.get(program, ())):
            if now_ns < self._until_ns.get((program, number), 0):
                return Sensed(rule.level, rule.operation, f"{rule.device} {rule.point}")
        return None

    def next_ns(self, now_ns: int) -> int:
        """When the next rule stops holding."""
        return min(
            (until for until in self._until_ns.values() if now_ns < until < NEVER_NS), default=NEVER_NS
        )

    def _note(self, key: tuple[str, int], rule: SensorRule, meets: bool, now_ns: int) -> bool:
        before = self._until_ns.get(key, 0)
        if meets:
            self._until_ns[key] = NEVER_NS
        elif before == NEVER_NS:
            self._until_ns[key] = now_ns + round(rule.hold_s * 1e9)
        return self._until_ns.get(key, 0) != before


def _meets(rule: SensorRule, value: float | None) -> bool:
    if value is None:
        return False
    return (rule.above is not None and value > rule.above) or (rule.below is not None and value < rule.below)
