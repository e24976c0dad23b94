"""What alembic runs for each step: our connection, our tables."""

from __future__ import annotations

from alembic import context

import server.alarms.models
import server.assets.models
import server.audit.models
import server.forms.models
import server.identity.models
import server.incidents.models
import server.intake.models
import server.maintenance_windows.models
import server.notifications.models
import server.onboarding.models
import server.patrol.checkpoints.models
import server.patrol.dispatch.models
import server.patrol.evidence.models
import server.patrol.on_site.models
import server.patrol.rounds.models
import server.patrol.safety.models
import server.presence.models
import server.rules.backtest_models
import server.rules.models
import server.shifts.models
import server.tickets.models  # noqa: F401 - each import adds its tables to Base
from server.db import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite cannot alter a column in place; alembic copies the table instead
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
