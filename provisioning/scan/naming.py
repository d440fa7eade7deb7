"""Which profiles the units that a scan has found have."""

from dataclasses import replace

from edge.core.errors import NoAnswer, ProtocolError
from provisioning.identify.work import identify, modbus_profiles
from provisioning.scan.book import Book
from provisioning.scan.evidence import Answered
from provisioning.scan.line import Asker, Place
from provisioning.scan.plan import PATIENT_QUIET_S, PATIENT_S


async def name_finds(place: Place, book: Book) -> None:
    """Give every unit in `book` that answers clean its best profile and score. Raises LinkDown."""
    profiles = modbus_profiles()
    clean = [find for find in book.finds.values() if find.answered is not Answered.GARBLED]
    for choice in dict.fromkeys(find.choice for find in clean):
        async with Asker(place, choice, PATIENT_S, PATIENT_QUIET_S, None) as line:
            for find in clean:
                if find.choice != choice or find.unit is None:
                    continue
                try:
                    best = (await identify(line, find.unit, choice, profiles)).best
                except (NoAnswer, ProtocolError):
                    continue
                if best is not None:
                    book.add(replace(find, profile=best.profile, score=best.score))
