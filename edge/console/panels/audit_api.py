"""The API of the audit log's entries: who did what, page by page, and whether the chain is whole."""

import asyncio
import contextlib
import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.models import SentenceOut, sentences_out
from edge.console.panels.children import worked
from edge.core.audit import Head, kept_head
from edge.core.errors import TransientError
from edge.core.sayings import say
from edge.core.times import from_rfc3339, rfc3339_ms
from edge.lighting.chain import Entry, Verification, entries_back
from edge.runtime.gateway import Gateway

VERIFIER, VERIFY_S = "edge.console.panels.verify_child", 60.0

LOOKED_MAX = 4_000
"""Most entries that one question looks through; the answer says where to go on."""

SHOWN = ("verb", "target", "state", "reason", "note", "level", "for_s", "said", "did", "user", "from", "role",
         "alarm", "lamps", "names", "why", "severity", "what")  # fmt: skip

SENTENCES = ("reason", "what", "why")
"""Those of them that are sentences."""

Filter = Annotated[str, Query(max_length=64)]


class AuditEntryOut(BaseModel):
    """One entry. `at` is null while the clock was not set; `words` are its other fields that people read.

    `said` has those of them that are sentences (`reason`, `what`, `why`) in both languages.
    """

    number: int
    at: str | None
    kind: str
    by: str
    source: str
    words: dict[str, str | float | bool | None]
    said: dict[str, list[SentenceOut]] = {}


class AuditPageOut(BaseModel):
    """Entries, the newest first; `before` goes into the next question, null at the end of the log."""

    entries: list[AuditEntryOut]
    before: int | None


class VerifiedOut(BaseModel):
    """Whether the chain is whole, up to the head that the gateway keeps outside of the log."""

    ok: bool
    entries: int
    broken: str
    said: list[SentenceOut] = []
    missing: int
    head: str


def add_audit_entries(app: FastAPI, gateway: Gateway) -> None:
    """Add the routes. Files are read by the store's thread, between two commits."""
    directory = gateway.config.gateway.data_dir
    verifying = asyncio.Lock()

    @app.get("/api/v1/audit/entries", tags=["gateway"], dependencies=needs(Permission.AUDIT))
    async def page(
        by: Filter = "",
        kind: Filter = "",
        target: Filter = "",
        since: Filter = "",
        until: Filter = "",
        people: bool = False,
        before: int = Query(2**53, ge=1, le=2**53),
        limit: int = Query(100, ge=1, le=500),
    ) -> AuditPageOut:
        """Entries that fit all filters; `people` leaves out what the gateway did by itself."""
        wanted = Wanted(by, kind, target, moment_of(since), moment_of(until), people)
        found: list[AuditPageOut] = []

        def look() -> None:
            found.append(page_of(entries_back(directory), wanted, before, limit))

        await gateway.store.aside(look)
        return found[0]

    @app.get("/api/v1/audit/verified", tags=["gateway"], dependencies=needs(Permission.AUDIT))
    async def verified() -> VerifiedOut:
        """Follow the whole chain now; one at a time."""
        if verifying.locked():
            raise HTTPException(429, say("verifying"))
        async with verifying:
            head = kept_head(gateway.store)
            return verified_out(await _verified(directory, head))


class Wanted:
    """What an entry must be to be shown."""

    def __init__(
        self, by: str, kind: str, target: str, since_ns: int | None, until_ns: int | None, people: bool
    ) -> None:
        self._by, self._kind, self._target = by.casefold(), kind, target.casefold()
        self._since_ns, self._until_ns, self._people = since_ns, until_ns, people

    def fits(self, entry: Entry) -> bool:
        """Whether it is."""
        by, target = who_of(entry).casefold(), str(entry.get("target", "")).casefold()
        at_ns = entry.get("at_ns")
        if self._people and not by:
            return False
        if self._by not in by or self._target not in target or self._kind not in ("", entry["kind"]):
            return False
        if self._since_ns is None and self._until_ns is None:
            return True
        return isinstance(at_ns, int) and (self._since_ns or 0) <= at_ns < (self._until_ns or 2**63)


def page_of(entries: Iterator[Entry], wanted: Wanted, before: int, limit: int) -> AuditPageOut:
    """The newest entries below a number that are wanted."""
    found: list[AuditEntryOut] = []
    looked = 0
    for entry in entries:
        if entry["number"] >= before:
            continue
        if len(found) >= limit or looked >= LOOKED_MAX:
            return AuditPageOut(entries=found, before=entry["number"] + 1)
        looked += 1
        if wanted.fits(entry):
            found.append(entry_out(entry))
    return AuditPageOut(entries=found, before=None)


def who_of(entry: Mapping[str, Any]) -> str:
    """Who did it, as far as somebody did."""
    return str(entry.get("by") or entry.get("user") or "")


def entry_out(entry: Mapping[str, Any]) -> AuditEntryOut:
    """An entry as the API says it."""
    at_ns = entry.get("at_ns")
    words = {name: entry[name] for name in SHOWN if entry.get(name) not in (None, "")}
    return AuditEntryOut(
        number=entry["number"],
        at=rfc3339_ms(at_ns) if isinstance(at_ns, int) else None,
        kind=str(entry["kind"]),
        by=who_of(entry),
        source=str(entry.get("source", "")),
        said={name: sentences_out(str(words[name])) for name in SENTENCES if name in words},
        words={name: one if isinstance(one, str | int | float) else str(one) for name, one in words.items()},
    )


def verified_out(found: Verification) -> VerifiedOut:
    """What following the chain found; files are named without their place."""
    broken = found.broken.rsplit("/", 1)[-1]
    return VerifiedOut(
        ok=not found.broken,
        entries=found.entries,
        broken=broken,
        said=sentences_out(broken),
        missing=found.missing,
        head=str(found.head),
    )


async def _verified(directory: Path, head: Head | None) -> Verification:
    """Verify in a process of its own: a full log takes seconds of a small machine."""
    code, answer = await worked(VERIFIER, pickle.dumps((directory, head)), VERIFY_S)
    if code or not answer:
        raise TransientError(say("not_verified"))
    found: Verification = pickle.loads(answer)
    return found


def moment_of(text: str) -> int | None:
    """UTC ns of a time in a question; HTTPException for what is none."""
    if not text:
        return None
    with contextlib.suppress(ValueError, OverflowError):
        return from_rfc3339(text)
    raise HTTPException(422, say("times_of_log_wanted"))
