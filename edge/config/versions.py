"""What gateway.toml was before each change of the plan: `plans/0007.json` in data_dir. Blocks."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.core.owned import make_folder, write_owned

KEPT_MAX = 20
"""Most changes that are kept; the oldest goes first."""

MODE = 0o640


@dataclass(frozen=True, slots=True)
class Version:
    """One change: by whom, what, and the text before; `after` is the digest of the text that it made."""

    number: int
    at_ns: int | None
    by: str
    what: list[str]
    before: str
    after: str


class Versions:
    """The folder of them."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "plans"

    def newest(self) -> Version | None:
        """The newest one that can be read."""
        for number in reversed(self._numbers()):
            try:
                return Version(**json.loads(self._file(number).read_text("utf-8")))
            except (OSError, ValueError, TypeError):
                continue
        return None

    def add(self, at_ns: int | None, by: str, what: list[str], before: str, after: str) -> Version:
        """Keep one more. Raises OSError."""
        numbers = self._numbers()
        one = Version(numbers[-1] + 1 if numbers else 1, at_ns, by, what, before, after)
        make_folder(self._folder)
        write_owned(self._file(one.number), json.dumps(asdict(one), ensure_ascii=False).encode(), MODE)
        for number in numbers[: max(0, len(numbers) + 1 - KEPT_MAX)]:
            self._file(number).unlink(missing_ok=True)
        return one

    def drop(self, one: Version) -> None:
        """Forget one that was taken back. Raises OSError."""
        self._file(one.number).unlink(missing_ok=True)

    def _numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self._folder.glob("[0-9]*.json") if path.stem.isdigit())

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:04}.json"
