"""What tourist Wi-Fi keeps, as rows of their own table: summed, read, forgotten."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from edge.core.wifi import KeptKey, KeptRow
from edge.runtime.store.state import State
from edge.runtime.store.vault import Vault
from edge.runtime.store.writer import Writer


class UsageShelf:
    """Implements UsageStore on the store's file, its thread and its group commits."""

    def __init__(self, opened: Callable[[], tuple[State, Writer]], vault: Vault) -> None:
        self._opened, self._vault = opened, vault

    def put_usage(self, rows: Iterable[KeptRow]) -> None:
        """Keep rows; one of the same key is replaced. What is put without a wait between is one commit."""
        state, writer = self._opened()
        state.pending.usage.update((row.key_of, row.body) for row in rows)
        writer.marks_moved()

    def drop_usage(self, keys: Iterable[KeptKey]) -> None:
        """Let go of rows, by the same commit as what is put beside."""
        state, writer = self._opened()
        state.pending.usage.update((key, None) for key in keys)
        writer.marks_moved()

    def forget_usage(self, kind: int, before: int) -> None:
        """Let go of some of the oldest rows of a kind whose `at` is before; call it again and again."""
        state, writer = self._opened()
        state.pending.usage_forgotten[kind] = before
        writer.marks_moved()

    async def usage_rows(self, kind: int, first: int, last: int) -> Sequence[KeptRow]:
        """Rows of a kind whose `at` lies in [first, last], ordered by key. Raises StoreTrouble."""
        state, writer = self._opened()
        rows = await writer.read(self._vault.usage_rows, kind, first, last)
        return _merged(rows, state.pending.usage, kind, first, last)

    async def flush(self) -> bool:
        """Wait until all that was put is durable; False if the disk does not take it now."""
        return await self._opened()[1].attempt()


def _merged(
    rows: Sequence[KeptRow], pending: Mapping[KeptKey, bytes | None], kind: int, first: int, last: int
) -> Sequence[KeptRow]:
    newer = {key: body for key, body in pending.items() if key[0] == kind and first <= key[1] <= last}
    if not newer:
        return rows
    found: dict[KeptKey, bytes | None] = {row.key_of: row.body for row in rows}
    found |= newer
    return [KeptRow(*key, body) for key, body in sorted(found.items()) if body is not None]
