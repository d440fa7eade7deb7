"""Raw serial sensors as the runtime sees them: one sensor a line, listened to or asked, resting or not."""

import math
from collections.abc import Callable, Sequence

from drivers.coded import Table
from drivers.layout import by_interval, layout_of, unit_of
from drivers.modbus.decode import Decoder, Flags
from drivers.modbus.plan import Block
from drivers.modbus.timing import WireTiming
from drivers.profile import Profile, load_profile
from drivers.serial.duty import Step
from drivers.serial.frame import Frame, State
from drivers.serial.habits import Habits, duty_of
from drivers.serial.link import SerialLink
from drivers.serial.sensor import Ask
from drivers.serial.sensors import SENSORS
from edge.config.schema import Bus, Device, Gateway
from edge.core.errors import Asleep, Busy, ConfigError, NoAnswer, Refused
from edge.core.model import Poll, Quality, Reading
from edge.core.ports import Breathe, Clock, Memory
from edge.core.sayings import say

FRESH_WITHIN_S = 2.5
"""An asked sensor that has nothing new is asked again for so long: it measures about once a second."""

AGAIN_S = 0.25
"""Pause before asking again."""

MEMORY_KEY = "serial-asleep/"
"""Where it is kept which sensors may be asleep, so that they are woken up whatever comes between."""


class SerialDriver:
    """Reads the one sensor of a raw serial bus.

    A successor on the same line (changed configuration) is given the open `link` of the one before.
    Raises ConfigError where the bus cannot be what the configuration says.
    """

    def __init__(
        self,
        bus: Bus,
        devices: Sequence[Device],
        gateway: Gateway,
        memory: Memory,
        clock: Clock,
        link: SerialLink | None = None,
        load: Callable[[str], Profile] = load_profile,
    ) -> None:
        device, profile = _only(bus, devices, load)
        sensor = SENSORS[profile.driver]
        self.link = SerialLink(bus, sensor.parser) if link is None else link
        self.link.use(sensor.parser)
        self._device, self._sensor = device.id, sensor
        self._memory, self._clock = memory, clock
        self._may_sleep = bool(memory.recall(MEMORY_KEY + device.id))
        self._habits = Habits.of(device, profile, sensor, self._may_sleep)
        self._duty = duty_of(device)
        self._prepared = self._was_silent = False
        self._warm_s = -math.inf
        self._decoders: dict[tuple[float, int], Decoder] = {}
        groups = by_interval(device, profile)
        self._points = dict(groups)
        wire_s = WireTiming.of(bus).wire_s(self._habits.request_bytes(sensor) + sensor.frame_bytes_max)
        self._timeout_s = bus.timeout_s + wire_s
        self._polls = tuple(
            Poll(
                device=device.id,
                unit=unit_of(bus, device),
                layout=layout_of(gateway, device, profile, points),
                interval_s=interval_s,
                requests=1,
                wire_s=wire_s,
            )
            for interval_s, points in groups
        )

    @property
    def polls(self) -> Sequence[Poll]:
        """One for each interval of the sensor."""
        return self._polls

    async def open(self) -> None:
        """Open the line. Raises LinkDown."""
        self._prepared = False
        await self.link.open()

    async def close(self) -> None:
        """Close the line; safe at any time, also twice."""
        await self.link.close()

    async def read(self, poll: Poll, breathe: Breathe) -> Reading:
        """The next frame's values, suspect while the sensor warms up.

        Raises Asleep while it rests by plan, NoAnswer, ProtocolError, Busy, Refused or LinkDown.
        """
        frame = await self._fetch()
        stamp = self._clock.stamp()
        values, flags = self._decoder(poll.interval_s, frame).decode([frame.data])
        if frame.state is State.DOUBTFUL or stamp.mono_ns / 1e9 < self._warm_s:
            flags = _doubted(values, flags)
        return Reading(stamp, values, flags)

    async def probe(self, poll: Poll) -> None:
        """Whether the sensor sends frames. Raises as `read` does."""
        await self._fetch()

    async def write(self, device: str, what: str, value: float, breathe: Breathe) -> None:
        """Always raises Refused: what these sensors are told stands in their configuration."""
        raise Refused(say("sensor_not_told", device=device, command=what))

    async def _fetch(self) -> Frame:
        """The next frame of values, once the sensor is awake and set."""
        await self._keep_hours()
        if not self._prepared:
            await self._prepare()
        try:
            frame = await (self._asked() if self._habits.asked else self._listened())
        except NoAnswer:
            self._was_silent, self._prepared = True, False
            raise
        if self._was_silent:
            # After silence it has most likely been without power.
            self._was_silent = False
            self._warm_up()
        return frame

    async def _prepare(self) -> None:
        """Set the mode; wake up what an earlier configuration left asleep."""
        await self._tell(self._habits.prepare)
        self._prepared = True
        if self._may_sleep and self._duty is None:
            self._warm_up()
            self._note_sleep(False)

    def _note_sleep(self, may_sleep: bool) -> None:
        if may_sleep is not self._may_sleep:
            self._may_sleep = may_sleep
            self._memory.remember(MEMORY_KEY + self._device, "yes" if may_sleep else "")

    async def _keep_hours(self) -> None:
        """Wake the sensor up or put it to sleep when it is time. Raises Asleep where there is no reading."""
        duty, now_s = self._duty, self._now_s()
        step = Step.READ if duty is None else duty.step(now_s)
        if duty is None or step is Step.READ:
            return
        if step is Step.WAKE:
            await self._tell(self._sensor.wake)
            self._prepared = False
            self._warm_up()
            duty.turn(now_s)
        elif step is Step.SLEEP:
            self._note_sleep(True)
            await self._tell(self._sensor.sleep)
            duty.turn(now_s)
        if duty.is_awake:
            raise Asleep(say("waking", device=self._device))
        raise Asleep(say("sleeps", device=self._device, seconds=f"{duty.left_s(now_s):.0f}"))

    async def _listened(self) -> Frame:
        """What the sensor sends by itself; frames from before are old, unless its kind keeps them."""
        sensor = self._sensor
        before = self.link.pending()
        if sensor.keeps and (kept := sensor.last(before)) is not None:
            return kept
        return await self.link.hear(sensor.interval_s + self._timeout_s, sensor.gather, sensor.last)

    async def _asked(self) -> Frame:
        """What the sensor answers; one that does not measure is started, once."""
        started, until_s = False, self._now_s() + FRESH_WITHIN_S
        while True:
            frame = await self._ask()
            if frame.state is State.REFUSED:
                raise Refused(say("gives_no_values", device=self._device, note=frame.note))
            if frame.state is State.IDLE and not started:
                await self._tell(self._sensor.wake)
                self._warm_up()
                started = True
            elif frame.state in (State.FINE, State.DOUBTFUL):
                return frame
            if self._now_s() >= until_s:
                raise Busy(say("nothing_new", device=self._device, seconds=f"{FRESH_WITHIN_S:g}"))
            await self._clock.sleep(AGAIN_S)

    async def _ask(self) -> Frame:
        sensor = self._sensor
        assert sensor.query is not None
        self.link.pending()
        await self.link.say(sensor.query.request)
        return await self.link.hear(self._timeout_s, sensor.gather, sensor.last)

    async def _tell(self, asks: Sequence[Ask]) -> None:
        """Say these one after the other, each after the answer to the one before where one is sure."""
        for ask in asks:
            self.link.pending()
            await self.link.say(ask.request)
            if ask.answer is None:
                continue
            answer = await self.link.hear(self._timeout_s, _answers(ask.answer), _answers(ask.answer))
            if answer.state is State.REFUSED:
                raise Refused(say("refuses_to", device=self._device, command=ask.answer, note=answer.note))

    def _warm_up(self) -> None:
        self._warm_s = self._now_s() + self._sensor.warm_up_s

    def _now_s(self) -> float:
        return self._clock.mono_ns() / 1e9

    def _decoder(self, interval_s: float, frame: Frame) -> Decoder:
        """Made once for each length of frame."""
        key = (interval_s, len(frame.data))
        if key not in self._decoders:
            block = Block(Table.FRAME, 0, len(frame.data))
            self._decoders[key] = Decoder(self._points[interval_s], [block])
        return self._decoders[key]


def _only(bus: Bus, devices: Sequence[Device], load: Callable[[str], Profile]) -> tuple[Device, Profile]:
    if len(devices) != 1:
        raise ConfigError(
            f"bus {bus.id} is a raw serial line and carries one device, not {len(devices)}: give each its own"
        )
    profile = load(devices[0].profile)
    if profile.driver not in SENSORS:
        raise ConfigError(
            f"device {devices[0].id}: profile {profile.id} is not for a raw serial bus ({bus.id})"
        )
    return devices[0], profile


def _answers(kind: str) -> Callable[[Sequence[Frame]], Frame | None]:
    return lambda frames: next((frame for frame in frames if frame.kind == kind), None)


def _doubted(values: Sequence[float | None], flags: Flags) -> Flags:
    """Every value that is there as suspect, the others as they were."""
    bad = dict(flags)
    return tuple(
        (at, bad.get(at, Quality.BAD if value is None else Quality.SUSPECT))
        for at, value in enumerate(values)
    )
