"""Secrets: from a file or the environment, never from gateway.toml or the command line."""

from collections.abc import Mapping
from pathlib import Path

from edge.core.errors import PermanentError
from edge.core.sayings import say

SECRET_BYTES_MAX = 65_536
"""Longest secret; a larger file is not one."""

MQTT_PASSWORD_ENV = "GIANH_MQTT_PASSWORD"  # noqa: S105 - the name of a variable
CONSOLE_INFLUX_PASSWORD_ENV = "GIANH_CONSOLE_INFLUX_PASSWORD"  # noqa: S105 - the name of a variable
CONSOLE_OPENID_SECRET_ENV = "GIANH_CONSOLE_OPENID_SECRET"  # noqa: S105 - the name of a variable


def influx_env(target: str, what: str) -> str:
    """The variable that holds the `password` or `token` of an [[influx]] target.

    `GIANH_INFLUX_CENTRE_TOKEN` for the target `centre`.
    """
    return f"GIANH_INFLUX_{target}_{what}".upper().replace("-", "_")


def data_file_env(data_file: str) -> str:
    """The variable that holds the password of a [[data_file]]: `GIANH_DATA_FILE_PROVINCE_PASSWORD`."""
    return f"GIANH_DATA_FILE_{data_file}_PASSWORD".upper().replace("-", "_")


def bus_env(bus: str, what: str) -> str:
    """The variable that holds the `password` or `community` of a [[bus]]: `GIANH_BUS_AP_QUAY_PASSWORD`."""
    return f"GIANH_BUS_{bus}_{what}".upper().replace("-", "_")


def radius_env(client: str) -> str:
    """The variable that holds the shared secret of a [[radius_client]].

    `GIANH_RADIUS_AP_1_SECRET` for the client `ap-1`.
    """
    return f"GIANH_RADIUS_{client}_SECRET".upper().replace("-", "_")


def read_secret(file: Path | None, env_name: str, environ: Mapping[str, str]) -> str | None:
    """The secret in `file`, else the one in `env_name`, else None; a newline at its end is not part of it.

    Raises PermanentError where the file cannot be read, is no text, is empty or is larger than
    SECRET_BYTES_MAX: a secret that was asked for and is not there is never taken for none.
    """
    if file is None:
        return environ.get(env_name) or None
    try:
        with file.open("rb") as stream:
            content = stream.read(SECRET_BYTES_MAX + 1)
        secret = content.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise PermanentError(say("secret_unread", file=file, why=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise PermanentError(say("secret_no_text", file=file)) from error
    if not secret or len(content) > SECRET_BYTES_MAX:
        what = "is empty" if not secret else f"has more than {SECRET_BYTES_MAX} bytes"
        raise PermanentError(say("secret_form", file=file, form=what))
    return secret
