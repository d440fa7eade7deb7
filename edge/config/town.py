"""The shape of town.toml: all gateways of a town, and what their configurations are made from."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from edge.config.schema import Mqtt
from edge.config.section import Id, Section


class Member(Section):
    """[[gateway]]: one gateway."""

    id: Id
    """Its id: `{gateway}` in the template."""
    file: Path | None = None
    """What it has for itself: tables as in gateway.toml, which add to the template's and outdo them."""
    devices: Path | None = None
    """Its devices as CSV: a heading with keys of [[device]], a row each."""
    site: Id | None = None
    """As in [gateway]."""
    commune: Id | None = None
    """As in [gateway]."""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """As in [gateway]."""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    """As in [gateway]."""


class Signing(Section):
    """[sign]: with what configurations are signed."""

    key_file: Path
    """What `gianh ca sign-key` wrote; best on a medium that is plugged in for a push."""


class Town(Section):
    """The whole file; relative paths begin at its folder."""

    template: Path | None = None
    """What all gateways share, as in gateway.toml; `{gateway}` in a text becomes the gateway's id."""
    history: Path = Path("fleet")
    """Where every version that was sent is kept."""
    mqtt: Mqtt | None = None
    """How `gianh fleet` reaches the broker, with a certificate of the role fleet."""
    sign: Signing | None = None
    """With what configurations are signed."""
    gateway: Annotated[tuple[Member, ...], Field(min_length=1)]
    """The gateways."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        ids = [one.id for one in self.gateway]
        if twice := next((one for one in ids if ids.count(one) > 1), None):
            raise ValueError(f"two gateways have the id {twice}: choose another for one")
        return self
