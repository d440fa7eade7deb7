"""Codes that people read aloud, write down and type: letters that nobody takes for another (Crockford)."""

import secrets

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U, which are read as something else; five bits each."""

GROUP = 4
"""Letters between two hyphens."""

_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new_code(groups: int) -> str:
    """A random code, such as `7K2M-X0QD-9RVA-4TBN` of 4 groups: 20 bits each."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(groups))


def plain_code(text: str) -> str:
    """A code as it was meant: small letters, left out hyphens and lookalikes are forgiven."""
    return text.upper().translate(_READ_AS)
