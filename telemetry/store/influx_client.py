"""The connection to InfluxDB: one way to write, one to query, and what each refusal means.

Written by influxdb-client through /api/v2/write (1.8, 2.x), read by InfluxQL through /query (1.x, 2.x).
A tier is a bucket named ``database/tier`` in 2.x, which 1.x knows as a retention policy of a database.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from telemetry.store.contract import Resolution, StoreUnavailable, UnusableStore

SCHEMES = {"influxdb": "http", "influxdbs": "https"}
TIERS: tuple[Resolution, ...] = ("raw", "minute", "hour")
SETUP = "run `plantroom server setup`"

_TIMEOUT_S = 20.0
"""Shorter than the minute after which an hour is rolled up: no write may still be under way then."""
_LONG_URL = 4_000
_MISSING = ("not found", "no dbrp mapping", "does not exist")

R = TypeVar("R")


class Refused(Exception):
    """The database will not take these lines as they are; others it may."""


class Place(NamedTuple):
    """Where a store is."""

    base_url: str
    database: str
    org: str | None

    def bucket(self, tier: Resolution) -> str:
        """Name of a tier's bucket."""
        return f"{self.database}/{tier}"

    def __str__(self) -> str:
        return f"{self.base_url}, database {self.database}"


class Group(msgspec.Struct, Generic[R]):
    """Rows of one series of an answer, each beginning with its time in milliseconds."""

    values: list[R]
    tags: dict[str, str] = {}


class AnyRow(NamedTuple):
    """A row of one whole number: a field or a count."""

    at_ms: int
    number: int | None


class _Statement(msgspec.Struct, Generic[R]):
    series: list[Group[R]] = []
    error: str | None = None


class _Answer(msgspec.Struct, Generic[R]):
    results: list[_Statement[R]] = []
    error: str | None = None


def parse_url(url: str) -> Place:
    """``influxdb://host:8086/DATABASE?org=ORG``, ``influxdbs`` for TLS. Raises ValueError with the remedy."""
    parts = urlsplit(url)
    database, options = parts.path.strip("/"), parse_qs(parts.query)
    if not parts.hostname or not database or not database.replace("_", "").replace("-", "").isalnum():
        raise ValueError(
            f"{parts.scheme}: give influxdb://host:8086/DATABASE?org=ORG, database of a-z 0-9 _ -"
        )
    if parts.username or parts.password:
        raise ValueError("no user or password in the URL: the token goes into PLANTROOM_STORE_TOKEN_FILE")
    if unknown := options.keys() - {"org"}:
        raise ValueError(f"unknown option {', '.join(sorted(unknown))}; only org is known")
    base_url = f"{SCHEMES[parts.scheme]}://{parts.netloc}"
    return Place(base_url, database, options.get("org", [None])[-1])


class InfluxClient:
    """Connections are made when needed and kept; safe to use from several threads.

    Everything raises StoreUnavailable while the database is away, and UnusableStore where a person has
    to put something right: a wrong token, a missing bucket or mapping.
    """

    def __init__(self, place: Place, token: str | None) -> None:
        self.place = place
        self._token = token or ""
        headers = {"Authorization": f"Token {token}"} if token else {}
        self.http = httpx2.Client(
            base_url=place.base_url,
            headers=headers,
            timeout=_TIMEOUT_S,
            trust_env=False,
            verify=ssl.create_default_context() if place.base_url.startswith("https") else False,
        )
        self._writer: InfluxDBClient | None = None

    def close(self) -> None:
        """Let go of the connections; using the client again would need a new one."""
        self.http.close()
        if self._writer is not None:
            self._writer.close()  # type: ignore[no-untyped-call]

    def write(self, tier: Resolution, lines: Sequence[str]) -> None:
        """Line protocol in milliseconds, durable when this returns. Raises Refused, in which case any part
        of the lines may have been stored."""
        if self._writer is None:
            self._writer = InfluxDBClient(
                url=self.place.base_url,
                token=self._token,
                org=self.place.org or "-",
                timeout=int(_TIMEOUT_S * 1000),
            )
            self._api = self._writer.write_api(write_options=SYNCHRONOUS)
        try:
            self._api.write(
                self.place.bucket(tier),
                self.place.org or "-",
                "\n".join(lines).encode(),
                write_precision=WritePrecision.MS,  # type: ignore[arg-type] # a str, whatever it is annotated as
            )
        except ApiException as error:
            self._refuse_write(error.status or 0, _message(error.body or error.reason), tier)
        except (HTTPError, OSError) as error:
            raise self._away(error) from error

    def select(self, tier: Resolution, query: str, row: type[R]) -> list[Group[R]]:
        """Run one InfluxQL SELECT on a tier; each row is decoded as the tuple type given."""
        answer = self.query(query, {"rp": tier})
        try:
            decoded = msgspec.json.decode(answer, type=_Answer[row])  # type: ignore[valid-type]
        except msgspec.DecodeError as error:
            raise UnusableStore(str(self.place), f"gave an answer that makes no sense: {error}") from error
        for statement in decoded.results:
            if statement.error:
                raise self._failed(statement.error)
        return [group for statement in decoded.results for group in statement.series]

    def query(self, query: str, parameters: dict[str, str] | None = None) -> bytes:
        """The answer to InfluxQL as it comes."""
        parameters = {"db": self.place.database, "epoch": "ms", "q": query, **(parameters or {})}
        if len(query) < _LONG_URL and query.startswith(("SELECT", "SHOW")):
            return self.request("GET", "/query", params=parameters).content
        return self.request("POST", "/query", data=parameters).content

    def request(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
        json: object = None,
    ) -> httpx2.Response:
        """Any other request; answers of 400 and above are raised."""
        try:
            response = self.http.request(method, path, params=params, data=data, json=json)
        except (httpx2.TransportError, OSError) as error:
            raise self._away(error) from error
        if response.status_code >= 400:
            raise self._problem(response.status_code, _message(response.text))
        return response

    def _away(self, error: Exception) -> StoreUnavailable:
        return StoreUnavailable(f"InfluxDB at {self.place.base_url} cannot be reached: {error}")

    def _failed(self, message: str) -> StoreUnavailable:
        if any(sign in message for sign in _MISSING):
            return UnusableStore(str(self.place), f"is not set up: {message}; {SETUP}")
        return StoreUnavailable(f"InfluxDB at {self.place.base_url}: {message}")

    def _problem(self, status: int, message: str) -> StoreUnavailable:
        if status in {401, 403}:
            return UnusableStore(
                str(self.place), f"refuses the token of PLANTROOM_STORE_TOKEN ({status}: {message})"
            )
        if status == 404:
            return UnusableStore(str(self.place), f"has no such thing: {message}; {SETUP}")
        return self._failed(f"{status}: {message}")

    def _refuse_write(self, status: int, message: str, tier: Resolution) -> None:
        if status == 404 and "page not found" in message:
            raise UnusableStore(
                str(self.place), "has no /api/v2/write: InfluxDB 1.8, or better 2.x, is needed"
            )
        if status == 404:
            raise UnusableStore(
                str(self.place), f"has no bucket {self.place.bucket(tier)} ({message}); {SETUP}"
            )
        if status in {400, 413, 422}:
            raise Refused(message)
        raise self._problem(status, message)


def _message(body: str | bytes | None) -> str:
    """What the database says in its answer, whichever of its forms it has."""
    text = body.decode(errors="replace") if isinstance(body, bytes) else body or ""
    try:
        said = msgspec.json.decode(text, type=dict[str, object])
    except msgspec.DecodeError:
        return text.strip()[:300]
    return str(said.get("error") or said.get("message") or text)[:300]
