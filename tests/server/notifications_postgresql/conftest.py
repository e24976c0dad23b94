from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.notifications.conftest import desk, post, provider_server, providers
from tests.support.databases import Postgres

__all__ = ["desk", "post", "provider_server", "providers"]


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)
