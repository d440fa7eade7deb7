"""The API of the audit log: where it ends, as the gateway keeps it outside of the log's files."""

from fastapi import FastAPI
from pydantic import BaseModel

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.core.audit import kept_head
from edge.runtime.gateway import Gateway


class AuditOut(BaseModel):
    """The last entry that is certainly on the disk; null and 0 where nothing was written yet."""

    entries: int
    hash: str | None


def add_audit(app: FastAPI, gateway: Gateway) -> None:
    """Add the reading route."""

    @app.get("/api/v1/audit", tags=["gateway"], dependencies=needs(Permission.AUDIT))
    async def audit() -> AuditOut:
        """Where the audit log ends: `gianh audit verify` compares its files with this."""
        head = kept_head(gateway.store)
        return AuditOut(entries=head.count, hash=head.hash) if head else AuditOut(entries=0, hash=None)
