"""What an unknown source may be: by its name, by the unit at its end, by its values. Each guess says why.

Pure: no database, no clock. A guess is an offer to a person, who sees the reason beside it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from server.assets.profiles import PointSpec, Profile
from server.errors import Label
from server.onboarding.words import FACTORS, MEANINGS, PROFILE_WORDS, UNITS, Meaning, words_of
from telemetry.messages import Kind
from telemetry.reading import Value

Recent = Sequence[tuple[int, bool | Value]]
"""(event time in milliseconds, value as sent), as the gateway tells them."""

ENOUGH_ALIKE = 0.6
"""Share of common words from which two names are taken for the same."""
ENOUGH_SCORE = 2.0
"""Points a profile needs: one for each source that bears the name of one of its points."""
DEFAULT_INTERVAL_S = 60.0
_LONGEST_INTERVAL_S = 86_400.0
_STATE: Kind = "state"


@dataclass(frozen=True)
class PointGuess:
    """``interval_s`` is how often values seem to come; ``scale`` turns what is sent into ``unit``."""

    key: str
    name: Label
    kind: Kind
    quantity: str
    unit: str | None
    interval_s: float
    scale: float
    in_profile: bool
    why: Label


def guess_profile(
    device: str, sources: Collection[str], profiles: Mapping[str, Profile]
) -> tuple[str | None, Label]:
    """(key of the profile that fits best, why); None where nothing speaks for any."""
    best: tuple[float, str | None, Label] = (
        0.0,
        None,
        Label(en="no profile has points of these names", zh="没有哪种设备类型包含这些测点"),
    )
    for profile in profiles.values():
        matched = len(_matches(sources, profile, frozenset()))
        hint = next((word for word in PROFILE_WORDS.get(profile.key, ()) if word in device.lower()), None)
        score = matched + (ENOUGH_SCORE if hint else 0.0)
        if score >= ENOUGH_SCORE and score > best[0]:
            en = f"{matched} of {len(sources)} names are points of {profile.name['en']}"
            zh = f"{len(sources)} 个名称中有 {matched} 个是{profile.name['zh']}的测点"
            if hint:
                en, zh = f"{en}; the device's name says {hint}", f"{zh}；设备号含“{hint}”"
            best = score, profile.key, Label(en=en, zh=zh)
    return best[1], best[2]


def guess_points(
    sources: Mapping[str, Recent], profile: Profile | None, *, taken: Collection[str] = ()
) -> dict[str, PointGuess]:
    """A guess for each source. ``taken``: keys the asset has already, which no source gets."""
    used = set(taken)
    matches = _matches(sources, profile, used) if profile else {}
    used |= {spec.key for spec, _ in matches.values()}
    guesses: dict[str, PointGuess] = {}
    for source, recent in sources.items():
        match = matches.get(source)
        if match:
            guesses[source] = _as_in_profile(source, recent, *match)
        else:
            free = _free_key(_free_guess(source, recent), used)
            used.add(free.key)
            guesses[source] = free
    return guesses


def _matches(
    sources: Collection[str], profile: Profile, taken: Collection[str]
) -> dict[str, tuple[PointSpec, Label]]:
    """Source to (point of the profile, why), the best pairs first, each used once."""
    pairs = [
        (likeness, source, spec)
        for source in sources
        for spec in profile.points
        if spec.key not in taken and (likeness := _likeness(source, spec)) >= ENOUGH_ALIKE
    ]
    pairs.sort(key=lambda pair: -pair[0])
    found: dict[str, tuple[PointSpec, Label]] = {}
    used: set[str] = set()
    for likeness, source, spec in pairs:
        if source not in found and spec.key not in used:
            used.add(spec.key)
            how = ("is named like", "与") if likeness == 1 else ("is named much like", "近似于")
            found[source] = (
                spec,
                Label(
                    en=f"{how[0]} {spec.name['en']} of {profile.name['en']}",
                    zh=f"名称{how[1]}{profile.name['zh']}的“{spec.name['zh']}”{'相同' if likeness == 1 else ''}",
                ),
            )
    return found


def _likeness(source: str, spec: PointSpec) -> float:
    """1: the same name but for case and signs; else the share of words that both have."""
    mine = words_of(source)
    bare = mine[:-1] if len(mine) > 1 and mine[-1] in UNITS else mine
    best = 0.0
    for name in (spec.key, spec.name["en"], spec.name["zh"]):
        theirs = words_of(name)
        if theirs in (mine, bare):
            return 1.0
        best = max(best, len(set(bare) & set(theirs)) / len(set(bare) | set(theirs)))
    # two points that differ in a number or phase only are two points, however alike they look
    return best if _numbers(mine) == _numbers(words_of(spec.key)) else 0.0


def _numbers(words: Sequence[str]) -> list[str]:
    return [word for word in words if word.isdigit()]


def _as_in_profile(source: str, recent: Recent, spec: PointSpec, why: Label) -> PointGuess:
    unit, reason = _unit(source, spec.quantity, recent)
    factor = FACTORS.get((unit or "", spec.unit or ""))
    if factor and reason:
        times = Label(en=f"times {factor:g} is {spec.unit}", zh=f"乘以 {factor:g} 为 {spec.unit}")
        why = _all_of(why, reason, times) or why
    return PointGuess(
        spec.key,
        spec.name,
        spec.kind,
        spec.quantity,
        spec.unit,
        max(spec.interval_s, _interval_s(recent) or 0.0),
        factor or spec.scale,
        in_profile=True,
        why=why,
    )


def _free_guess(source: str, recent: Recent) -> PointGuess:
    values = [value for _, value in recent if value is not None]
    words = words_of(source)
    meaning, why = _meaning(source, words)
    if values and all(isinstance(value, bool) for value in values):
        kind, quantity, unit = _STATE, "boolean", None
        why = _all_of(why, Label(en="the values are true and false", zh="数值为真或假"))
    elif any(isinstance(value, str) for value in values):
        kind, quantity, unit = _STATE, meaning.quantity if meaning else "state", None
        why = _all_of(why, Label(en="the values are words", zh="数值为文字"))
    else:
        kind, quantity, unit, why = _number(source, recent, meaning, why)
    return PointGuess(
        re.sub(r"[^A-Za-z0-9_.-]+", "_", source).strip("_.-")[:56] or quantity,
        Label(en=source, zh=source),
        kind,
        quantity,
        unit,
        _interval_s(recent) or DEFAULT_INTERVAL_S,
        1.0,
        in_profile=False,
        why=why or Label(en="neither name nor values say what it is", zh="名称和数值都看不出是什么"),
    )


def _number(
    source: str, recent: Recent, meaning: Meaning | None, why: Label | None
) -> tuple[Kind, str, str | None, Label | None]:
    values = [float(value) for _, value in recent if isinstance(value, int | float)]
    unit, reason = _unit(source, meaning.quantity if meaning else None, recent)
    quantity = meaning.quantity if meaning else _quantity_of(unit)
    kind: Kind = meaning.kind if meaning else "counter" if quantity == "energy" else "analog"
    if kind == "state" and any(value != int(value) for value in values):
        kind = "analog"
        why = _all_of(why, Label(en="the values have decimals", zh="数值有小数"))
    if kind == "counter" and any(later < earlier for earlier, later in itertools.pairwise(values)):
        kind = "analog"
        why = _all_of(why, Label(en="the values also fall", zh="数值会下降"))
    if unit is None and meaning and kind != "state":
        unit = meaning.unit
    return kind, quantity, unit, _all_of(why, reason)


def _meaning(source: str, words: Sequence[str]) -> tuple[Meaning | None, Label | None]:
    joined = {"".join(pair) for pair in itertools.pairwise(words)}
    for meaning in MEANINGS:
        found = next((word for word in (*words, *sorted(joined)) if word in meaning.words), None)
        found = found or next((part for part in meaning.chinese if part in source), None)
        if found:
            name = meaning.name
            return meaning, Label(
                en=f"the name says {found}: {name['en'].lower()}", zh=f"名称含“{found}”：{name['zh']}"
            )
    return None, None


def _unit(source: str, quantity: str | None, recent: Recent) -> tuple[str | None, Label | None]:
    """The unit at the end of the name where it fits the quantity, else what the values' size says."""
    plain = source.strip("()[] _")
    # kPa is one word as it stands; in outletKPa the unit begins with a capital letter
    endings = [
        re.split(r"[^a-z0-9°℃³/]+", text.lower())
        for text in (plain, re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain))
    ]
    last = next((words[-1] for words in endings if len(words) > 1 and words[-1] in UNITS), "")
    unit, belongs = UNITS.get(last, (None, None))
    # one letter is as often a phase as a unit
    if unit and (belongs == quantity or (quantity is None and len(last) > 1)):
        return unit, Label(en=f"the name ends with {unit}", zh=f"名称以 {unit} 结尾")
    values = [abs(float(value)) for _, value in recent if isinstance(value, int | float)]
    largest = max(values, default=0.0)
    if quantity == "pressure" and 0 < largest <= 40:
        guessed = "MPa" if largest <= 2.5 else "bar"
        return guessed, Label(
            en=f"values up to {largest:g} are {guessed}", zh=f"数值最大 {largest:g}，应为 {guessed}"
        )
    if quantity == "power" and largest > 1000:
        return "W", Label(en=f"values up to {largest:g} are W", zh=f"数值最大 {largest:g}，应为 W")
    return None, None


def _quantity_of(unit: str | None) -> str:
    return next((quantity for known, quantity in UNITS.values() if known == unit), "value")


def _interval_s(recent: Recent) -> float | None:
    """The usual distance of the values, whole seconds; None where there are too few."""
    times = sorted(at_ms for at_ms, _ in recent)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times) if later > earlier]
    if len(gaps) < 2:
        return None
    return min(_LONGEST_INTERVAL_S, max(1.0, float(round(median(gaps) / 1000))))


def _free_key(guess: PointGuess, used: Collection[str]) -> PointGuess:
    key, number = guess.key, 2
    while key in used:
        key = f"{guess.key}_{number}"
        number += 1
    return replace(guess, key=key)


def _all_of(*reasons: Label | None) -> Label | None:
    """All that speaks for a guess, in one sentence."""
    given = [reason for reason in reasons if reason]
    if not given:
        return None
    return Label(en="; ".join(each["en"] for each in given), zh="；".join(each["zh"] for each in given))
