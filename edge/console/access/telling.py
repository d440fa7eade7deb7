"""Tells what happened to users and sessions: as events, which the audit log takes in as well.

Never a password, a code or the id of a session, and never an unknown name: people type passwords there.
"""

import logging

from edge.core.model import Event, EventKind, Fields, Severity
from edge.core.ports import Clock, Report
from edge.core.sayings import say

log = logging.getLogger(__name__)

ROUTINE_MAX = 300
"""So many logins, failed ones and logouts are told within one hour; of the rest the number alone."""

HOUR_NS = 3_600 * 1_000_000_000


class Telling:
    """Reports events about a gateway's users; `subject` is the gateway."""

    def __init__(self, report: Report, clock: Clock, subject: str) -> None:
        self._report, self._clock, self._subject = report, clock, subject
        self._hour = self._told = 0

    def routine(self, did: str, user: str, address: str, *, warning: bool = False) -> None:
        """Somebody logged in or out, or could not; `user` is empty where there is no such user."""
        hour = self._clock.mono_ns() // HOUR_NS
        if hour != self._hour:
            untold, self._hour, self._told = self._told - ROUTINE_MAX, hour, 0
            if untold > 0:
                self._tell(
                    Severity.WARNING,
                    say("access_untold", count=untold),
                    (("did", "untold"), ("count", untold)),
                )
        self._told += 1
        if self._told > ROUTINE_MAX:
            return
        severity = Severity.WARNING if warning else Severity.INFO
        text = f"{did.replace('_', ' ')}: {user or 'an unknown user'} from {address}"
        if warning:
            log.warning("%s", text)
        self._tell(severity, text, (("did", did), ("user", user), ("from", address)))

    def change(self, did: str, user: str, by: str, role: str = "") -> None:
        """A user was changed by somebody."""
        text = f"{did.replace('_', ' ')}: {user}{f' as {role}' if role else ''}, by {by}"
        log.info("%s", text)
        more: Fields = (("role", role),) if role else ()
        self._tell(Severity.INFO, text, (("did", did), ("user", user), ("by", by), *more))

    def _tell(self, severity: Severity, text: str, fields: Fields) -> None:
        self._report(Event(self._clock.stamp(), EventKind.ACCESS, self._subject, severity, text, fields))
