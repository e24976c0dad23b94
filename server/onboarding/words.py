"""The words that names of data points are made of, in English and Chinese, and what each says."""

from __future__ import annotations

import re
from typing import NamedTuple

from server.errors import Label
from telemetry.messages import Kind


class Meaning(NamedTuple):
    """A quantity and the words that stand for it."""

    quantity: str
    unit: str | None
    kind: Kind
    name: Label
    words: frozenset[str]
    chinese: tuple[str, ...]


def _meaning(  # noqa: PLR0917 (rows of the table below)
    quantity: str, unit: str | None, kind: Kind, en: str, zh: str, words: str, chinese: str
) -> Meaning:
    return Meaning(
        quantity, unit, kind, Label(en=en, zh=zh), frozenset(words.split()), tuple(chinese.split())
    )


MEANINGS = (
    # what stands first wins: "power factor" before "power", "run hours" before "run"
    _meaning("ratio", None, "analog", "Power factor", "功率因数", "powerfactor pf cosphi", "功率因数"),
    _meaning(
        "duration",
        "h",
        "counter",
        "Run hours",
        "运行小时",
        "runhours hours runtime",
        "运行时间 运行小时 小时数",
    ),
    _meaning("temperature", "°C", "analog", "Temperature", "温度", "temperature", "温度 水温 油温 室温"),
    _meaning("humidity", "%", "analog", "Humidity", "湿度", "humidity rh", "湿度"),
    _meaning("pressure", "kPa", "analog", "Pressure", "压力", "pressure", "压力 水压 气压"),
    _meaning("flow", "m³/h", "analog", "Flow", "流量", "flow flowrate", "流量"),
    _meaning("level", "%", "analog", "Level", "液位", "level", "液位 水位"),
    _meaning("vibration", "mm/s", "analog", "Vibration", "振动", "vibration", "振动"),
    _meaning("energy", "kWh", "counter", "Energy", "电量", "energy kwh consumption", "电量 电能 用电"),
    _meaning("voltage", "V", "analog", "Voltage", "电压", "voltage", "电压"),
    _meaning("current", "A", "analog", "Current", "电流", "current", "电流"),
    _meaning("frequency", "Hz", "analog", "Frequency", "频率", "frequency", "频率"),
    _meaning("power", "kW", "analog", "Power", "功率", "power", "功率"),
    _meaning("rotation", "rpm", "analog", "Rotational speed", "转速", "rpm", "转速"),
    _meaning("speed", "m/s", "analog", "Speed", "速度", "speed velocity", "速度"),
    _meaning("concentration", "ppm", "analog", "CO₂", "二氧化碳", "co2", "二氧化碳"),
    _meaning("illuminance", "lx", "analog", "Illuminance", "照度", "illuminance lux brightness", "照度 亮度"),
    _meaning("mass", "kg", "analog", "Load", "载重", "weight load", "重量 载重 载荷"),
    _meaning("level", "%", "analog", "Battery", "电池", "battery soc", "电池"),
    _meaning(
        "count", None, "counter", "Count", "次数", "count counter total starts cycles trips", "次数 计数 累计"
    ),
    _meaning("mode", None, "state", "Mode", "模式", "mode", "模式 方式"),
    _meaning("code", None, "state", "Fault", "故障", "fault error alarm trip", "故障 报警 告警"),
    _meaning("boolean", None, "state", "Running", "运行", "running run on relay switch", "运行 启停 开关"),
    _meaning("state", None, "state", "Status", "状态", "status state position", "状态 位置"),
)

SHORT = {
    "temp": "temperature", "tmp": "temperature", "t": "temperature", "hum": "humidity", "press": "pressure",
    "pres": "pressure", "freq": "frequency", "volt": "voltage", "volts": "voltage", "amps": "current",
    "amp": "current", "curr": "current", "vib": "vibration", "pwr": "power", "watts": "power", "lvl": "level",
    "batt": "battery", "bat": "battery", "stat": "status", "err": "error", "cnt": "count", "num": "count",
    "spd": "speed", "brg": "bearing", "disch": "discharge", "suct": "suction", "consumed": "consumption",
}  # fmt: skip
"""What people shorten, and the word they mean."""

UNITS: dict[str, tuple[str, str]] = {
    "c": ("°C", "temperature"), "degc": ("°C", "temperature"), "celsius": ("°C", "temperature"),
    "℃": ("°C", "temperature"), "°c": ("°C", "temperature"),
    "kpa": ("kPa", "pressure"), "mpa": ("MPa", "pressure"), "pa": ("Pa", "pressure"), "bar": ("bar", "pressure"),
    "psi": ("psi", "pressure"), "m3h": ("m³/h", "flow"), "m³/h": ("m³/h", "flow"), "lpm": ("l/min", "flow"),
    "kw": ("kW", "power"), "w": ("W", "power"), "kwh": ("kWh", "energy"), "wh": ("Wh", "energy"),
    "mwh": ("MWh", "energy"), "v": ("V", "voltage"), "mv": ("mV", "voltage"), "a": ("A", "current"),
    "ma": ("mA", "current"), "hz": ("Hz", "frequency"), "rpm": ("rpm", "rotation"), "ppm": ("ppm", "concentration"),
    "lux": ("lx", "illuminance"), "kg": ("kg", "mass"), "mms": ("mm/s", "vibration"), "h": ("h", "duration"),
}  # fmt: skip
"""Units as they end a name: (the unit as we write it, the quantity it belongs to)."""

FACTORS: dict[tuple[str, str], float] = {
    ("bar", "kPa"): 100.0, ("MPa", "kPa"): 1000.0, ("Pa", "kPa"): 0.001, ("psi", "kPa"): 6.894757,
    ("W", "kW"): 0.001, ("Wh", "kWh"): 0.001, ("MWh", "kWh"): 1000.0, ("mV", "V"): 0.001, ("mA", "A"): 0.001,
    ("l/min", "m³/h"): 0.06,
}  # fmt: skip
"""(from, to): value in ``to`` = value in ``from`` times this; SI definitions."""

PROFILE_WORDS: dict[str, tuple[str, ...]] = {
    "elevator": ("elevator", "lift", "电梯", "扶梯"),
    "pump": ("pump", "水泵", "泵"),
    "energy_meter": ("meter", "电表", "电能表"),
    "fire_panel": ("fire", "消防", "火灾"),
}
"""What in a device's name speaks for a profile."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SPLIT = re.compile(r"[^a-z0-9°℃²³\u4e00-\u9fff]+|(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z]{2})")


def words_of(text: str) -> list[str]:
    """A name cut into lower-case words, short forms written out: ``motorTemp_1`` is motor temperature 1."""
    raw = [word for word in _SPLIT.split(_CAMEL.sub("_", text).lower()) if word]
    return [SHORT.get(word, word) for word in raw]
