"""What is asked of an SNMP agent and what its answers say: IF-MIB (RFC 2863) and vendors' MIBs. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from drivers.access_points.figures import Figures
from drivers.access_points.foreign import document, table
from drivers.access_points.paths import Oid, SnmpPath, counter_of, snmp_path
from edge.core.errors import ProtocolError, Refused
from edge.core.sayings import say

IF_TABLE: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_X_TABLE: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
IF_TYPE: Oid = (*IF_TABLE, 3)
IF_NAME: Oid = (*IF_X_TABLE, 1)
UPTIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)

RADIO = 71
"""ifType of a radio: ieee80211 (IANAifType-MIB)."""

VALUES_MAX = 20_000
"""Most values of one poll: an agent that never comes to the end of a column is left."""

Value = int | str
Values = Mapping[Oid, Value]
"""What an agent answered, by instance."""


def asked(paths: Iterable[str], only: Sequence[str]) -> tuple[list[Oid], list[Oid]]:
    """The scalars and the columns that bring these paths, and the column that tells which rows count."""
    parts = list(_parts(paths).values())
    scalars = sorted({part.oid for part in parts if not part.column})
    columns = {part.oid for part in parts if part.column}
    if any(map(_by_interface, columns)):
        columns.add(IF_NAME if only else IF_TYPE)
    return scalars, sorted(columns)


def figures_in(values: Values, paths: Iterable[str], only: Sequence[str]) -> Figures:
    """The figures of these paths; rows of interfaces count where they are named, else where they are radios.

    Raises Refused where no interface is known to be a radio.
    """
    parts = _parts(paths)
    rows = _rows(values, only)
    if not only and not rows and any(_by_interface(part.oid) for part in parts.values() if part.column):
        raise Refused(say("no_radio_of_agent", type=RADIO))
    found = {path: _figure(values, part, rows) for path, part in parts.items()}
    return {path: number for path, number in found.items() if number is not None}


class Walk:
    """Columns of a table, some rows of each with every answer (RFC 3416 section 4.2.3), up to their ends."""

    def __init__(self, columns: Iterable[Oid]) -> None:
        self.values: dict[Oid, Value] = {}
        self._next = {column: column for column in columns}

    def asks(self) -> list[Oid]:
        """Behind which instances to go on; empty at the end."""
        return list(self._next.values())

    def take(self, answer: Sequence[tuple[Oid, Value | None]]) -> None:
        """An answer in wire order: one value of each column, again and again; None ends a column.

        Raises ProtocolError for an agent that goes back or never ends.
        """
        columns = list(self._next)
        if not answer:
            self._next.clear()
        for at, (oid, value) in enumerate(answer):
            column = columns[at % len(columns)]
            if column not in self._next:
                continue
            if value is None or oid[: len(column)] != column:
                del self._next[column]
            elif oid <= self._next[column]:
                raise ProtocolError(say("round_in_circles"))
            else:
                self._next[column] = oid
                self.values[oid] = value
        if len(self.values) > VALUES_MAX:
            raise ProtocolError(say("too_many_values", most=VALUES_MAX))


def sample_figures(text: str, paths: Iterable[str]) -> Figures:
    """The figures of a profile's sample: a JSON object, OID to number or text."""
    values = {tuple(map(int, oid.split("."))): value for oid, value in table(document(text.encode())).items()}
    told = {oid: value for oid, value in values.items() if isinstance(value, int | str)}
    return figures_in(told, paths, ())


def _parts(paths: Iterable[str]) -> dict[str, SnmpPath]:
    counters = {counter_of(path) for path in paths}
    return {path: part for path in sorted(counters) if (part := snmp_path(path)) is not None}


def _by_interface(oid: Oid) -> bool:
    """Whether the rows of a column are interfaces."""
    return oid[:-1] in (IF_TABLE, IF_X_TABLE)


def _rows(values: Values, only: Sequence[str]) -> set[Oid]:
    """The index of every interface that counts."""
    if only:
        return {index for index, label in _column(values, IF_NAME) if label in only}
    return {index for index, kind in _column(values, IF_TYPE) if kind == RADIO}


def _column(values: Values, column: Oid) -> Iterator[tuple[Oid, Value]]:
    size = len(column)
    return ((oid[size:], value) for oid, value in values.items() if oid[:size] == column)


def _figure(values: Values, part: SnmpPath, rows: set[Oid]) -> float | None:
    if not part.column:
        value = values.get(part.oid)
        return float(value) if isinstance(value, int) else None
    every = not _by_interface(part.oid)
    cells = [value for index, value in _column(values, part.oid) if every or index in rows]
    numbers = [value for value in cells if isinstance(value, int)]
    if part.wanted is not None:
        return float(part.wanted in numbers)
    return float(sum(numbers)) if numbers else None
