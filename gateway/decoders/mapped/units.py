"""Units a device may speak, as factors to one base unit a dimension. value * factor + offset = base."""

from __future__ import annotations

from typing import NamedTuple


class Unit(NamedTuple):
    dimension: str
    factor: float
    offset: float = 0.0


_TABLE: dict[str, dict[str, Unit]] = {
    "temperature (K)": {
        "K": Unit("temperature", 1.0),
        "°C": Unit("temperature", 1.0, 273.15),
        "°F": Unit("temperature", 5 / 9, 459.67 * 5 / 9),
    },
    "pressure (Pa)": {
        "Pa": Unit("pressure", 1.0),
        "hPa": Unit("pressure", 100.0),
        "mbar": Unit("pressure", 100.0),
        "kPa": Unit("pressure", 1e3),
        "MPa": Unit("pressure", 1e6),
        "bar": Unit("pressure", 1e5),
        "psi": Unit("pressure", 6894.757293168),
        "mmHg": Unit("pressure", 133.322387415),
        "inHg": Unit("pressure", 3386.388666667),
        "mH2O": Unit("pressure", 9806.65),
    },
    "flow (m³/s)": {
        "m³/s": Unit("flow", 1.0),
        "m³/h": Unit("flow", 1 / 3600),
        "L/s": Unit("flow", 1e-3),
        "L/min": Unit("flow", 1e-3 / 60),
        "L/h": Unit("flow", 1e-3 / 3600),
        "gal/min": Unit("flow", 3.785411784e-3 / 60),
    },
    "volume (m³)": {
        "m³": Unit("volume", 1.0),
        "L": Unit("volume", 1e-3),
        "mL": Unit("volume", 1e-6),
        "gal": Unit("volume", 3.785411784e-3),
        "ft³": Unit("volume", 0.028316846592),
    },
    "energy (J)": {
        "J": Unit("energy", 1.0),
        "Ws": Unit("energy", 1.0),
        "Wmin": Unit("energy", 60.0),
        "Wh": Unit("energy", 3600.0),
        "kWh": Unit("energy", 3.6e6),
        "MWh": Unit("energy", 3.6e9),
        "MJ": Unit("energy", 1e6),
        "GJ": Unit("energy", 1e9),
    },
    "reactive energy": {"varh": Unit("reactive energy", 1.0), "kvarh": Unit("reactive energy", 1e3)},
    "power (W)": {
        "mW": Unit("power", 1e-3),
        "W": Unit("power", 1.0),
        "kW": Unit("power", 1e3),
        "MW": Unit("power", 1e6),
    },
    "apparent power": {"VA": Unit("apparent power", 1.0), "kVA": Unit("apparent power", 1e3)},
    "reactive power": {"var": Unit("reactive power", 1.0), "kvar": Unit("reactive power", 1e3)},
    "voltage": {"mV": Unit("voltage", 1e-3), "V": Unit("voltage", 1.0), "kV": Unit("voltage", 1e3)},
    "current": {"mA": Unit("current", 1e-3), "A": Unit("current", 1.0), "kA": Unit("current", 1e3)},
    "frequency": {"Hz": Unit("frequency", 1.0), "kHz": Unit("frequency", 1e3)},
    "rotation": {"rpm": Unit("rotation", 1.0), "rps": Unit("rotation", 60.0)},
    "length": {
        "mm": Unit("length", 1e-3),
        "cm": Unit("length", 1e-2),
        "m": Unit("length", 1.0),
        "km": Unit("length", 1e3),
        "in": Unit("length", 0.0254),
        "ft": Unit("length", 0.3048),
    },
    "speed": {
        "mm/s": Unit("speed", 1e-3),
        "m/s": Unit("speed", 1.0),
        "km/h": Unit("speed", 1 / 3.6),
        "in/s": Unit("speed", 0.0254),
        "ft/s": Unit("speed", 0.3048),
    },
    "acceleration": {"m/s²": Unit("acceleration", 1.0), "g": Unit("acceleration", 9.80665)},
    "time": {
        "ms": Unit("time", 1e-3),
        "s": Unit("time", 1.0),
        "min": Unit("time", 60.0),
        "h": Unit("time", 3600.0),
        "d": Unit("time", 86400.0),
    },
    "ratio": {
        "1": Unit("ratio", 1.0),
        "%": Unit("ratio", 1e-2),
        "‰": Unit("ratio", 1e-3),
        "ppm": Unit("ratio", 1e-6),
        "ppb": Unit("ratio", 1e-9),
    },
    "illuminance": {"lx": Unit("illuminance", 1.0), "klx": Unit("illuminance", 1e3)},
    "mass": {"g (mass)": Unit("mass", 1e-3), "kg": Unit("mass", 1.0), "t": Unit("mass", 1e3)},
    "density": {
        "µg/m³": Unit("density", 1e-6),
        "mg/m³": Unit("density", 1e-3),
        "g/m³": Unit("density", 1.0),
    },
    "signal": {"dBm": Unit("signal", 1.0)},
    "sound": {"dB": Unit("sound", 1.0)},
    "conductivity": {"µS/cm": Unit("conductivity", 1e-4), "mS/cm": Unit("conductivity", 0.1)},
    "angle": {"°": Unit("angle", 1.0)},
    "acidity": {"pH": Unit("acidity", 1.0)},
}
_SPELLINGS = {
    "C": "°C", "degC": "°C", "℃": "°C", "F": "°F", "degF": "°F", "℉": "°F",
    "m3/h": "m³/h", "m3/s": "m³/s", "l/min": "L/min", "l/s": "L/s", "l/h": "L/h", "m3": "m³", "l": "L",
    "ft3": "ft³", "m/s2": "m/s²", "lux": "lx", "VAr": "var", "kVAr": "kvar", "kVArh": "kvarh", "VArh": "varh",
    "ug/m3": "µg/m³", "μg/m³": "µg/m³", "mg/m3": "mg/m³", "uS/cm": "µS/cm", "percent": "%", "deg": "°",
    "1/min": "rpm", "r/min": "rpm",
}  # fmt: skip
UNITS: dict[str, Unit] = {name: unit for units in _TABLE.values() for name, unit in units.items()}
"""Every unit by its spelling in Plantroom."""


def canonical(text: str) -> str:
    """The one spelling of a unit; a unit that is not known stays as it is."""
    return _SPELLINGS.get(text, text)


def conversion(given: str, wanted: str) -> tuple[float, float]:
    """(factor, offset) with wanted = given * factor + offset; raises ValueError with a sentence."""
    source, target = (UNITS.get(canonical(name)) for name in (given, wanted))
    if source is None or target is None:
        unknown = given if source is None else wanted
        raise ValueError(f"the unit {unknown!r} is not known")
    if source.dimension != target.dimension:
        raise ValueError(f"{given!r} is a {source.dimension}, {wanted!r} is a {target.dimension}")
    factor = source.factor / target.factor
    return _tidy(factor), _tidy((source.offset - target.offset) / target.factor)


def _tidy(number: float) -> float:
    """Without the last binary digits, so that 1000 Wh are 1 kWh and not 0.9999999999999999."""
    return float(f"{number:.15g}")
