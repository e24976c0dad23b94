"""The work of ``plantroom backtest``."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.assets.models import Asset
from server.clock import from_ms
from server.commands.database import database, one_line_refusals
from server.commands.running import settings_of_running
from server.db import reading
from server.rules.backtest import Outcome, Progress, WouldAlarm, learned_of, replay, train_all
from server.rules.backtest_cells import BadFile, parse_time
from server.rules.backtest_csv import CsvRows, read_csv
from server.rules.backtest_history import TooMuchHistory, load_history, points_of, used_points, zone_of
from server.rules.backtest_rule import BadRule, kinds_of, read_rules
from server.rules.binding import ParsedRule
from server.rules.checking import parse_spec
from server.rules.learned.verdict import Bools, TooLittleData
from server.rules.models import Rule
from server.rules.past import History
from server.rules.schemas import RuleSpec
from telemetry.settings import secret
from telemetry.store import open_store
from telemetry.store.contract import StoreUnavailable

_READING = 0.4
"""A CSV file's part of the whole, as progress is told."""


class Trouble(Exception):
    """Why it cannot be done, in a sentence."""


class Request(NamedTuple):
    """As the command line gives it."""

    rule: str
    out: Path
    csv: Path | None
    time: str
    points: str
    train: str
    samples: Path | None
    zone: str
    asset: str | None
    begin: str
    end: str


class Ran(NamedTuple):
    spec: RuleSpec
    outcome: Outcome


def run(request: Request, *, say: Callable[[str], None], progress: Progress) -> None:
    """Do it and write the files. Raises Trouble."""
    if (request.csv is None) == (request.asset is None):
        raise Trouble("give either --csv FILE or --asset KEY")
    _check_files(request)
    try:
        ZoneInfo(request.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Trouble(f"--zone: there is no time zone {request.zone!r}") from None
    try:
        if request.asset is None and request.csv is not None:
            _over_csv(request, request.csv, say, progress)
        elif request.asset is not None:
            over_history(request, request.asset, say, progress)
    except (BadFile, BadRule, TooLittleData, TooMuchHistory, StoreUnavailable) as error:
        raise Trouble(str(error)) from None
    except OSError as error:
        raise Trouble(": ".join(str(part) for part in (error.filename, error.strerror) if part)) from None


def _check_files(request: Request) -> None:
    """A file that is read is not written, and no file is written twice."""
    named = {"--csv": request.csv, "--rule": Path(request.rule), "--out": request.out}
    seen: dict[Path, str] = {}
    for option, path in {**named, "--samples": request.samples}.items():
        if path is None or (path.exists() and not path.is_file()):
            continue  # nothing to be lost: /dev/null may stand twice
        if (earlier := seen.setdefault(path.resolve(), option)) != option:
            raise Trouble(f"{option}: {path} is the file of {earlier}, too")


def _over_csv(request: Request, path: Path, say: Callable[[str], None], progress: Progress) -> None:
    points = _names(request.points)
    rules = read_rules(Path(request.rule), points)
    kinds = kinds_of([parsed for _, parsed in rules], points)
    rows = read_csv(
        path,
        time_column=request.time,
        points=points,
        kinds=kinds,
        zone=request.zone,
        progress=_part(progress, 0.0, _READING),
    )
    if rows.repeated or rows.unsorted:
        say(f"{rows.unsorted} rows put in time order; {rows.repeated} with the time of another one")
    training = training_rows(request.train, rows.history, rows.times, request.zone)
    parts = _parts(_part(progress, _READING, 1.0), len(rules))
    ran = [
        evaluate(spec, parsed, rows.history, training, part)
        for (spec, parsed), part in zip(rules, parts, strict=True)
    ]
    write_alarms(request.out, ran)
    if request.samples is not None:
        _write_samples(request.samples, rows, ran, training)
    for one in ran:
        say(summary(one))


def _part(progress: Progress, begin: float, end: float) -> Progress:
    return lambda done: progress(begin + (end - begin) * done)


def _parts(progress: Progress, count: int) -> list[Progress]:
    """Equal ones."""
    edges = [number / count for number in range(count + 1)]
    return [_part(progress, begin, end) for begin, end in pairwise(edges)]


def over_history(request: Request, asset_key: str, say: Callable[[str], None], progress: Progress) -> None:
    """Over the stored readings of an asset, with a rule from a file or one of its own by key."""
    if not (request.begin and request.end):
        raise Trouble("--asset needs --from and --to")
    settings = settings_of_running()
    with one_line_refusals(), database(settings.database_url) as sessions, reading(sessions) as session:
        asset = session.scalar(select(Asset).where(Asset.key == asset_key))
        if asset is None:
            raise Trouble(f"--asset: there is no asset {asset_key!r}")
        points = points_of(session, asset.id)
        zone = zone_of(session, asset.id)
        rules = _rules_of(session, asset, request.rule, [point.key for point in points.values()])
    store = open_store(settings.store_url, token=secret(settings.store_token), read_only=True)
    begin_ms, end_ms = (parse_time(text, zone) for text in (request.begin, request.end))
    ran = []
    for (spec, parsed), part in zip(rules, _parts(progress, len(rules)), strict=True):
        history = load_history(
            store,
            used_points(parsed, points),
            begin_ms=begin_ms,
            end_ms=end_ms,
            zone=zone,
            progress=_part(part, 0.0, 0.5),
        )
        if not len(history.times):
            say(f"{spec.key}: {asset_key} has no readings for it between {request.begin} and {request.end}")
        training = training_rows(request.train, history, history.times, zone)
        ran.append(evaluate(spec, parsed, history, training, _part(part, 0.5, 1.0)))
    write_alarms(request.out, ran)
    for one in ran:
        say(summary(one))


def _rules_of(
    session: Session, asset: Asset, wanted: str, points: list[str]
) -> list[tuple[RuleSpec, ParsedRule]]:
    own = session.scalars(
        select(Rule)
        .where(Rule.key == wanted, Rule.profile == asset.profile, Rule.removed_at.is_(None))
        .where(or_(Rule.asset_id == asset.id, Rule.asset_id.is_(None)))
        .order_by(Rule.asset_id.is_(None))
    ).first()
    if own is None:
        if not Path(wanted).exists():
            raise Trouble(f"--rule: {asset.key} has no rule with the key {wanted!r}, and no file is named so")
        return read_rules(Path(wanted), points)
    spec = RuleSpec(
        key=own.key,
        name=own.name,
        severity=own.severity,
        when=own.condition,
        on_delay_s=own.on_delay_s,
        off_delay_s=own.off_delay_s,
        steps=own.steps,
        remind_s=own.remind_s,
    )
    return [(spec, parse_spec(spec))]


def evaluate(
    spec: RuleSpec, parsed: ParsedRule, history: History, training: Bools | None, progress: Progress
) -> Ran:
    """Train where there is something to train, then replay. Raises TooLittleData, BadRule."""
    if not learned_of(parsed):
        return Ran(spec, replay(parsed, history, models={}, progress=progress))
    if training is None:
        raise BadRule(f"the rule {spec.key} learns: say from which normal period with --train")
    models = train_all(parsed, history.period().part(training))
    until_ms = int(history.times[training][-1])
    return Ran(spec, replay(parsed, history, models=models, quiet_until_ms=until_ms, progress=progress))


def training_rows(text: str, history: History, row_times: np.ndarray, zone: str) -> Bools | None:
    """Which instants to learn from: the first rows in time order, or all from FROM to TO. None: not said."""
    if not text:
        return None
    if ".." in text:
        first, last = (parse_time(part, zone) for part in text.split("..", 1))
        chosen: Bools = (history.times >= first) & (history.times <= last)
        if not chosen.any():
            raise Trouble(f"--train: no row lies between {text.replace('..', ' and ')}")
        return chosen
    if not text.strip().isdecimal() or int(text) < 1:
        raise Trouble(f"--train: {text!r} is neither a number of rows nor FROM..TO")
    if int(text) > len(row_times):
        raise Trouble(f"--train: the file has only {len(row_times)} rows, fewer than {text}")
    first_rows: Bools = history.times <= np.sort(row_times)[int(text) - 1]
    return first_rows


def write_alarms(path: Path, ran: Iterable[Ran]) -> None:
    """One JSON object a line, in time order."""
    found = [(one.spec, alarm) for one in ran for alarm in one.outcome.alarms]
    found.sort(key=lambda pair: pair[1].start_ms)
    with path.open("w", encoding="utf-8") as file:
        for spec, alarm in found:
            file.write(json.dumps(_alarm_row(spec, alarm), ensure_ascii=False) + "\n")


def _alarm_row(spec: RuleSpec, alarm: WouldAlarm) -> dict[str, object]:
    return {
        "rule": spec.key,
        "start": _iso(alarm.start_ms),
        "end": None if alarm.end_ms is None else _iso(alarm.end_ms),
        "severity": alarm.severity or spec.severity.value,
        "reason": alarm.reason["en"],
        "reason_zh": alarm.reason["zh"],
        "since": _iso(alarm.since_ms),
        "start_ms": alarm.start_ms,
        "end_ms": alarm.end_ms,
        "peak_score": alarm.peak,
    }


def _write_samples(path: Path, rows: CsvRows, ran: list[Ran], training: Bools | None) -> None:
    """One row for each row of the input, in its order."""
    times = rows.history.times
    active = np.zeros(len(times), dtype=np.bool_)
    score = np.full(len(times), np.nan)
    for one in ran:
        on = one.outcome.active_at(times)
        active |= on
        own = one.outcome.score_at(times) if one.outcome.judged else on.astype(np.float64)
        score = np.fmax(score, own)
    trained = np.zeros(len(times), dtype=np.bool_) if training is None else training
    scores = ["" if math.isnan(value) else f"{value:.6g}" for value in score.tolist()]
    rest = list(zip(scores, active.astype(int).tolist(), trained.astype(int).tolist(), strict=True))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "score", "active", "training"])
        writer.writerows(
            (text, *rest[where]) for text, where in zip(rows.texts, rows.position.tolist(), strict=True)
        )


def summary(one: Ran) -> str:
    """One line for people."""
    hours = one.outcome.active_ms / 3_600_000
    problem = one.outcome.problem
    unjudged = "" if problem is None else f"; could not be judged at some times: {problem['en']}"
    return (
        f"{one.spec.key}: {len(one.outcome.alarms)} alarms, {one.outcome.tickets} tickets, "
        f"{hours:.1f} h in alarm{unjudged}"
    )


def _names(text: str) -> list[str]:
    names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip()]
    if not names:
        raise Trouble("--points: name at least one column")
    if len(set(names)) != len(names):
        raise Trouble("--points: a column is named twice")
    return names


def _iso(at_ms: int) -> str:
    return from_ms(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
