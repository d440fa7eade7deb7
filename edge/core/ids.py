"""Identifiers: what may name a gateway, device, group, bus, site or target."""

import re

ID_RULE = "1 to 32 of a-z, 0-9 and -, not beginning with -"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def is_id(text: str) -> bool:
    """Whether `text` follows ID_RULE."""
    return _ID.fullmatch(text) is not None
