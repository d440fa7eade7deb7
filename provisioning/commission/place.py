"""Whether a place can be where it is said to be. Pure."""

from edge.config.commissioning import PlaceAnswer
from edge.config.commissioning_view import Placed
from edge.core.errors import ConfigError
from edge.core.places import PLACES, REACH_KM, distance_km, nearest, place_named
from edge.core.sayings import say


def checked(answer: PlaceAnswer) -> Placed:
    """The place with its commune. Raises ConfigError where both cannot be true and nobody is sure."""
    near, near_km = nearest(answer.latitude, answer.longitude)
    named = near if answer.commune is None else place_named(answer.commune)
    if named is None:
        known = ", ".join(one.id for one in PLACES)
        raise ConfigError(say("no_commune", commune=f"{answer.commune!r}", known=known))
    far_km = distance_km((named.latitude, named.longitude), (answer.latitude, answer.longitude))
    if far_km > REACH_KM and not answer.sure:
        raise ConfigError(
            say(
                "far_from_commune",
                latitude=f"{answer.latitude:g}",
                longitude=f"{answer.longitude:g}",
                far=f"{far_km:.1f}",
                commune=named.name,
                nearest=near.name,
                id=near.id,
                near=f"{near_km:.1f}",
            )
        )
    remark = ""
    if named is not near:
        remark = f"the centre of {near.name} is nearer ({near_km:.1f} km) than that of {named.name}"
    return Placed(answer=answer, commune=named.id, distance_km=round(far_km, 3), remark=remark)
