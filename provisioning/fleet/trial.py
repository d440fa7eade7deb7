"""A new configuration put in place beside the last good one, so that no crash leaves a gateway with neither.

Beside gateway.toml lie `gateway.toml.last-good`, what there was before, and `gateway.toml.fleet`, the record
of what the centre sent. They are written in this order: last good, record, configuration.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from edge.config.faults import ConfigErrors
from edge.config.schema import Config
from edge.core.errors import ConfigError
from edge.core.fleet import ConfigState, Phase
from edge.core.owned import write_owned, writing
from provisioning.fleet.bundle import Bundle, digest_of

START_S = 120.0
"""How long a gateway may take to stop and start again, besides its trial: as long as systemd gives it."""

STARTS_MAX = 3
"""So often a gateway may start while a configuration is on trial; once more, and it is taken back."""

FAULTS_SHOWN = 3
"""How many faults of a refused configuration the centre is told."""

MODE = 0o640
"""As `gianh install` makes the file."""

Check = Callable[[Path], Config]
"""Loads a configuration file; raises ConfigError with its faults."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a gateway reached before a trial: devices that answered, targets that took data, its console."""

    devices: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    console: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of the newest configuration from the centre.

    `began_ns` (UTC) is when its trial began, `starts` counts those while on trial, `placed` is the digest of
    what was put in place last.
    """

    phase: Phase
    version: int = 0
    digest: str = ""
    trial_s: float = 0.0
    at_ns: int | None = None
    reason: str = ""
    signed_by: str = ""
    starts: int = 0
    began_ns: int | None = None
    before: Before = Before()
    placed: str = ""


class TrialFiles:
    """The three files. Each method leaves them whole, also when the power goes in between."""

    def __init__(self, config: Path, check: Check) -> None:
        self._config, self._check = config, check
        self._good = config.with_name(f"{config.name}.last-good")
        self._record = config.with_name(f"{config.name}.fleet")

    @property
    def record(self) -> Record:
        """The record; where it is lost or damaged, as if nothing had ever been sent."""
        try:
            found = json.loads(self._record.read_text("utf-8"))
            before = found.pop("before", {})
            reached = Before(
                tuple(map(str, before.get("devices", ()))),
                tuple(map(str, before.get("targets", ()))),
                before.get("console") is True,
            )
            return Record(**{**found, "phase": Phase(found["phase"]), "before": reached})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Record(Phase.NONE)

    def state(self) -> ConfigState:
        """For whoever shows it."""
        one = self.record
        stays = one.digest if one.phase in (Phase.TRIAL, Phase.KEPT) else ""
        placed = one.placed or stays
        changed = placed != "" and self._digest(self._config) != placed
        return ConfigState(one.phase, one.version, one.digest, one.at_ns, one.reason, one.signed_by, changed)

    def config(self) -> Config:
        """The configuration that is in place. Raises ConfigError."""
        return self._check(self._config)

    def judged(self, bundle: Bundle) -> Config:
        """What a bundle says. Raises ConfigError, changing nothing, for one that may not be put in place."""
        before = self.record
        if bundle.version <= before.version:
            raise ConfigError(
                f"version {bundle.version} is not newer than {before.version}, which came already: "
                "send what is wanted as a new version"
            )
        if self.state().changed and not bundle.over_local:
            raise ConfigError(
                f"{self._config.name} was changed on the gateway itself after version {before.version}: take "
                "that change into the inventory, or push with --over-local to replace it"
            )
        return self._try_out(bundle)

    def begin(self, bundle: Bundle, signed_by: str, at_ns: int | None, before: Before = Before()) -> None:
        """Put a configuration that was judged in place, on trial."""
        with writing(self._config.parent):
            self._write(self._good, self._config.read_bytes())
            record = Record(Phase.TRIAL, bundle.version, bundle.digest, bundle.trial_s, at_ns, "", signed_by)
            self._keep(replace(record, began_ns=at_ns, before=before, placed=bundle.digest))
            self._write(self._config, bundle.config.encode())

    def keep(self, at_ns: int | None) -> None:
        """What is on trial stays."""
        with writing(self._config.parent):
            self._keep(replace(self.record, phase=Phase.KEPT, at_ns=at_ns))

    def give_back(self, reason: str, at_ns: int | None) -> None:
        """Put the last good configuration in place again."""
        with writing(self._config.parent):
            if self._digest(self._config) == self.record.digest:
                self._write(self._config, self._good.read_bytes())
            placed = self._digest(self._config)
            self._keep(replace(self.record, phase=Phase.RETURNED, at_ns=at_ns, reason=reason, placed=placed))

    def at_start(self, utc_ns: int) -> str:
        """Before the configuration is loaded: see to one on trial. Gives why it was taken back, if so.

        A clock that is not set yet is behind, and so takes nothing back for its time.
        """
        one = self.record
        if one.phase is not Phase.TRIAL:
            return ""
        reason = ""
        if self._digest(self._config) != one.digest:
            reason = "the gateway stopped before it was in place"
        elif one.began_ns is not None and utc_ns > one.began_ns + (one.trial_s + START_S) * 1e9:
            reason = "its time was over before the gateway had shown that it is well with it"
        elif one.starts >= STARTS_MAX:
            reason = f"the gateway was started {one.starts} times while it was on trial"
        else:
            try:
                self._check(self._config)
            except ConfigError as error:
                reason = f"it does not load: {_short(error)}"
        if reason:
            self.give_back(reason, None)
        else:
            with writing(self._config.parent):
                self._keep(replace(one, starts=one.starts + 1))
        return reason

    def _try_out(self, bundle: Bundle) -> Config:
        """Load it from where it will lie, so that the files it names are looked for in the right place."""
        candidate = self._config.with_name(f".{self._config.name}.candidate")
        try:
            with writing(self._config.parent):
                write_owned(candidate, bundle.config.encode())
            return self._check(candidate)
        except ConfigErrors as error:
            raise ConfigError(f"refused: {_short(error)}") from error
        finally:
            candidate.unlink(missing_ok=True)

    def _keep(self, record: Record) -> None:
        write_owned(self._record, json.dumps(asdict(record), ensure_ascii=False).encode(), MODE)

    def _write(self, file: Path, content: bytes) -> None:
        mode = self._config.stat().st_mode & 0o777 if self._config.exists() else MODE
        write_owned(file, content, mode)

    def _digest(self, file: Path) -> str:
        try:
            return digest_of(file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            return ""


def _short(error: ConfigError) -> str:
    """The first faults, without the name of the file."""
    if not isinstance(error, ConfigErrors):
        return str(error)
    shown = [
        f"line {fault.line}: {fault.key}: {fault.message}" if fault.line else fault.message
        for fault in error.faults[:FAULTS_SHOWN]
    ]
    more = len(error.faults) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
