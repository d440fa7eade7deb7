"""What every section of gateway.toml is made of."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from edge.core.ids import ID_RULE, is_id


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError(f"{text!r} is not an id: use {ID_RULE}")
    return text


Id = Annotated[str, AfterValidator(_id)]
Seconds = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """Base of every table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)
