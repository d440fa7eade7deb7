"""What is wrong with hotspots and with what is sent of them, as findings. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from edge.config.alarms import Rule
from edge.core.alarms import AlarmKind, Finding, Sign
from edge.core.model import DeviceState
from edge.core.sayings import say
from edge.wifi.days import SECOND_NS
from edge.wifi.intake import Intake
from edge.wifi.places import Level, Place, Places
from edge.wifi.sessions import INTERIM_S

SILENT_INTERVALS = 2
UTILISATION = "channel_utilisation"


class Watch:
    """Looks at everything once a minute."""

    def __init__(
        self, places: Places, clients: Mapping[str, int], gateway: str, rules: Mapping[AlarmKind, Rule]
    ) -> None:
        self._hotspots = [place for place in places.all if place.level is Level.HOTSPOT]
        self._interim_s, self._gateway, self.rules = clients, gateway, rules
        self._heard_ns: dict[str, int] = {}

    def heard(self, hotspot: str, now_ns: int) -> None:
        """Something was told of a hotspot."""
        self._heard_ns[hotspot] = now_ns

    def findings(
        self,
        states: Sequence[DeviceState],
        is_open: Callable[[str], int],
        intake: Intake,
        now_ns: int,
        past_s: float,
    ) -> Iterator[Finding]:
        """What there is to say, `past_s` after the last look."""
        by_device = {state.device: state for state in states}
        for place in self._hotspots:
            state = by_device.get(place.device) if place.device is not None else None
            if state is not None:
                yield from self._access_point(place, state)
            yield from self._crowd(place, is_open(place.id))
            yield self._silence(place, is_open(place.id), now_ns)
        for client in self._interim_s:
            rate = intake.packets_of[client] / past_s
            yield from self._held(AlarmKind.ACCOUNTING_STORM, client, rate, "accounting_storm")
            wrong = intake.refused_of[client] * 60 / past_s
            yield from self._held(AlarmKind.AUTHENTICATION_STORM, client, wrong, "wrong_authenticator")
        unknown = intake.unknown * 60 / past_s
        yield from self._held(AlarmKind.UNKNOWN_CLIENT, self._gateway, unknown, "unknown_client")

    def _access_point(self, place: Place, state: DeviceState) -> Iterator[Finding]:
        if state.online is not None:
            sign = Sign.WELL if state.online else Sign.TROUBLE
            text = say("access_point_silent", place_id=place.id)
            yield Finding(AlarmKind.ACCESS_POINT_DOWN, place.id, sign, None, text)
        shares = [value for name, value in state.values if name.startswith(UTILISATION)]
        if state.online and shares:
            yield from self._held(AlarmKind.CHANNEL_SATURATED, place.id, max(shares), "channel_busy")

    def _crowd(self, place: Place, count: int) -> Iterator[Finding]:
        yield from self._held(AlarmKind.HOTSPOT_CROWDED, place.id, count, "crowded")

    def _silence(self, place: Place, count: int, now_ns: int) -> Finding:
        heard_ns = self._heard_ns.setdefault(place.id, now_ns)
        longest_s = SILENT_INTERVALS * self._interim_s.get(place.client, INTERIM_S)
        sign = Sign.WELL
        if now_ns - heard_ns > longest_s * SECOND_NS:
            sign = Sign.TROUBLE if count > 0 else Sign.UNSURE
        text = say("hotspot_silent", place_id=place.id, minutes=f"{longest_s / 60:.0f}")
        return Finding(AlarmKind.HOTSPOT_SILENT, place.id, sign, None, text)

    def _held(self, kind: AlarmKind, subject: str, value: float, code: str) -> Iterator[Finding]:
        """A value against its threshold; more is trouble, which the sentence of `code` tells."""
        rule = self.rules.get(kind)
        if rule is None:
            return
        sign = Sign.UNSURE
        if value > rule.threshold:
            sign = Sign.TROUBLE
        elif value <= rule.threshold - rule.hysteresis:
            sign = Sign.WELL
        yield Finding(kind, subject, sign, value, say(code, subject=subject, value=f"{value:.0f}"))
