"""Buckets, retention and the mapping that InfluxQL needs: made once, looked at whenever a writer starts."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from telemetry.store.contract import Resolution, Retention, UnusableStore
from telemetry.store.influx_client import SETUP, TIERS, AnyRow, InfluxClient, Refused, parse_url
from telemetry.store.influx_journal import wall_ms

_DAY_S = 86_400
_SPARE_DAYS = 1
"""The database keeps this much more than is shown, so that an hour is rolled up before it goes."""
_SHARD_DAYS: dict[Resolution, int] = {"raw": 1, "minute": 7, "hour": 364}
"""Days that are stored, and one day deleted, together. A chart of a year opens each once."""
_PAGE = 100


class _Kept(NamedTuple):
    """What a tier shall have, in seconds."""

    tier: Resolution
    retention_s: int
    shard_s: int


class _Org(msgspec.Struct):
    id: str
    name: str


class _Orgs(msgspec.Struct):
    orgs: list[_Org] = []


class _Rule(msgspec.Struct, rename="camel"):
    every_seconds: int = 0


class _Bucket(msgspec.Struct, rename="camel"):
    id: str
    name: str
    retention_rules: list[_Rule] = []


class _Buckets(msgspec.Struct):
    buckets: list[_Bucket] = []


class _Mapping(msgspec.Struct):
    database: str
    retention_policy: str
    bucketID: str  # noqa: N815 - the name in the answer, which no rule of renaming gives


class _Mappings(msgspec.Struct):
    content: list[_Mapping] = []


class _Policies(msgspec.Struct):
    class Result(msgspec.Struct):
        class Table(msgspec.Struct):
            values: list[tuple[str, str, str, int, bool]] = []

        series: list[Table] = []
        error: str | None = None

    results: list[Result] = []


def setup(url: str, token: str | None, retention: Retention) -> list[str]:
    """Make what a store needs, or change what differs; the steps taken, none if all was there.

    Raises StoreUnavailable, UnusableStore (token without the right to create, unknown organisation,
    unsupported version) and ValueError for the URL.
    """
    client = InfluxClient(parse_url(url), token)
    try:
        steps = (_setup_1 if _major(client) == 1 else _setup_2)(client, _wanted(retention))
        check(client)
    finally:
        client.close()
    return steps


def check(client: InfluxClient) -> None:
    """Write and read in every tier. Raises UnusableStore with what is wrong, StoreUnavailable while the
    database is away."""
    _major(client)
    for tier in TIERS:
        try:
            client.write(tier, [f"probe ok=1i {wall_ms()}"])
        except Refused as error:
            raise UnusableStore(
                str(client.place), f"does not take a line in bucket {client.place.bucket(tier)}: {error}"
            ) from error
        client.select(tier, "SELECT ok FROM probe LIMIT 1", AnyRow)


def _major(client: InfluxClient) -> int:
    """1 or 2. Raises UnusableStore for anything else."""
    version = client.request("GET", "/ping").headers.get("X-Influxdb-Version", "")
    major = version.removeprefix("v").partition(".")[0]
    if major not in {"1", "2"}:
        raise UnusableStore(
            str(client.place), f"is not InfluxDB 2.x or 1.8 (it calls itself {version or 'nothing'})"
        )
    return int(major)


def _wanted(retention: Retention) -> list[_Kept]:
    days = {"raw": retention.raw_days, "minute": retention.minute_days, "hour": retention.hour_days}
    return [
        _Kept(tier, (days[tier] + _SPARE_DAYS) * _DAY_S, min(_SHARD_DAYS[tier], days[tier]) * _DAY_S)
        for tier in TIERS
    ]


def _setup_1(client: InfluxClient, wanted: list[_Kept]) -> list[str]:
    database = client.place.database
    client.select("raw", f'CREATE DATABASE "{database}"', AnyRow)
    answer = msgspec.json.decode(client.query(f'SHOW RETENTION POLICIES ON "{database}"'), type=_Policies)
    known = {row[0]: row[1:] for r in answer.results for table in r.series for row in table.values}
    steps = []
    for kept in wanted:
        there = known.get(kept.tier)
        if there and there[:2] == (_hours(kept.retention_s), _hours(kept.shard_s)):
            continue
        terms = f"DURATION {kept.retention_s}s REPLICATION 1 SHARD DURATION {kept.shard_s}s"
        default = " DEFAULT" if kept.tier == "raw" else ""
        verb = "ALTER" if there else "CREATE"
        client.select(
            "raw", f'{verb} RETENTION POLICY "{kept.tier}" ON "{database}" {terms}{default}', AnyRow
        )
        steps.append(f"{verb.lower()} retention policy {database}/{kept.tier}: {_days(kept)}")
    return steps


def _setup_2(client: InfluxClient, wanted: list[_Kept]) -> list[str]:
    org_id = _org_id(client)
    buckets = _buckets(client, org_id)
    steps = []
    for kept in wanted:
        name = client.place.bucket(kept.tier)
        rules = [
            {"type": "expire", "everySeconds": kept.retention_s, "shardGroupDurationSeconds": kept.shard_s}
        ]
        bucket = buckets.get(name)
        if bucket is None:
            body: dict[str, object] = {"orgID": org_id, "name": name, "retentionRules": rules}
            answer = client.request("POST", "/api/v2/buckets", json=body)
            bucket = msgspec.json.decode(answer.content, type=_Bucket)
            steps.append(f"create bucket {name}: {_days(kept)}")
        elif [rule.every_seconds for rule in bucket.retention_rules] != [kept.retention_s]:
            client.request("PATCH", f"/api/v2/buckets/{bucket.id}", json={"retentionRules": rules})
            steps.append(f"alter bucket {name}: {_days(kept)}")
        steps += _map(client, org_id, bucket, kept.tier)
    return steps


def _org_id(client: InfluxClient) -> str:
    org = client.place.org
    if not org:
        raise ValueError("InfluxDB 2.x has organisations: give influxdb://host:8086/DATABASE?org=ORG")
    answer = client.request("GET", "/api/v2/orgs", params={"org": org})
    for found in msgspec.json.decode(answer.content, type=_Orgs).orgs:
        if found.name == org:
            return found.id
    raise UnusableStore(str(client.place), f"has no organisation {org} that this token may see")


def _buckets(client: InfluxClient, org_id: str) -> dict[str, _Bucket]:
    found: dict[str, _Bucket] = {}
    offset = 0
    while True:
        params = {"orgID": org_id, "limit": str(_PAGE), "offset": str(offset)}
        answer = client.request("GET", "/api/v2/buckets", params=params)
        page = msgspec.json.decode(answer.content, type=_Buckets).buckets
        found |= {bucket.name: bucket for bucket in page}
        if len(page) < _PAGE:
            return found
        offset += _PAGE


def _map(client: InfluxClient, org_id: str, bucket: _Bucket, tier: Resolution) -> list[str]:
    """Let InfluxQL find the bucket under database and tier. Newer 2.x do so by the bucket's name alone."""
    database = client.place.database
    answer = client.request("GET", "/api/v2/dbrps", params={"orgID": org_id, "db": database})
    for known in msgspec.json.decode(answer.content, type=_Mappings).content:
        if (known.database, known.retention_policy) == (database, tier):
            if known.bucketID == bucket.id:
                return []
            raise UnusableStore(
                str(client.place),
                f"maps database {database}, policy {tier} to bucket {known.bucketID}, not to"
                f" {bucket.name}: remove that mapping (`influx v1 dbrp delete`), then {SETUP}",
            )
    mapping = {
        "orgID": org_id,
        "bucketID": bucket.id,
        "database": database,
        "retention_policy": tier,
        "default": tier == "raw",
    }
    client.request("POST", "/api/v2/dbrps", json=mapping)
    return [f"map database {database}, policy {tier} to bucket {bucket.name}"]


def _hours(seconds: int) -> str:
    """A duration as InfluxDB 1.x prints it."""
    return f"{seconds // 3600}h0m0s"


def _days(kept: _Kept) -> str:
    return f"kept {kept.retention_s // _DAY_S} days"
