"""Samples for the tests of quality control."""

from collections.abc import Mapping, Sequence

from edge.air.checks import checks_of
from edge.air.quality import Judged, QualityControl
from edge.config.air import QualityCheck
from edge.core.air import CheckKind
from edge.core.model import Layout, Quality, Sample, Stamp

BOOT_S = 10_000.0
"""The gateway has been up for so long when a test begins: its sensors are warm."""

Flags = tuple[tuple[int, Quality], ...]


def sample(
    at_s: float,
    values: Sequence[float | None],
    names: Sequence[str] = ("pm2_5",),
    device: str = "dust-1",
    flags: Flags = (),
) -> Sample:
    """What a device brought, so many seconds after the test began."""
    layout = Layout(device, "air", tuple(names), (("device", device),))
    return Sample(layout, Stamp(round((BOOT_S + at_s) * 1e9), None), tuple(values), flags)


def control(
    *rows: Mapping[str, object], twins: Mapping[str, tuple[str, ...]] | None = None, pace: float = 1.0
) -> QualityControl:
    """Quality control with rows of the configuration."""
    checks = checks_of(QualityCheck.model_validate(row) for row in rows)
    return QualityControl(checks, twins or {}, pace)


def judge(
    quality: QualityControl,
    values: Sequence[float | None],
    point: str = "pm2_5",
    step_s: float = 10.0,
    begin_s: float = 0.0,
    device: str = "dust-1",
) -> list[Judged]:
    """What is said of one point's values, read every `step_s`."""
    return [
        quality.judge(sample(begin_s + nth * step_s, (value,), (point,), device))
        for nth, value in enumerate(values)
    ]


def failed(judged: Judged) -> list[CheckKind]:
    """Which checks failed, in their order."""
    return [remark.check for remark in judged.remarks]
