"""What nobody has to accept: the limits that the detectors hold calls against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Agreed limits of a project, a route or a consumer; the defaults hold where nothing was agreed."""

    failing_share: float = 0.05
    """Share of failed calls at any time (the agreed limit of 5 % of 5xx)."""
    drop: float = 0.5
    """Part of the usual calls below which a drop is reported; what an hour usually has differs less."""
    surge: float = 3.0
    """Times the usual calls above which a surge is reported; a campaign of twice as many is planned for."""
    slow_ms: float = 10_000.0
    """Longest time a call may take: after ten seconds people turn away (Nielsen, "Usability Engineering", 5.5)."""
    slow_share: float = 0.05
    """Share of calls that may take longer all the same: the limit is one of the 95th percentile."""
    error_budget: float = 0.01
    """Share of calls that may fail over the whole phase. Ordinary noise of a route is .15 to 1 %: with the 99.9 % of a
    settled system, a new one would be in breach for ever. A project that agreed on less says so."""
    phase_days: float = 30.0
    """Length of the hypercare phase, over which the error budget is meant to last."""
    worse: float = 2.0
    """Times the failing share of the system before from which this one is worse."""
    slower: float = 1.5
    """Times the 95th percentile of the system before from which this one is slower."""


DEFAULT = Limits()
