"""Units of gases and volumes: ppb to ug/m3, and the reference conditions of QCVN 05:2023. Pure.

The regulation counts in Nm3: cubic metres of air at 25 °C and 760 mmHg, where a mole of gas fills 24.45 l.
"""

REFERENCE_K = 298.15
REFERENCE_HPA = 1013.25
ZERO_C_K = 273.15
MOLE_L = 24.45

GRAMS_PER_MOLE = {
    "o3": 48.00,
    "no2": 46.01,
    "no": 30.01,
    "so2": 64.07,
    "co": 28.01,
    "co2": 44.01,
    "h2s": 34.08,
    "nh3": 17.03,
}
"""Molar masses of the gases by point."""


def ug_from_ppb(gas: str, ppb: float) -> float:
    """ug/m3 at reference conditions of a mixing ratio in ppb; KeyError for a gas that is not known."""
    return ppb * GRAMS_PER_MOLE[gas] / MOLE_L


def ppb_from_ug(gas: str, ug_m3: float) -> float:
    """The mixing ratio in ppb of ug/m3 at reference conditions; KeyError for a gas that is not known."""
    return ug_m3 * MOLE_L / GRAMS_PER_MOLE[gas]


def ug_from_ppm(gas: str, ppm: float) -> float:
    """ug/m3 at reference conditions of a mixing ratio in ppm."""
    return ug_from_ppb(gas, ppm * 1000)


def ppm_from_ug(gas: str, ug_m3: float) -> float:
    """The mixing ratio in ppm of ug/m3 at reference conditions."""
    return ppb_from_ug(gas, ug_m3) / 1000


def to_reference(ug_m3: float, temperature_c: float, pressure_hpa: float) -> float:
    """ug/Nm3 of what was measured in a cubic metre of air as it was."""
    return ug_m3 * (ZERO_C_K + temperature_c) / REFERENCE_K * REFERENCE_HPA / pressure_hpa


def from_reference(ug_nm3: float, temperature_c: float, pressure_hpa: float) -> float:
    """ug in a cubic metre of air as it is, of ug/Nm3."""
    return ug_nm3 / to_reference(1.0, temperature_c, pressure_hpa)
