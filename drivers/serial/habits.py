"""What the configuration asks of a raw serial sensor, checked against what its kind can do. Pure."""

from dataclasses import dataclass

from drivers.profile import Profile
from drivers.serial.duty import Duty
from drivers.serial.sensor import Ask, Sensor
from edge.config.schema import Device
from edge.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Habits:
    """Whether the sensor is asked, what is said to it before, and when it rests."""

    asked: bool
    prepare: tuple[Ask, ...]
    rests: bool

    @classmethod
    def of(cls, device: Device, profile: Profile, sensor: Sensor, left_asleep: bool) -> "Habits":
        """By the device's keys. Raises ConfigError for what this kind of sensor cannot do.

        Without any key nothing is said to a sensor that talks by itself: its RX may not be wired. One that
        an earlier configuration has left asleep is woken up all the same.
        """
        asked = device.mode == "passive" or not sensor.interval_s
        if device.mode == "active" and not sensor.interval_s:
            raise ConfigError(f"device {device.id}: {profile.id} talks only when asked: take mode out")
        if asked and sensor.query is None:
            raise ConfigError(f"device {device.id}: {profile.id} talks only by itself: take mode out")
        rests = device.awake_s is not None
        if rests:
            _check_rest(device, profile, sensor)
        told = {"active": sensor.active, "passive": sensor.passive, None: ()}[device.mode]
        wakes = not rests and (left_asleep or bool(told))
        wake = sensor.wake if wakes else ()
        return cls(asked, (*wake, *told, *_baseline(device, profile, sensor)), rests)

    def request_bytes(self, sensor: Sensor) -> int:
        """How long what is said for each reading is."""
        return len(sensor.query.request) if self.asked and sensor.query is not None else 0


def duty_of(device: Device) -> Duty | None:
    """When the device rests, None where it never does."""
    if device.awake_s is None or device.sleep_s is None:
        return None
    return Duty(device.awake_s, device.sleep_s)


def _baseline(device: Device, profile: Profile, sensor: Sensor) -> tuple[Ask, ...]:
    if device.auto_baseline is None:
        return ()
    ask = sensor.baseline_on if device.auto_baseline else sensor.baseline_off
    if ask is None:
        raise ConfigError(f"device {device.id}: {profile.id} has no auto_baseline: take it out")
    return (ask,)


def _check_rest(device: Device, profile: Profile, sensor: Sensor) -> None:
    if not sensor.sleep:
        raise ConfigError(
            f"device {device.id}: {profile.id} cannot be put to sleep: take awake_s and sleep_s out"
        )
    interval_s = device.interval_s or profile.interval_s
    least_s = sensor.warm_up_s + 2 * interval_s
    if (device.awake_s or 0.0) < least_s:
        raise ConfigError(
            f"device {device.id}: awake_s must be {least_s:g} or more, so that readings come after the "
            f"{sensor.warm_up_s:g} s that {profile.id} needs to settle"
        )
