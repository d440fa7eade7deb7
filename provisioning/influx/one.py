"""InfluxDB 1.x: database, retention, continuous queries, and a user for each gateway that only writes."""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from edge.core.errors import ConfigError
from provisioning.influx.changes import Change, no_answer
from provisioning.influx.folds import POLICIES, PREFIX, Policy, policy_of
from provisioning.influx.influxql import continuous_queries
from provisioning.influx.secrets import kept_secret, secret_file, write_secret

TIMEOUT_S = 30.0
_SPAN = re.compile(r"(\d+)([hms])")
_HOURS = {"h": 1.0, "m": 1 / 60, "s": 1 / 3600}


class InfluxOne:
    """One server of generation 1."""

    def __init__(self, url: str, auth: tuple[str, str] | None) -> None:
        self.url = url.rstrip("/")
        self._client = httpx.Client(base_url=self.url, auth=auth, timeout=TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def ask(self, query: str) -> list[dict[str, Any]]:
        """Run a statement; gives its series. Raises TransientError without an answer, else ConfigError."""
        try:
            answer = self._client.post("/query", data={"q": query})
            said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise no_answer(self.url, error) from error
        result = said.get("results", [{}])[0] if "error" not in said else said
        if "error" in result:
            raise ConfigError(f"InfluxDB at {self.url} refused: {result['error']}")
        series: list[dict[str, Any]] = result.get("series", [])
        return series

    def plan(
        self,
        database: str,
        fields: Mapping[str, tuple[str, ...]],
        shift: str,
        gateways: Sequence[str],
        folder: Path,
    ) -> list[Change]:
        """What is to be done; nothing is changed yet."""
        is_new = database not in {
            row[0] for one in self.ask("SHOW DATABASES") for row in one.get("values", [])
        }
        found: list[Change] = []
        if is_new:
            found.append(self._statement(f"create database {database}", f'CREATE DATABASE "{database}"'))
        found += self._policies(database, is_new)
        found += self._queries(database, fields, shift, is_new)
        return found + list(self._users(database, gateways, folder))

    def _policies(self, database: str, is_new: bool) -> Iterator[Change]:
        there: dict[str, str] = {}
        if not is_new:
            for one in self.ask(f'SHOW RETENTION POLICIES ON "{database}"'):
                there |= {row[0]: row[1] for row in one.get("values", [])}
        for policy in POLICIES:
            current = there.get(policy.name, "0s" if is_new and policy is POLICIES[0] else None)
            yield from self._policy(database, policy, current, is_new)

    def _policy(self, database: str, policy: Policy, current: str | None, is_new: bool) -> Iterator[Change]:
        verb = "CREATE" if current is None else "ALTER"
        before = None if current is None else _days(current)
        if before == policy.days:
            return
        length = f"{policy.days}d" if policy.days else "INF"
        text = f'{verb} RETENTION POLICY "{policy.name}" ON "{database}" DURATION {length} REPLICATION 1'
        shorter = not is_new and before is not None and (policy.days or 1e9) < (before or 1e9)
        words = f"{verb.lower()} retention policy {policy.name}: {_kept(policy.days)}"
        if shorter:
            words += f", till now {_kept(before or 0)}: what is older IS DELETED"
        yield self._statement(words, text, shorter)

    def _queries(
        self, database: str, fields: Mapping[str, tuple[str, ...]], shift: str, is_new: bool
    ) -> Iterator[Change]:
        there: set[str] = set()
        if not is_new:
            for one in self.ask("SHOW CONTINUOUS QUERIES"):
                if one["name"] == database:
                    there |= {row[0] for row in one.get("values", [])}
        wanted = {one.name: one.text for one in continuous_queries(database, fields, shift)}
        for name in sorted(one for one in there if one.startswith(PREFIX) and one not in wanted):
            drop = f'DROP CONTINUOUS QUERY "{name}" ON "{database}"'
            words = f"drop continuous query {name}, which is out of date"
            yield self._statement(words, drop, about="drop continuous queries that are out of date")
        for name, text in wanted.items():
            if name not in there:
                about = f"create continuous queries that fill the policy {policy_of(name)}"
                yield self._statement(f"create continuous query {name}", text, about=about)

    def _users(self, database: str, gateways: Sequence[str], folder: Path) -> Iterator[Change]:
        known = (
            {row[0] for one in self.ask("SHOW USERS") for row in one.get("values", [])} if gateways else set()
        )
        for gateway in gateways:
            if gateway not in known:
                file = secret_file(folder, gateway)
                again = " again, with the secret that is there" if file.exists() else ""
                words = f"create user {gateway}{again}, which may write to {database} alone: {file}"
                yield Change(words, partial(self._make_user, database, gateway, folder))

    def _make_user(self, database: str, gateway: str, folder: Path) -> None:
        secret = kept_secret(folder, gateway)
        if secret is None:
            secret = secrets.token_urlsafe(32)
            write_secret(folder, gateway, secret)
        quoted = secret.replace("\\", "\\\\").replace("'", "\\'")
        self.ask(f"CREATE USER \"{gateway}\" WITH PASSWORD '{quoted}'")
        self.ask(f'GRANT WRITE ON "{database}" TO "{gateway}"')

    def _statement(self, words: str, text: str, warns: bool = False, about: str = "") -> Change:
        def do() -> None:
            self.ask(text)

        return Change(words, do, warns, about)


def _days(duration: str) -> float:
    """`1440h0m0s` in days; 0 is for ever."""
    return sum(int(number) * _HOURS[unit] for number, unit in _SPAN.findall(duration)) / 24


def _kept(days: float) -> str:
    return f"kept {days:g} days" if days else "kept for ever"
