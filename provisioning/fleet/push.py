"""The centre's end: what gateways have, and bringing them what they should have."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cloud_sync.mqtt.asker import Answer, Asker
from cloud_sync.mqtt.message import Incoming
from cloud_sync.mqtt.topics import ROOT
from edge.core.errors import GianhError
from edge.core.fleet import Phase
from provisioning.ca.signing import Signatory
from provisioning.fleet.bundle import Bundle, digest_of
from provisioning.fleet.history import History
from provisioning.fleet.sealing import seal
from provisioning.fleet.trial import START_S

QUIET_S = 1.0
"""What stands retained has come once nothing came for so long."""

STATUS_S = 15.0
"""Longest wait for what stands retained."""

AT_ONCE = 20
"""So many gateways try a configuration at the same time, once the first has kept it."""

GOOD_FOR_S = 30
"""How long a configuration may be on its way: a gateway that is away does not find it later."""

PARTING_S = 60.0
"""How much longer than the trial, and a restart in it, an answer may take."""

LOOK = "`gianh fleet status` tells what became of it"

LAST_WORD_S = 2.0
"""How much later than what the gateway shows the command's own last answer may come."""


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
    """A configuration for one gateway; `over_local` lets it replace what was changed there by hand."""

    gateway: str
    version: int
    text: str
    over_local: bool = False


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
    if one.changed:
        return Standing.CHANGED
    if one.phase is Phase.RETURNED:
        return Standing.RETURNED
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
    if not one.online:
        return "not sent: it is offline"
    if one.changed and not job.over_local:
        return (
            f"not sent: its gateway.toml was changed there after version {one.version}: take that change "
            "into the inventory, or replace it with --over-local"
        )
    return ""


async def _bring(
    asker: Asker, job: Job, signatory: Signatory, history: History, trial_s: float, by: str, say: Say
) -> Result:
    made_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    states = await asker.listen(f"{ROOT}/{job.gateway}/config")
    try:
        sealed = seal(Bundle(job.gateway, job.version, made_at, trial_s, job.text, job.over_local), signatory)
        history.add(job.version, job.text)
    except GianhError as error:
        say(f"{job.gateway}: {error}")
        return Result(job.gateway, job.version, False, str(error))
    fields = {"bundle": sealed.bundle, "signature": sealed.signature}
    patience_s = trial_s + START_S + PARTING_S
    asked = asker.ask(job.gateway, "configure", job.gateway, fields, by, GOOD_FOR_S, patience_s)
    answering = asyncio.create_task(_answered(asked, job, say))
    showing = asyncio.create_task(_shown(states, job))
    try:
        return await asyncio.wait_for(_first(answering, showing), GOOD_FOR_S + patience_s)
    except TimeoutError:
        return Result(job.gateway, job.version, False, f"the gateway stopped and did not come back; {LOOK}")
    finally:
        for task in (answering, showing):
            task.cancel()
        await asyncio.gather(answering, showing, return_exceptions=True)


async def _first(answering: "asyncio.Task[Result | None]", showing: "asyncio.Task[Result]") -> Result:
    """The command's own last answer; where a restart cost it, what the gateway shows of the version."""
    await asyncio.wait((answering, showing), return_when=asyncio.FIRST_COMPLETED)
    if not answering.done():
        await asyncio.wait((answering,), timeout=LAST_WORD_S)
    if answering.done() and (result := answering.result()) is not None:
        return result
    return await showing


async def _answered(asked: AsyncIterator[Answer], job: Job, say: Say) -> Result | None:
    """What the command's answers come to; None where the gateway stopped before the last one."""
    last = Answer("unknown", "no answer")
    try:
        async for last in asked:
            say(f"{job.gateway}: {last.state}{': ' if last.reason else ''}{last.reason}")
    except GianhError as error:
        say(f"{job.gateway}: {error}")
        return Result(job.gateway, job.version, False, f"{error}; {LOOK}")
    if last.state not in ("verified", "failed"):
        return None
    return Result(job.gateway, job.version, last.state == "verified", last.reason)


async def _shown(states: "asyncio.Queue[Incoming]", job: Job) -> Result:
    """What the gateway shows in the end of this version."""
    while True:
        said = _object(await states.get())
        found = _seen(True, said) if said is not None else None
        if found is not None and found.version == job.version and found.phase is not Phase.TRIAL:
            return Result(job.gateway, job.version, found.phase is Phase.KEPT, found.reason)


def _object(message: Incoming) -> dict[str, object] | None:
    """The object of a message, None for anything else."""
    try:
        said = json.loads(message.payload)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


async def _standing(messages: asyncio.Queue[Incoming]) -> list[tuple[str, dict[str, object]]]:
    """Gateway and object of what stands retained; what is no object is passed over."""
    deadline = asyncio.get_running_loop().time() + STATUS_S
    found = []
    while (left_s := deadline - asyncio.get_running_loop().time()) > 0:
        try:
            message = await asyncio.wait_for(messages.get(), min(QUIET_S, left_s))
        except TimeoutError:
            break
        if (said := _object(message)) is not None:
            found.append((message.topic.split("/")[2], said))
    return found


def _seen(online: bool | None, said: Mapping[str, object]) -> Seen:
    try:
        phase, version = Phase(str(said["state"])), int(str(said["version"]))
    except (KeyError, ValueError):
        return Seen(online)
    reason, digest = str(said.get("reason", "")), str(said.get("sha256", ""))
    return Seen(online, phase, version, digest, reason, said.get("changed") is True)
