"""How a worker ends: exit codes for its supervisor, and the one way out after an error."""

from __future__ import annotations

import os

import structlog

from contracts.errors import Stop

EXIT_CRASH = 70
"""An unexpected error (sysexits EX_SOFTWARE): restart."""
EXIT_PERSON = 78
"""A person has to act (sysexits EX_CONFIG): a restart would not help."""
EXIT_STALLED = 75
"""Lag and no progress (sysexits EX_TEMPFAIL): restart."""

log = structlog.get_logger()


def end_process(error: BaseException) -> None:
    """Say what happened and leave at once; nothing is acknowledged that was not delivered."""
    if isinstance(error, Stop):
        log.critical("stage_stopped", problem=error.problem, fix=error.fix)
        code = error.exit_code if error.exit_code > 1 else EXIT_PERSON
    else:
        log.critical("stage_ended_by_error", error=repr(error), exc_info=error)
        code = EXIT_CRASH
    os._exit(code)
