"""A program at a pseudo-terminal, and the hands before it: what it asks is waited for, then answered."""

import contextlib
import os
import pty
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

WAIT_S = 30.0

INTERRUPT, END_OF_INPUT = "\x03", "\x04"
"""What Ctrl-C and Ctrl-D put onto the line."""


class Terminal:
    """The near end of a pseudo-terminal with a program of ours at the far one; `said` is all it printed."""

    def __init__(self, pid: int, line: int) -> None:
        self._pid, self._line, self._at = pid, line, 0
        self.said = ""
        self._raw = b""
        self.status: int | None = None

    def until(self, text: str) -> str:
        """Wait until it says this, later than what was waited for before; gives what came until there."""
        deadline = time.monotonic() + WAIT_S
        while (found := self.said.find(text, self._at)) < 0:
            assert time.monotonic() < deadline, f"never said {text!r} after: {self.said[self._at :]}"
            assert self._more(), f"ended without {text!r}: {self.said[self._at :]}"
        before, self._at = self.said[self._at : found], found + len(text)
        return before

    def type(self, text: str) -> None:
        """Type a line and Enter."""
        self.press(f"{text}\n")

    def press(self, keys: str) -> None:
        """Press keys, such as INTERRUPT."""
        os.write(self._line, keys.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C once it waits for its line, as everybody does who is not as fast as a program."""
        deadline = time.monotonic() + WAIT_S
        while Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()[0] != "S":
            assert time.monotonic() < deadline, "it never waited"
        self.press(INTERRUPT)

    def answer(self, question: str, text: str) -> str:
        """Wait for a question and answer it; gives what was said before it."""
        before = self.until(question)
        self.until(": ")
        self.type(text)
        return before

    def end(self) -> int:
        """Read to the end; gives the exit code, or minus the number of the signal."""
        while self._more():
            pass
        return self._waited()

    def kill(self) -> None:
        """As a loss of power."""
        os.kill(self._pid, signal.SIGKILL)
        self.end()

    def close(self) -> None:
        """Leave nothing behind."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._waited()
        os.close(self._line)

    def _waited(self) -> int:
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        return self.status

    def _more(self) -> bool:
        ready, _, _ = select.select([self._line], [], [], WAIT_S)
        assert ready, f"silent: {self.said[self._at :]}"
        try:
            data = os.read(self._line, 65536)
        except OSError:  # Linux: the far end is closed
            return False
        self._raw += data
        self.said = self._raw.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)


@contextlib.contextmanager
def gianh_at_terminal(folder: Path, *words: str, more: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """`gianh` in a folder, at a terminal."""

    def work() -> int:
        os.chdir(folder)
        environment = os.environ | {"PYTHONUTF8": "1"} | dict(more or {})
        os.execve(sys.executable, [sys.executable, "-m", "edge.cli", *words], environment)

    with at_terminal(work) as terminal:
        yield terminal


@contextlib.contextmanager
def at_terminal(work: Callable[[], int]) -> Iterator[Terminal]:
    """Work in a process of its own, forked from this one, at a terminal; what it gives is its exit code."""
    pid, line = pty.fork()
    if pid == 0:
        _far_end(work)
    terminal = Terminal(pid, line)
    try:
        yield terminal
    finally:
        terminal.close()


def _far_end(work: Callable[[], int]) -> None:
    code = 99
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
            file = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as we
            setattr(sys, name, file)
            setattr(sys, f"__{name}__", file)
        code = work()
        sys.stdout.flush()
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", flush=True)
    finally:
        os._exit(code)
