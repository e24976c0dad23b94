from __future__ import annotations

from tests.support.prepared_site import cast, database_url, demo_site, engine, prepared

__all__ = ["cast", "database_url", "demo_site", "engine", "prepared"]
