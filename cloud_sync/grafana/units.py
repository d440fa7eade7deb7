"""UCUM units of the vocabulary as Grafana calls them. Pure.

The names are those of Grafana's own list (`@grafana/data` 13.2.3, `valueFormats/categories`); what it lacks
 is written behind the number as a suffix.
"""

from collections.abc import Mapping
from types import MappingProxyType

from edge.core.vocabulary import Kind, Quantity

GRAFANA_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "%": "percent",
        "/cm3": "suffix: 1/cm³",
        "/dL": "suffix: /0,1 L",
        "1": "none",
        "A": "amp",
        "By": "decbytes",
        "Cel": "celsius",
        "Hz": "hertz",
        "V": "volt",
        "V.A": "voltamp",
        "W": "watt",
        "W/m2": "Wm2",
        "[ppb]": "conppb",
        "[ppm]": "ppm",
        "bit/s": "bps",
        "dB": "dB",
        "deg": "degree",
        "h": "h",
        "hPa": "pressurehpa",
        "kV.A.h": "suffix: kVAh",
        "kW.h": "kwatth",
        "lx": "lux",
        "m/s": "velocityms",
        "mm": "lengthmm",
        "mm/h": "suffix: mm/h",
        "s": "s",
        "ug/m3": "con\u03bcgm3",
        "um": "suffix: µm",
    }
)

NUMBER, SHARE, PERCENT, ENERGY, POWER, SECONDS = "none", "percentunit", "percent", "kwatth", "watt", "s"
BYTES, HOURS, MICROGRAMS, WHEN = "decbytes", "suffix: h", "con\u03bcgm3", "dateTimeAsLocal"

REACTIVE = MappingProxyType({"var": "voltampreact", "kvarh": "suffix: kvarh"})
"""Of what UCUM has one unit for, electricians have two."""


def grafana_unit(quantity: Quantity) -> str:
    """How Grafana calls the unit of a quantity."""
    if quantity.kind is Kind.STATE:
        return NUMBER
    if quantity.name == "bus_utilisation":
        return SHARE
    if quantity.unit == "h":
        return HOURS  # Grafana's own h turns 2,000 burn hours into 12 weeks
    return REACTIVE.get(quantity.display) or GRAFANA_UNITS[quantity.unit]
