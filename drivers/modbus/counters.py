"""What a link counts, for status and metrics."""

from dataclasses import dataclass, replace

from drivers.modbus.match import Rubbish


@dataclass(frozen=True, slots=True)
class LinkCounters:
    """Totals since the link was made.

    `late`: whole frames that came when nothing was asked, or (TCP) that answer an older question.
    `noise_bytes`: bytes in no whole frame, bad checksums among them. `busy_s`: time with a request under
    way, the silence before the next one included.
    """

    requests: int = 0
    answers: int = 0
    refusals: int = 0
    timeouts: int = 0
    protocol_errors: int = 0
    noise_bytes: int = 0
    wrong_unit: int = 0
    wrong_function: int = 0
    wrong_count: int = 0
    echoes: int = 0
    late: int = 0
    broadcasts: int = 0
    reconnects: int = 0
    busy_s: float = 0.0

    def with_rubbish(self, rubbish: Rubbish) -> "LinkCounters":
        """Plus what was thrown away while an answer was awaited."""
        return replace(
            self,
            echoes=self.echoes + rubbish.echoes,
            wrong_unit=self.wrong_unit + rubbish.wrong_unit,
            wrong_function=self.wrong_function + rubbish.wrong_function,
            wrong_count=self.wrong_count + rubbish.wrong_count,
            noise_bytes=self.noise_bytes + rubbish.noise_bytes,
        )

    def with_stray(self, rubbish: Rubbish) -> "LinkCounters":
        """Plus what came when nothing was asked."""
        return replace(
            self,
            echoes=self.echoes + rubbish.echoes,
            late=self.late + rubbish.frames,
            noise_bytes=self.noise_bytes + rubbish.noise_bytes,
        )
