"""The centre's end: what gateways have, and bringing them what they should have."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cloud_sync.mqtt.asker import Answer, Asker
from cloud_sync.mqtt.message import Incoming
from cloud_sync.mqtt.topics import ROOT
from edge.core.errors import GianhError
from edge.core.fleet import Phase
from provisioning.ca.signing import Signatory
from provisioning.fleet.bundle import Bundle, digest_of, seal
from provisioning.fleet.history import History

QUIET_S = 1.0
"""What stands retained has come once nothing came for so long."""

STATUS_S = 15.0
"""Longest wait for what stands retained."""

AT_ONCE = 20
"""So many gateways try a configuration at the same time, once the first has kept it."""

GOOD_FOR_S = 30
"""How long a configuration may be on its way: a gateway that is away does not find it later."""

PARTING_S = 60.0
"""How much longer than the trial an answer may take."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a gateway says of itself: `online` is None where it never said anything."""

    online: bool | None
    phase: Phase = Phase.NONE
    version: int = 0
    digest: str = ""
    reason: str = ""
    changed: bool = False


class Standing(StrEnum):
    """How a gateway stands to the inventory."""

    AS_WANTED = "as wanted"
    DIFFERS = "differs"
    CHANGED = "changed there"
    TRIAL = "on trial"
    RETURNED = "returned"
    UNKNOWN = "never sent"


@dataclass(frozen=True, slots=True)
class Job:
    """A configuration for one gateway."""

    gateway: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a job: `kept`, or the reason why not."""

    gateway: str
    version: int
    kept: bool
    reason: str


Say = Callable[[str], None]
"""Takes a line of progress."""


async def seen(asker: Asker) -> dict[str, Seen]:
    """What every gateway at the broker says of itself."""
    statuses = await asker.listen(f"{ROOT}/+/status")
    configs = await asker.listen(f"{ROOT}/+/config")
    told, states = await asyncio.gather(_standing(statuses), _standing(configs))
    online = {gateway: said.get("state") == "online" for gateway, said in told}
    found = {gateway: Seen(is_online) for gateway, is_online in online.items()}
    for gateway, said in states:
        found[gateway] = _seen(online.get(gateway), said)
    return found


def standing(one: Seen | None, wanted: str) -> Standing:
    """How a gateway stands to the text that it should have. Pure."""
    if one is None or one.phase is Phase.NONE:
        return Standing.UNKNOWN
    if one.phase is Phase.TRIAL:
        return Standing.TRIAL
    if one.phase is Phase.RETURNED:
        return Standing.RETURNED
    if one.changed:
        return Standing.CHANGED
    return Standing.AS_WANTED if one.digest == digest_of(wanted) else Standing.DIFFERS


def next_version(one: Seen | None, history: History) -> int:
    """A number that neither side has seen."""
    newest = history.newest()
    return max(one.version if one else 0, newest.number if newest else 0) + 1


async def push(
    asker: Asker,
    jobs: Sequence[Job],
    found: Mapping[str, Seen],
    signatory: Signatory,
    histories: Mapping[str, History],
    trial_s: float,
    by: str,
    say: Say,
) -> list[Result]:
    """Bring configurations to gateways that are there: one alone first; the others only once it kept it."""
    away = [Result(job.gateway, job.version, False, reason) for job in jobs if (reason := _away(job, found))]
    jobs = [job for job in jobs if not _away(job, found)]
    if not jobs:
        return away
    one_at_once = asyncio.Semaphore(AT_ONCE)

    async def bring(job: Job) -> Result:
        async with one_at_once:
            return await _bring(asker, job, signatory, histories[job.gateway], trial_s, by, say)

    first = await bring(jobs[0])
    if not first.kept:
        rest = [
            Result(job.gateway, job.version, False, f"not sent: {first.gateway} failed") for job in jobs[1:]
        ]
        return [*away, first, *rest]
    return [*away, first, *await asyncio.gather(*(bring(job) for job in jobs[1:]))]


def _away(job: Job, found: Mapping[str, Seen]) -> str:
    one = found.get(job.gateway)
    if one is None or one.online is None:
        return "not sent: it was never seen at this broker"
    return "" if one.online else "not sent: it is offline"


async def _bring(
    asker: Asker, job: Job, signatory: Signatory, history: History, trial_s: float, by: str, say: Say
) -> Result:
    made_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    last = Answer("unknown", "no answer")
    try:
        sealed = seal(Bundle(job.gateway, job.version, made_at, trial_s, job.text), signatory)
        history.add(job.version, job.text)
        fields = {"bundle": sealed.bundle, "signature": sealed.signature}
        patience_s = trial_s + PARTING_S
        asked = asker.ask(job.gateway, "configure", job.gateway, fields, by, GOOD_FOR_S, patience_s)
        async for answer in asked:
            last = answer
            say(f"{job.gateway}: {answer.state}{': ' if answer.reason else ''}{answer.reason}")
    except GianhError as error:
        last = Answer("unknown", str(error))
        say(f"{job.gateway}: {error}")
    return Result(job.gateway, job.version, last.state == "verified", last.reason)


async def _standing(messages: asyncio.Queue[Incoming]) -> list[tuple[str, dict[str, object]]]:
    """Gateway and object of what stands retained; what is no object is passed over."""
    deadline = asyncio.get_running_loop().time() + STATUS_S
    found = []
    while (left_s := deadline - asyncio.get_running_loop().time()) > 0:
        try:
            message = await asyncio.wait_for(messages.get(), min(QUIET_S, left_s))
        except TimeoutError:
            break
        try:
            said = json.loads(message.payload)
        except ValueError:
            continue
        if isinstance(said, dict):
            found.append((message.topic.split("/")[2], said))
    return found


def _seen(online: bool | None, said: Mapping[str, object]) -> Seen:
    try:
        phase, version = Phase(str(said["state"])), int(str(said["version"]))
    except (KeyError, ValueError):
        return Seen(online)
    reason, digest = str(said.get("reason", "")), str(said.get("sha256", ""))
    return Seen(online, phase, version, digest, reason, said.get("changed") is True)
