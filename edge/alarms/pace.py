"""Delays of rules where a simulated day runs fast. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from edge.config.alarms import Rule
from edge.core.alarms import AlarmKind

LEAST_S = 10.0
"""No delay is shortened below this: devices are asked no more often because the day runs fast."""


def paced(rules: Mapping[AlarmKind, Rule], rate: float) -> Mapping[AlarmKind, Rule]:
    """The rules with their delays in real seconds, for a clock on which UTC runs `rate` times as fast."""
    if rate == 1:
        return rules
    return {
        kind: replace(rule, delay_s=_paced_s(rule.delay_s, rate), clear_s=_paced_s(rule.clear_s, rate))
        for kind, rule in rules.items()
    }


def _paced_s(delay_s: float, rate: float) -> float:
    return max(delay_s / rate, min(delay_s, LEAST_S))
