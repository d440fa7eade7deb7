"""The way to the daemon that runs on this machine; apart from `common`, since the daemon needs none of it."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from edge.cli.common import config_path, configured
from edge.console.socket import socket_path
from edge.core.errors import TransientError

NOTHING_TO_SAY = 204

ANSWER_S = 65.0
"""Longest wait for the daemon's answer; a read on a slow bus takes its time."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """Who answers on a unix socket below `data_dir`; `start` is the command that starts it."""

    id: str
    data_dir: Path
    start: str


def caller(place: Path) -> httpx.Client:
    """What asks a daemon at its unix socket: without TLS, whose trusted certificates take long to load."""
    transport = httpx.HTTPTransport(verify=False, uds=os.fspath(place))
    return httpx.Client(transport=transport, base_url="http://gianh", timeout=ANSWER_S)


def ask_daemon(
    args: argparse.Namespace,
    method: str,
    path: str,
    body: Mapping[str, str] | None = None,
    /,
    **params: str | int,
) -> Any:
    """Ask the running daemon; gives the JSON of its answer, None where there is nothing to say."""
    own = configured(args).gateway
    return ask(Daemon(own.id, own.data_dir, f"gianh run -c {config_path(args)}"), method, path, body, params)


def ask(
    daemon: Daemon,
    method: str,
    path: str,
    body: Mapping[str, str] | None = None,
    params: Mapping[str, str | int] | None = None,
) -> Any:
    """Ask a daemon on this machine; as `ask_daemon`."""
    place = socket_path(daemon.data_dir)
    try:
        with caller(place) as client:
            answer = client.request(method, path, json=body, params=params or None)
    except httpx.TimeoutException as error:
        raise TransientError(f"{daemon.id} did not answer within {ANSWER_S:g} s") from error
    except httpx.TransportError as error:
        raise TransientError(
            f"{daemon.id} is not running, or not under this user (no answer at {place}): "
            f"start it with `{daemon.start}`"
        ) from error
    if answer.status_code == NOTHING_TO_SAY:
        return None
    try:
        said = answer.json()
    except ValueError as error:
        raise TransientError(
            f"{daemon.id} failed to answer (HTTP {answer.status_code}): see its log"
        ) from error
    if answer.is_error:
        raise TransientError(str(said.get("detail", said)))
    return said
