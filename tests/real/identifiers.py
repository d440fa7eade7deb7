"""Whatever names a person or a device, in each spelling that it may have; and the search for it."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulators.wifi_visitors import Guest
from tests.servers import need

SHORTEST = 8
"""No text that is looked for is so short that chance could have written it."""


def spellings(address: bytes) -> list[str]:
    """A MAC address as people and programs write it, in small letters; the search knows no others."""
    pairs = [f"{byte:02x}" for byte in address]
    bare = "".join(pairs)
    fours = [bare[at : at + 4] for at in (0, 4, 8)]
    sixes = [bare[:6], bare[6:]]
    escaped = "".join(f"\\x{pair}" for pair in pairs)
    return [
        ":".join(pairs),
        "-".join(pairs),
        " ".join(pairs),
        ".".join(fours),
        "-".join(sixes),
        bare,
        escaped,
    ]


@dataclass(frozen=True, slots=True)
class Needles:
    """What may be nowhere: texts, in large and small letters alike, and MAC addresses as six bytes."""

    texts: frozenset[str]
    raw: frozenset[bytes]

    @classmethod
    def of(cls, guests: Iterable[Guest], texts: Iterable[str]) -> "Needles":
        """Of these guests, and of other texts."""
        known = list(guests)
        named = {text for guest in known for text in spellings(guest.address)}
        named |= {guest.user for guest in known} | {".".join(map(str, guest.ip)) for guest in known}
        named |= {guest.user.encode().hex() for guest in known}
        every = frozenset(text.lower() for text in (*named, *texts))
        assert min(map(len, every)) >= SHORTEST
        return cls(every, frozenset(guest.address for guest in known))

    def found_in(self, path: Path) -> set[str]:
        """What of it stands in a file; nothing is good."""
        return set(self._texts_in(path)) | set(self._raw_in(path.read_bytes()))

    def found_in_all(self, haystacks: Mapping[str, bytes]) -> dict[str, set[str]]:
        """What of it stands where: in all of them at once, and one by one only if there is any."""
        if not self._found(b"\n".join(haystacks.values())):
            return {}
        return {name: those for name, data in haystacks.items() if (those := self._found(data))}

    def _found(self, data: bytes) -> set[str]:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return self.found_in(Path(file.name))

    def _texts_in(self, path: Path) -> Iterator[str]:
        with tempfile.NamedTemporaryFile("w") as patterns:
            patterns.write("\n".join(sorted(self.texts)))
            patterns.flush()
            options = ["--text", "--only-matching", "--no-filename", "--ignore-case", "--fixed-strings"]
            done = subprocess.run(
                [need("grep", "grep"), *options, "--file", patterns.name, str(path)],
                capture_output=True,
                check=False,
                env={"LC_ALL": "C"},
            )
        assert done.returncode in (0, 1), done.stderr
        yield from done.stdout.decode("ascii", "replace").lower().split("\n")[:-1]

    def _raw_in(self, data: bytes) -> Iterator[str]:
        for address in self.raw:
            if address in data:
                yield f"raw {address.hex()}"
