"""gateway.toml as a person wrote it, with what was commissioned put in: comments and order stay. Pure."""

from edge.config.commissioning import BusAnswer, DeviceAnswer
from edge.config.commissioning_view import Placed
from provisioning.commission.state import Commission

NOT_IN_FILE = frozenset({"score", "evidence", "expected_w"})
"""What a device's answer has for the record alone."""


def with_commission(text: str, whole: Commission) -> str:
    """The text of gateway.toml with the place, lines and devices. Raises ConfigError if it is no TOML.

    Keys that were not answered stay as they are; so does everything else. A new file ends its new tables with
    nothing of ours around them.
    """
    # Loaded here: tomlkit takes 1 MB, which a gateway needs on the day of its commissioning alone.
    from edge.config.rewrite import Rewriting

    writing = Rewriting(text)
    if whole.place is not None:
        writing.put("gateway", _place(whole.place))
    for bus in whole.buses.values():
        writing.put_member("bus", bus.id, _bus(bus))
    for device in whole.devices.values():
        writing.put_member("device", device.id, _device(device, whole))
    return writing.text


def smallest(gateway: str, data_dir: str) -> str:
    """A gateway.toml for a bare gateway: Ba Đồn as the place until somebody says better."""
    return (
        "# What this gateway is and does: `gianh check` tells every fault, docs/configuration.md every key.\n"
        "[gateway]\n"
        f'id = "{gateway}"\n'
        "latitude = 17.7556\n"
        "longitude = 106.4231\n"
        f'data_dir = "{data_dir}"\n'
    )


def _place(place: Placed) -> dict[str, object]:
    answer = place.answer
    said = {"latitude": answer.latitude, "longitude": answer.longitude, "commune": place.commune}
    return said | ({"site": answer.site} if answer.site else {})


def _bus(bus: BusAnswer) -> dict[str, object]:
    return bus.model_dump(exclude_none=True, mode="python")


def _device(device: DeviceAnswer, whole: Commission) -> dict[str, object]:
    said = device.model_dump(exclude_none=True, exclude=set(NOT_IN_FILE))
    if device.expected_w is not None:
        said["nominal_w"] = device.expected_w
    if whole.place is not None:
        said.setdefault("commune", whole.place.commune)
    return said
