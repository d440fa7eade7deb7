"""InfluxDB 2.x: buckets, DBRP mappings for InfluxQL, tasks, and a token for each gateway that only writes.

The only module that knows influxdb-client; its errors become ours.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import influxdb_client
from influxdb_client.rest import ApiException

from edge.core.errors import ConfigError
from provisioning.influx.changes import Change, no_answer
from provisioning.influx.flux import bucket_of, tasks
from provisioning.influx.folds import POLICIES, PREFIX, RAW, policy_of
from provisioning.influx.secrets import check_room, secret_file, write_secret

TIMEOUT_MS = 30_000
DAY_S = 86_400
PAGE = 100
UNAUTHORIZED = 401
NOT_FOUND = 404
OWNER = "Gianh: write only, "
"""How the description of a gateway's token begins."""

T = TypeVar("T")

_LIBRARY: Any = influxdb_client
"""Most of it has no types."""


class InfluxTwo:
    """One server of generation 2; `token` may do everything in the organization."""

    def __init__(self, url: str, org: str, token: str) -> None:
        self.url, self.org = url.rstrip("/"), org
        self._client: Any = _LIBRARY.InfluxDBClient(url=self.url, token=token, org=org, timeout=TIMEOUT_MS)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def plan(
        self,
        database: str,
        fields: Mapping[str, tuple[str, ...]],
        shift: str,
        gateways: Sequence[str],
        folder: Path,
    ) -> list[Change]:
        """What is to be done; nothing is changed yet."""
        org_id = self._org_id()
        return [
            *self._buckets(database, org_id),
            *self._mappings(database, org_id),
            *self._tasks(database, fields, shift, org_id),
            *self._tokens(database, gateways, folder, org_id),
        ]

    def _org_id(self) -> str:
        found = self._ask(lambda: self._client.organizations_api().find_organizations(org=self.org))
        if not found:
            raise ConfigError(f"InfluxDB at {self.url} has no organization {self.org}: make it first")
        return str(found[0].id)

    def _bucket(self, name: str) -> Any:
        return self._ask(lambda: self._client.buckets_api().find_bucket_by_name(name))

    def _buckets(self, database: str, org_id: str) -> Iterator[Change]:
        for policy in POLICIES:
            name, kept_s = bucket_of(database, policy.name), policy.days * DAY_S
            words = f"kept {policy.days} days" if policy.days else "kept for ever"
            found = self._bucket(name)
            if found is None:
                yield Change(f"create bucket {name}: {words}", self._maker(name, kept_s, org_id))
                continue
            rules = found.retention_rules or []
            before_s = rules[0].every_seconds if rules else 0
            if before_s != kept_s:
                shorter = (kept_s or 1e12) < (before_s or 1e12)
                told = f"update bucket {name}: {words}" + (": what is older IS DELETED" if shorter else "")
                yield Change(told, self._keeper(found, kept_s), shorter)

    def _maker(self, name: str, kept_s: int, org_id: str) -> Callable[[], None]:
        def make() -> None:
            rules = [_LIBRARY.BucketRetentionRules(type="expire", every_seconds=kept_s)] if kept_s else []
            api = self._client.buckets_api()
            self._ask(lambda: api.create_bucket(bucket_name=name, retention_rules=rules, org=org_id))

        return make

    def _keeper(self, bucket: Any, kept_s: int) -> Callable[[], None]:
        def keep() -> None:
            bucket.retention_rules = [_LIBRARY.BucketRetentionRules(type="expire", every_seconds=kept_s)]
            self._ask(lambda: self._client.buckets_api().update_bucket(bucket))

        return keep

    def _mappings(self, database: str, org_id: str) -> Iterator[Change]:
        """What lets InfluxQL find the buckets; those that 2.x makes up by itself do not count."""
        service = _LIBRARY.DBRPsService(self._client.api_client)
        found = self._ask(lambda: service.get_dbr_ps(org_id=org_id, db=database)).content or []
        there = {one.retention_policy for one in found if not getattr(one, "virtual", False)}
        for policy in POLICIES:
            if policy.name not in there:
                words = (
                    f"map {database}.{policy.name} for InfluxQL to bucket {bucket_of(database, policy.name)}"
                )
                yield Change(words, self._mapper(service, database, policy.name, org_id))

    def _mapper(self, service: Any, database: str, policy: str, org_id: str) -> Callable[[], None]:
        def make() -> None:
            bucket = self._bucket(bucket_of(database, policy))
            mapping = _LIBRARY.DBRPCreate(
                org_id=org_id,
                bucket_id=bucket.id,
                database=database,
                retention_policy=policy,
                default=policy == RAW,
            )
            self._ask(lambda: service.post_dbrp(dbrp_create=mapping))

        return make

    def _tasks(
        self, database: str, fields: Mapping[str, tuple[str, ...]], shift: str, org_id: str
    ) -> Iterator[Change]:
        api = self._client.tasks_api()
        there = {task.name: task.id for task in self._all_tasks(org_id) if task.name.startswith(PREFIX)}
        wanted = {task.name: task.flux for task in tasks(database, fields, shift)}
        for name in sorted(there.keys() - wanted.keys()):
            words = f"delete task {name}, which is out of date"
            about = "delete tasks that are out of date"
            yield Change(words, self._doer(partial(api.delete_task, there[name])), about=about)
        for name, flux in wanted.items():
            if name not in there:
                about = f"create tasks that fill the bucket {bucket_of(database, policy_of(name))}"
                yield Change(f"create task {name}", self._tasker(flux, org_id), about=about)

    def _tasker(self, flux: str, org_id: str) -> Callable[[], None]:
        request = _LIBRARY.TaskCreateRequest(flux=flux, org_id=org_id, status="active")
        return self._doer(lambda: self._client.tasks_api().create_task(task_create_request=request))

    def _all_tasks(self, org_id: str) -> Iterator[Any]:
        after: dict[str, str] = {}
        while True:
            find = partial(self._client.tasks_api().find_tasks, org_id=org_id, limit=PAGE, **after)
            page: list[Any] = self._ask(find)
            yield from page
            if len(page) < PAGE:
                return
            after = {"after": page[-1].id}

    def _tokens(self, database: str, gateways: Sequence[str], folder: Path, org_id: str) -> Iterator[Change]:
        if not gateways:
            return
        found = self._ask(lambda: self._client.authorizations_api().find_authorizations(org_id=org_id))
        there = {one.description for one in found or []}
        for gateway in gateways:
            if OWNER + gateway not in there:
                words = f"create a token with which {gateway} may write to {database} alone: "
                yield Change(
                    words + str(secret_file(folder, gateway)), self._teller(database, gateway, folder, org_id)
                )

    def _teller(self, database: str, gateway: str, folder: Path, org_id: str) -> Callable[[], None]:
        def make() -> None:
            check_room(folder, gateway)
            resource = _LIBRARY.PermissionResource(
                type="buckets", id=self._bucket(database).id, org_id=org_id
            )
            wanted = _LIBRARY.Authorization(
                org_id=org_id,
                permissions=[_LIBRARY.Permission(action="write", resource=resource)],
                description=OWNER + gateway,
            )
            api = self._client.authorizations_api()
            made = self._ask(lambda: api.create_authorization(authorization=wanted))
            write_secret(folder, gateway, str(made.token))

        return make

    def _doer(self, call: Callable[[], object]) -> Callable[[], None]:
        def do() -> None:
            self._ask(call)

        return do

    def _ask(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except ApiException as error:
            if error.status == UNAUTHORIZED:
                raise ConfigError(f"InfluxDB at {self.url} does not know this token") from error
            if error.status == NOT_FOUND:
                raise ConfigError(
                    f"InfluxDB at {self.url} does not answer as 2.x does: for 1.x leave --influx-version away"
                ) from error
            raise ConfigError(f"InfluxDB at {self.url} refused: {error.message or error.reason}") from error
        except Exception as error:
            if isinstance(error, ConfigError):
                raise
            raise no_answer(self.url, error) from error
