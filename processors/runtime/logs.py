"""Logs as JSON lines on standard error: an event and its fields, secrets masked, Faust's own lines included."""

from __future__ import annotations

import logging.config
from collections.abc import Mapping, MutableMapping
from functools import partial
from typing import Any

import structlog

from contracts.secrets import mask_secrets

Fields = MutableMapping[str, Any]


def masked(_logger: object, _method: str, fields: Fields) -> Fields:
    """Mask secrets in every text of a log line."""
    for name, said in fields.items():
        if isinstance(said, str):
            fields[name] = mask_secrets(said)[0]
    return fields


def _with(always: Mapping[str, str], _logger: object, _method: str, fields: Fields) -> Fields:
    """Add what every line of this process carries; also on lines of other threads."""
    return {**always, **fields}


def set_up(level: str, **always: str) -> dict[str, Any]:
    """Configure structlog, put ``always`` into every line, and return the logging configuration for Faust."""
    shared: list[Any] = [
        partial(_with, always),
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        masked,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
        "foreign_pre_chain": shared,
    }
    configuration = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {name: {"level": "WARNING"} for name in ("aiokafka", "faust", "mode", "elastic_transport")},
    }
    logging.config.dictConfig(configuration)
    return configuration
