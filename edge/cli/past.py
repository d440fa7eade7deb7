"""What a gateway keeps of the past: asked of the daemon if it runs, else read from its store."""

from array import array
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import httpx

from edge.cli.daemon import caller
from edge.config.schema import Config
from edge.console.socket import is_heard, socket_path
from edge.core.air import Span
from edge.core.air_columns import Columns
from edge.core.errors import TransientError
from edge.core.model import Layout, SampleRow
from edge.runtime.gateway import STORE_FILE
from edge.runtime.store.reader import reading
from edge.runtime.store.rows import Row, sample_row

MEANS_AT_ONCE = 2_000
"""Spans that one page is about."""


class Past(Protocol):
    """Local history, page by page so that memory is bounded. Raises TransientError."""

    def points(self, of_means: bool) -> Mapping[str, Sequence[str]]:
        """The points that were ever kept, by device or (of means) by station."""

    def means(
        self, stations: Sequence[str], span: Span, after_ns: int, through_ns: int
    ) -> Mapping[str, Columns]:
        """Means whose end lies in (after_ns, through_ns]."""

    def samples(self, devices: Sequence[str], from_ns: int, to_ns: int) -> Iterator[list[SampleRow]]:
        """Samples of these devices taken in [from_ns, to_ns), in the order of storing."""


@contextmanager
def past_of(config: Config) -> Iterator[Past]:
    """The past of the gateway of a configuration, whether it runs or not."""
    data_dir = config.gateway.data_dir
    place = socket_path(data_dir)
    if not is_heard(place):
        with reading(data_dir / STORE_FILE, config.store) as reader:
            yield reader
        return
    with caller(place) as client:
        yield _Daemon(client, config.gateway.id)


def mean_pages(
    past: Past, stations: Sequence[str], span: Span, after_ns: int, through_ns: int
) -> Iterator[Mapping[str, Columns]]:
    """Means page by page, oldest first."""
    step_ns = MEANS_AT_ONCE * span.seconds * 1_000_000_000
    while after_ns < through_ns:
        end_ns = min(through_ns, after_ns + step_ns)
        yield past.means(stations, span, after_ns, end_ns)
        after_ns = end_ns


def all_means(past: Past, station: str, span: Span, after_ns: int, through_ns: int) -> Columns:
    """All means of a station in one piece."""
    found = Columns()
    for page in mean_pages(past, [station], span, after_ns, through_ns):
        if (columns := page.get(station)) is None:
            continue
        found.join(columns)
    return found


class _Daemon:
    """Past over the unix socket."""

    def __init__(self, client: httpx.Client, gateway: str) -> None:
        self._client, self._gateway = client, gateway

    def points(self, of_means: bool) -> Mapping[str, Sequence[str]]:
        """See Past."""
        found: dict[str, list[str]] = self._ask("points", of_means=of_means)
        return found

    def means(
        self, stations: Sequence[str], span: Span, after_ns: int, through_ns: int
    ) -> Mapping[str, Columns]:
        """See Past."""
        asked = {"station": list(stations), "span": span.value, "after": after_ns, "through": through_ns}
        body = self._ask("means", **asked)
        return {name: _columns(packed) for name, packed in body.items()}

    def samples(self, devices: Sequence[str], from_ns: int, to_ns: int) -> Iterator[list[SampleRow]]:
        """See Past."""
        after, last = 0, 1
        while after < last:
            asked = {"device": list(devices), "after": after, "from_ns": from_ns, "to_ns": to_ns}
            body = self._ask("samples", **asked)
            after, last = body["through"], body["last"]
            layouts = {
                int(key): Layout(device, "", tuple(names), ())
                for key, (device, names) in body["layouts"].items()
            }
            yield [sample_row(Row(*row), layouts) for row in body["rows"]]

    def _ask(self, what: str, **params: Any) -> Any:
        try:
            answer = self._client.get(f"/api/v1/history/{what}", params=params)
            body = answer.json()
        except (httpx.TransportError, ValueError) as error:
            raise TransientError(f"{self._gateway} stopped answering: try again, or see its log") from error
        if answer.is_error:
            raise TransientError(str(body.get("detail", body)))
        return body


def _columns(packed: Mapping[str, Any]) -> Columns:
    return Columns(
        _unpacked("q", packed["ends"]),
        {point: _unpacked("d", text) for point, text in packed["values"].items()},
        {point: _unpacked("H", text) for point, text in packed["marks"].items()},
    )


def _unpacked(code: str, text: str) -> "array[Any]":
    column: array[Any] = array(code)
    column.frombytes(b64decode(text))
    return column
