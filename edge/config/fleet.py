"""The section [fleet] of gateway.toml."""

from pathlib import Path

from edge.config.section import Section


class Fleet(Section):
    """[fleet]: configurations from the centre. Without this section none is taken."""

    ca_file: Path
    """The town's root certificate: what its signing key signed is tried, and kept if all is well."""
    crl_file: Path | None = None
    """The town's list of revoked certificates, to know a stolen signing key by."""
