"""Runs checks side by side, each in a process of its own: one that hangs is ended, whatever it hangs in.

A dead network share or a silent name server would hold a thread for minutes; a process can be killed.
"""

import contextlib
import json
import os
import selectors
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from edge.core.errors import GianhError
from provisioning.doctor.finding import Finding, Verdict, fault

Check = Callable[[], Sequence[Finding]]

LIMIT_S = 8.0
"""Longest time for a check; a TLS handshake over a bad mobile link takes two or three."""

ANSWER_BYTES_MAX = 1_000_000


def all_of(checks: Mapping[str, Check], limit_s: float = LIMIT_S) -> list[Finding]:
    """What all checks found, in their order, after `limit_s` at most and a little."""
    running = {name: _started(check, name) for name, check in checks.items()}
    answers = _answers({name: pipe for name, (_, pipe) in running.items()}, limit_s)
    for pid, pipe in running.values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.close(pipe)
    for pid, _ in running.values():
        # One that hangs in the kernel dies once the kernel lets it: nobody waits for that.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return [finding for name in checks for finding in _read(name, answers.get(name), limit_s)]


def _started(check: Check, name: str) -> tuple[int, int]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _carry_out(check, name, writing)
    os.close(writing)
    return pid, reading


def _carry_out(check: Check, name: str, pipe: int) -> None:
    """In the child: nothing but the answer leaves it."""
    try:
        try:
            found = list(check())
        except (GianhError, OSError, ValueError) as error:
            found = [fault(name, f"could not be checked: {error}", "see what the sentence names")]
        with os.fdopen(pipe, "wb") as answer:
            answer.write(json.dumps([asdict(one) for one in found]).encode())
        os._exit(0)
    finally:
        os._exit(1)


def _answers(pipes: Mapping[str, int], limit_s: float) -> dict[str, bytes]:
    """What came until the end of each pipe; those that did not end in time are not there."""
    whole: dict[str, bytes] = {}
    parts = {name: bytearray() for name in pipes}
    deadline = time.monotonic() + limit_s
    with selectors.DefaultSelector() as selector:
        for name, pipe in pipes.items():
            selector.register(pipe, selectors.EVENT_READ, name)
        while selector.get_map() and (left_s := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left_s):
                content = os.read(key.fd, 65_536)
                parts[key.data] += content
                if not content or len(parts[key.data]) > ANSWER_BYTES_MAX:
                    selector.unregister(key.fd)
                    whole[key.data] = bytes(parts[key.data])
    return whole


def _read(name: str, answer: bytes | None, limit_s: float) -> list[Finding]:
    if answer is None:
        text = f"did not end within {limit_s:g} s"
        return [fault(name, text, "what it looks at hangs: a dead network share, device or name server")]
    try:
        return [
            Finding(one["check"], Verdict(one["verdict"]), one["text"], one["remedy"])
            for one in json.loads(answer)
        ]
    except (ValueError, KeyError, TypeError):
        return [fault(name, "broke off", "this is a fault in Gianh: report it with what --debug says")]
