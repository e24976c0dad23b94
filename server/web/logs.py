"""The log of a server process: JSON lines on stderr, or a readable form where a person is watching."""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET = re.compile(r"password|token|secret|cookie|authorization", re.IGNORECASE)


def configure(level: str) -> None:
    """Set up structlog, and route what libraries log through it. ``level``: debug, info, warning, error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    watched = sys.stderr.isatty()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    render: list[Processor] = (
        # the default shows local variables, which may be secrets
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if watched
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for chatty in ("uvicorn.access", "alembic", "httpcore2", "httpx2"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Whatever is logged under the name of a secret is not shown."""
    for key in event:
        if _SECRET.search(key):
            event[key] = "***"
    return event
