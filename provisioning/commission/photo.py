"""A photo without what a phone writes into it: place, owner, serial number, time, thumbnail. Pure."""

from edge.config.commissioning import PHOTO_BYTES_MAX
from edge.core.errors import ConfigError
from edge.core.sayings import say

JPEG, PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
START_OF_SCAN, END, COMMENT = 0xDA, 0xD9, 0xFE
APP0, APP14, APP15 = 0xE0, 0xEE, 0xEF
PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs"})
"""Chunks that make the picture; all others are text, times and Exif."""


def stripped(content: bytes) -> tuple[bytes, str]:
    """The picture alone, and how its file name ends. Raises ConfigError if it is too large, or none."""
    if len(content) > PHOTO_BYTES_MAX:
        raise ConfigError(
            say(
                "photo_too_big",
                size=f"{len(content) / 1e6:.1f}",
                most=f"{PHOTO_BYTES_MAX / 1e6:g}",
            )
        )
    try:
        if content.startswith(JPEG):
            return _jpeg(content), "jpg"
        if content.startswith(PNG):
            return _png(content), "png"
    except (IndexError, ValueError) as error:
        raise ConfigError(say("photo_damaged")) from error
    raise ConfigError(say("photo_kind"))


def _jpeg(content: bytes) -> bytes:
    """ITU-T T.81 B.1: segments of marker and length until the scan; of the application's own ones only JFIF's
    and Adobe's stay, which say how colours are meant."""
    kept, at = [JPEG], 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in (START_OF_SCAN, END):
            return b"".join([*kept, content[at : _end(content, at)]])
        after = at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if after > len(content) or after < at + 4:
            raise ValueError("cut off")
        if not (APP0 < marker <= APP15 and marker != APP14) and marker != COMMENT:
            kept.append(content[at:after])
        at = after


def _end(content: bytes, scan: int) -> int:
    """Behind the picture that begins at `scan`: phones append videos, depth maps and further pictures."""
    found = content.find(b"\xff\xd9", scan)
    if found < 0:
        raise ValueError("no end")
    return found + 2


def _png(content: bytes) -> bytes:
    """PNG 5.3: chunks of length, type, data and check."""
    kept, at = [PNG], len(PNG)
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        kind, after = content[at + 4 : at + 8], at + 12 + size
        if after > len(content):
            raise ValueError("cut off")
        if kind in PNG_KEPT:
            kept.append(content[at:after])
        if kind == b"IEND":
            break
        at = after
    return b"".join(kept)
