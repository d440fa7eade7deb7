"""Load console.toml: the configuration with its paths absolute, or all of its faults at once."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from edge.config.console import ConsoleConfig
from edge.config.faults import ConfigErrors, Fault
from edge.config.load import load_section, read_text

NAME = "console.toml"


def is_console(file: Path) -> bool:
    """Whether a file is about the centre's console and no gateway; one that is no TOML goes by its name."""
    try:
        sections = tomllib.loads(read_text(file))
    except (tomllib.TOMLDecodeError, ConfigErrors):
        return file.name == NAME
    return "gateway" not in sections and ("console" in sections or file.name == NAME)


def load_console(file: Path) -> ConsoleConfig:
    """The configuration in `file`. Raises ConfigErrors with every fault."""
    config = load_section(file, ConsoleConfig)
    faults = [Fault(file, 0, key, words) for key, words in _problems(config)]
    if faults:
        raise ConfigErrors(tuple(faults))
    anchored: ConsoleConfig = _anchored(config, file.resolve().parent)
    return anchored


def _problems(config: ConsoleConfig) -> list[tuple[str, str]]:
    http, found = config.http, []
    if not http.is_local and not http.speaks_tls:
        found.append(("http.tls", "anything but loopback needs TLS: take tls = false out"))
    if not http.is_local and (not http.asks_login or http.login == "act"):
        found.append(("http.login", "anything but loopback needs a login: set login = true"))
    if config.openid is not None and not http.asks_login:
        found.append(("openid", "without a login nobody needs a provider: set login = true in [http]"))
    elif config.openid is not None and http.speaks_tls != config.openid.redirect_url.startswith("https:"):
        speaks = "https" if http.speaks_tls else "http"
        found.append(("openid.redirect_url", f"this console speaks {speaks}: begin it with {speaks}://"))
    return found


def _anchored(model: Any, base: Path) -> Any:
    """The same with its relative paths below `base`."""
    changed: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Path):
            changed[name] = base / value
        elif isinstance(value, BaseModel):
            changed[name] = _anchored(value, base)
    return model.model_copy(update=changed)
