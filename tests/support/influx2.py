"""What the 2.x API says about organisations, buckets and mappings, and nothing more.

No InfluxDB 2 can be installed where the tests run, so this holds our requests to the published API: paths,
methods, authorization, and bodies by the models of influxdb-client, which are generated from it. Unknown
parameters and fields are refused. Data is not its business: writes and queries go to a real server.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import ClassVar, Protocol
from urllib.parse import parse_qs, urlsplit

import httpx2
from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules
from influxdb_client.domain.dbrp_create import DBRPCreate
from influxdb_client.domain.patch_bucket_request import PatchBucketRequest
from influxdb_client.domain.post_bucket_request import PostBucketRequest

TOKEN = "an-all-access-token"
ORG_ID = "0a0a0a0a0a0a0a0a"

Body = dict[str, object]


class _Model(Protocol):
    """What the generated models have in common."""

    attribute_map: ClassVar[dict[str, str]]

    def __init__(self, **fields: object) -> None: ...


class Influx2Api:
    """State of the server: its buckets and mappings."""

    def __init__(self, data: str, *, virtual_mappings: bool, version: str = "v2.7.12") -> None:
        self.data = data
        """Where the data goes: host of a server that takes /api/v2/write and /query."""
        self.virtual_mappings = virtual_mappings
        self.version = version
        self.buckets: dict[str, Body] = {}
        self.mappings: list[Body] = []
        self._ids = (f"{number:016x}" for number in count(1))

    def get_orgs(self, asked: dict[str, str]) -> tuple[int, Body]:
        assert asked.keys() <= {"org", "orgID", "limit", "offset"}
        orgs = [{"id": ORG_ID, "name": "plantroom"}]
        return 200, {"orgs": [org for org in orgs if org["name"] == asked.get("org", org["name"])]}

    def get_buckets(self, asked: dict[str, str]) -> tuple[int, Body]:
        assert asked.keys() <= {"org", "orgID", "name", "limit", "offset", "after"}
        limit, offset = int(asked.get("limit", 20)), int(asked.get("offset", 0))
        assert 1 <= limit <= 100
        return 200, {"buckets": list(self.buckets.values())[offset : offset + limit]}

    def post_buckets(self, body: Body) -> tuple[int, Body]:
        _check(body, PostBucketRequest)
        self._check_rules(body["retentionRules"])
        if any(bucket["name"] == body["name"] for bucket in self.buckets.values()):
            return 422, {"code": "conflict", "message": "bucket with name already exists"}
        bucket: Body = {"id": next(self._ids), "type": "user", **body}
        self.buckets[str(bucket["id"])] = bucket
        if self.virtual_mappings:
            database, _, policy = str(body["name"]).partition("/")
            self.mappings.append(
                {
                    "id": bucket["id"],
                    "orgID": ORG_ID,
                    "bucketID": bucket["id"],
                    "database": database,
                    "retention_policy": policy or "autogen",
                    "default": False,
                    "virtual": True,
                }
            )
        return 201, bucket

    def patch_bucket(self, bucket_id: str, body: Body) -> tuple[int, Body]:
        _check(body, PatchBucketRequest)
        self._check_rules(body["retentionRules"])
        self.buckets[bucket_id] |= body
        return 200, self.buckets[bucket_id]

    def get_dbrps(self, asked: dict[str, str]) -> tuple[int, Body]:
        assert asked.keys() <= {"org", "orgID", "id", "bucketID", "default", "db", "rp"}
        assert "orgID" in asked or "org" in asked
        return 200, {"content": [each for each in self.mappings if each["database"] == asked.get("db")]}

    def post_dbrps(self, body: Body) -> tuple[int, Body]:
        _check(body, DBRPCreate)
        assert str(body["bucketID"]) in self.buckets
        mapping: Body = {"id": next(self._ids), **body}
        self.mappings.append(mapping)
        return 201, mapping

    def _check_rules(self, rules: object) -> None:
        assert isinstance(rules, list)
        for rule in rules:
            _check(rule, BucketRetentionRules)
            assert rule["type"] == "expire"
            assert rule["everySeconds"] >= 3600
            assert 3600 <= rule["shardGroupDurationSeconds"] <= rule["everySeconds"]


def _check(body: Body, model: type[_Model]) -> None:
    """Only fields that the model has, and all that it cannot be made without."""
    names = {sent: name for name, sent in model.attribute_map.items()}
    assert body.keys() <= names.keys(), (body, names)
    model(**{names[sent]: value for sent, value in body.items()})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    api: ClassVar[Influx2Api]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def _answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        if parts.path == "/ping":
            self._send(204, None)
        elif self.headers.get("Authorization") != f"Token {TOKEN}":
            self._send(401, {"code": "unauthorized", "message": "unauthorized access"})
        elif parts.path in {"/api/v2/write", "/query"}:
            self._pass_on(content)
        else:
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            try:
                self._send(*self._route(parts.path, asked, content))
            except (AssertionError, KeyError, ValueError) as error:
                self._send(400, {"code": "invalid", "message": f"{self.command} {self.path}: {error!r}"})

    def _route(self, path: str, asked: dict[str, str], content: bytes) -> tuple[int, Body]:
        api, body = self.api, json.loads(content) if content else {}
        if self.command == "GET":
            verbs = {
                "/api/v2/orgs": api.get_orgs,
                "/api/v2/buckets": api.get_buckets,
                "/api/v2/dbrps": api.get_dbrps,
            }
            return verbs[path](asked)
        assert self.headers.get("Content-Type") == "application/json"
        if self.command == "PATCH":
            folder, _, bucket_id = path.rpartition("/")
            assert folder == "/api/v2/buckets"
            return api.patch_bucket(bucket_id, body)
        return {"/api/v2/buckets": api.post_buckets, "/api/v2/dbrps": api.post_dbrps}[path](body)

    def _pass_on(self, content: bytes) -> None:
        headers = {"Content-Type": self.headers.get("Content-Type", "text/plain")}
        url = f"http://{self.api.data}{self.path}"
        answer = httpx2.request(self.command, url, content=content, headers=headers, verify=False)
        self._send(answer.status_code, json.loads(answer.content) if answer.content else None)

    def _send(self, status: int, body: Body | None) -> None:
        content = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        self.send_header("X-Influxdb-Version", self.api.version)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if status != 204:
            self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@contextmanager
def serving(api: Influx2Api) -> Iterator[str]:
    """Serve the API; gives its host."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": api}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
