"""The accounts of all lamps as samples, one each at the end of a night, for maintenance. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from edge.core.lighting import LampAccount
from edge.core.model import Layout, Sample, Stamp

MEASUREMENT = "lamp_account"
POINTS = ("active_energy", "operating_hours", "switch_on_counter")

Tags = tuple[tuple[str, str], ...]


def account_rows(accounts: Sequence[LampAccount], tags: Mapping[str, Tags], stamp: Stamp) -> Iterator[Sample]:
    """Burn hours (h), starts and energy (kWh) of every lamp; `tags` are those of the rows of each."""
    for account in accounts:
        layout = Layout(account.device, MEASUREMENT, POINTS, tags.get(account.device, ()), "account/night")
        values = (account.active_energy, account.operating_hours, account.switch_on_counter)
        yield Sample(layout, stamp, values)
