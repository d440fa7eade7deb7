"""A ticket as a picture in a terminal: apart from the ticket, since a gateway that renews draws none."""

import io

import segno


def qr_lines(text: str) -> str:
    """A QR code for a terminal: two rows of dots in each line."""
    out = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(out, border=2, compact=True)
    return out.getvalue()
