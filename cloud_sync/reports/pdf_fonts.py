"""The letters of reports: FiraGO, which has all of Vietnamese (SIL Open Font License 1.1)."""

from collections.abc import Mapping

from pymupdf_fonts import myfont  # type: ignore[import-untyped]  # it has no types

STYLES = {"": "figo", "B": "figbo"}


def fonts() -> Mapping[str, bytes]:
    """TrueType files by style: plain and bold."""
    return {style: bytes(myfont(name)) for style, name in STYLES.items()}
