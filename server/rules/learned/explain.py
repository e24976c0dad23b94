"""Why a learned condition says abnormal, in a sentence an engineer can check. Both languages."""

from __future__ import annotations

from collections.abc import Sequence

from server.errors import Label
from server.rules.learned.verdict import Driver

_DAYS_EN = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_DAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def quantity(value: float, unit: str = "") -> str:
    """A number with as many digits as tell something: 3.4 kPa."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    text = f"{value:.{digits}f}" if size >= 0.001 or size == 0 else f"{value:.2g}"
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}" if unit else text


def against_hour(delta: float, *, weekday: int, hour: int, unit: str = "") -> Label:
    """``3.4 degC above what Mondays at 09:00 normally show``. ``weekday``: Monday is 0."""
    size = quantity(abs(delta), unit)
    return {
        "en": f"{size} {'above' if delta > 0 else 'below'} what {_DAYS_EN[weekday]} at {hour:02d}:00 normally show",
        "zh": f"比{_DAYS_ZH[weekday]} {hour:02d}:00 的正常值{'高' if delta > 0 else '低'} {size}",
    }


def against_level(delta: float, times: float, *, unit: str = "") -> Label:
    """Above or below the usual level, and how many usual deviations that is."""
    size, factor = quantity(abs(delta), unit), quantity(times)
    return {
        "en": f"{size} {'above' if delta > 0 else 'below'} its usual level, {factor} times its usual deviation",
        "zh": f"比平时水平{'高' if delta > 0 else '低'} {size}，为平时偏差的 {factor} 倍",
    }


def together(drivers: Sequence[Driver]) -> Label:
    """Which points drive a deviation of several, and how."""
    if not drivers:
        return {"en": "as in the normal period", "zh": "与正常时段一致"}
    if all(driver.kind == "together" for driver in drivers):
        names = ", ".join(driver.point for driver in drivers)
        return {
            "en": f"{names} no longer go together as in the normal period",
            "zh": f"{names.replace(', ', '、')} 之间的关系与正常时段不同",
        }
    return {
        "en": "; ".join(_en(driver) for driver in drivers),
        "zh": "；".join(_zh(driver) for driver in drivers),
    }


def _en(driver: Driver) -> str:
    if driver.kind == "spread":
        more = driver.value >= 1
        factor = quantity(driver.value if more else 1 / max(driver.value, 1e-6))
        return f"{driver.point} varies {factor} times {'more' if more else 'less'} than normal"
    if driver.kind == "swing":
        return f"{driver.point} swings against the others {quantity(driver.value)} times as far as normal"
    if driver.kind == "together":
        return f"{driver.point} does not fit the others"
    side = "above" if driver.unit_delta > 0 else "below"
    return f"{driver.point} {quantity(abs(driver.unit_delta))} {side} its normal {quantity(driver.usual)}"


def _zh(driver: Driver) -> str:
    if driver.kind == "spread":
        more = driver.value >= 1
        factor = quantity(driver.value if more else 1 / max(driver.value, 1e-6))
        return (
            f"{driver.point} 的波动{'增大' if more else '减小'}到正常的 {factor} {'倍' if more else '分之一'}"
        )
    if driver.kind == "swing":
        return f"{driver.point} 相对其他测点来回摆动，幅度为正常的 {quantity(driver.value)} 倍"
    if driver.kind == "together":
        return f"{driver.point} 与其他测点不相符"
    side = "高" if driver.unit_delta > 0 else "低"
    return f"{driver.point} 比正常值 {quantity(driver.usual)} {side} {quantity(abs(driver.unit_delta))}"
