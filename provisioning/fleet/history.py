"""Every version that was ever sent to a gateway, at the centre: `fleet/gw-a/0007.toml`."""

from dataclasses import dataclass
from pathlib import Path

from edge.core.errors import ConfigError, TransientError
from edge.core.owned import make_folder, write_owned


@dataclass(frozen=True, slots=True)
class Version:
    """One of them."""

    number: int
    text: str


class History:
    """The versions of one gateway, in a folder of its own."""

    def __init__(self, folder: Path, gateway: str) -> None:
        self._folder, self._gateway = folder / gateway, gateway

    def newest(self) -> Version | None:
        """The newest one sent."""
        numbers = self.numbers()
        return self.get(numbers[-1]) if numbers else None

    def numbers(self) -> list[int]:
        """All that are kept, the oldest first."""
        return sorted(int(one.stem) for one in self._folder.glob("[0-9]*.toml") if one.stem.isdigit())

    def get(self, number: int) -> Version:
        """One of them. Raises ConfigError if it is not kept."""
        try:
            return Version(number, self._file(number).read_text("utf-8"))
        except OSError as error:
            kept = ", ".join(map(str, self.numbers()[-10:])) or "none"
            raise ConfigError(f"no version {number} of {self._gateway} is kept: there are {kept}") from error

    def before(self, number: int) -> Version:
        """The newest kept one with another text before that number. Raises ConfigError if there is none."""
        now = self.get(number)
        for one in reversed([older for older in self.numbers() if older < number]):
            if (version := self.get(one)).text != now.text:
                return version
        raise ConfigError(f"no other version of {self._gateway} is kept before {number}")

    def add(self, number: int, text: str) -> None:
        """Keep a version. Raises TransientError."""
        try:
            make_folder(self._folder)
            write_owned(self._file(number), text.encode())
        except OSError as error:
            raise TransientError(f"{self._folder} cannot be written: {error.strerror}") from error

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:04}.toml"
