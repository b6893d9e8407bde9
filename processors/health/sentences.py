"""One sentence a person can read, from the numbers of a finding."""

from __future__ import annotations

from datetime import UTC, datetime

from processors.health.sighting import AGREED, CauseKey, Sighting

TWICE = 2.0
"""A version is said to be worse where so many times as much fails as in the best."""
FOLLOWS = 0.3
"""Partial R² from which a driver is named: a large effect (Cohen 1988 begins at .26)."""
_DRIVERS = {"rows": "rows", "bytes": "bytes", "concurrency": "calls at a time"}


def sentence(said: Sighting, *, closed_at: int | None = None) -> str:
    """What is wrong, where, since when, and by how much."""
    where = _where(said.cause)
    text = _SENTENCES[said.kind](said, where) + _beside(said)
    since = f"since {_clock(said.since)}"
    if closed_at is not None:
        return f"Over at {_clock(closed_at)}: {text} ({since})."
    return f"{text}, {since}."


def _errors(said: Sighting, where: str) -> str:
    share = 100 * said.observed / said.calls if said.calls else 0
    text = f"{where}: {said.observed:.0f} of {said.calls:.0f} calls failed ({share:.1f} %), "
    text += f"{said.expected:.1f} were {_held_against(said)}"
    if said.failures:
        most = max(said.failures, key=said.failures.__getitem__)
        text += f", mostly {most.replace(':', ' ')}"
    if said.share_explained:
        text += f"; {100 * said.share_explained:.0f} % of all failures beyond the usual"
    return text


def _held_against(said: Sighting) -> str:
    return "agreed" if AGREED in said.caveats else "usual"


def _latency(said: Sighting, where: str) -> str:
    numbers = said.numbers
    if "typical_ms" in numbers:
        now, usual = numbers["typical_ms"], numbers["usual_typical_ms"]
        text = f"{where}: a call typically takes {now:.0f} ms, {usual:.0f} ms usually"
    elif "mean_ms" in numbers:
        now, usual = numbers["mean_ms"], numbers["usual_mean_ms"]
        text = f"{where}: a call takes {now:.0f} ms on average, {usual:.0f} ms usually"
    elif "limit_ms" in numbers:
        limit = numbers["limit_ms"] / 1_000
        text = f"{where}: {said.observed:.0f} of {said.calls:.0f} calls took longer than the limit of {limit:g} s"
    else:
        text = f"{where}: {said.observed:.0f} of {said.calls:.0f} calls were slow, {said.expected:.0f} are usual"
    if said.own_ms is not None and said.usual_own_ms is not None:
        text += f"; {said.own_ms:.0f} ms of its own a call, {said.usual_own_ms:.0f} ms usually"
    if said.drivers and said.drivers[0][1] >= FOLLOWS:
        text += f", following the number of {_DRIVERS[said.drivers[0][0]]}"
    text += _waiting(said)
    if said.p95_ms is not None and said.usual_p95_ms is not None:
        text += f" (95 % within {said.p95_ms:.0f} ms now, {said.usual_p95_ms:.0f} ms usually)"
    return text


def _beside(said: Sighting) -> str:
    """What stood beside it: versions that differ, then the likeliest deployment."""
    text = ""
    fared = sorted(((100 * failed / calls, release) for release, calls, failed in said.versions), reverse=True)
    if fared and fared[0][0] > TWICE * fared[-1][0]:
        (most, worse), (least, better) = fared[0], fared[-1]
        text += f"; {most:.1f} % fail in release {worse}, {least:.1f} % in {better} beside it"
    if said.deployments:
        at, service, release, state = said.deployments[0]
        what = " ".join(part for part in (service, release) if part)
        minutes = round((said.since - at) / 60)
        how = {"succeeded": "deployed", "failed": "deployed in vain"}.get(state, "rolled back")
        text += f"; {what} was {how} {f'{minutes} min before' if minutes > 0 else 'at that time'}"
    return text


def _waiting(said: Sighting) -> str:
    if not said.victims:
        return ""
    return f"; {', '.join(said.victims)} only {'wait' if len(said.victims) > 1 else 'waits'} for it"


def _volume(said: Sighting, where: str) -> str:
    if "uptime" in said.detectors:
        return f"{where}: found down by {said.observed:.0f} checks in a row"
    return f"{where}: {said.calls:.0f} calls came where {said.expected:.0f} were {_held_against(said)}"


def _burning(said: Sighting, where: str) -> str:
    long, short = said.numbers["burn_long"], said.numbers["burn_short"]
    hours = round((said.until - said.since) / 3_600)
    share = 100 * said.observed / max(said.calls, 1)
    return (
        f"{where}: {said.observed:.0f} of {said.calls:.0f} calls failed in {hours} h ({share:.2f} %); "
        f"the error budget burns {long:.1f} times as fast as it may, {short:.1f} times lately"
    )


def _ahead(said: Sighting, where: str) -> str:
    numbers = said.numbers
    if "limit_share" in numbers:
        share, limit = 100 * said.observed / max(said.calls, 1), 100 * numbers["limit_share"]
        text = f"{where}: {share:.1f} % of the calls fail and it rises steadily; {limit:g} %"
    elif "limit_used" in numbers:
        used, limit = 100 * numbers["used"], 100 * numbers["limit_used"]
        text = f"{where}: {used:.0f} % is used and it rises steadily; {limit:g} %"
    else:
        now, usual = numbers["typical_ms"], numbers["usual_typical_ms"]
        text = f"{where}: a call typically takes {now:.0f} ms, {usual:.0f} ms usually, and it rises steadily; "
        text += f"{numbers['limit_ms']:.0f} ms, from which it is slow,"
    latest = f"to {_duration(numbers['latest_s'])}" if "latest_s" in numbers else "or later"
    earliest = _duration(numbers["earliest_s"])
    text += f" will be reached in {_duration(numbers['breach_s'])} ({earliest} {latest}) if it goes on"
    return text + _waiting(said)


def _worse(said: Sighting, where: str) -> str:
    numbers = said.numbers
    if "before_p95_ms" in numbers:
        now, before = numbers["p95_ms"], numbers["before_p95_ms"]
        return f"{where}: 95 % of the calls take up to {now:.0f} ms, before the go-live it was {before:.0f} ms"
    share = 100 * said.observed / max(said.calls, 1)
    return (
        f"{where}: {said.observed:.0f} of {said.calls:.0f} calls failed ({share:.1f} %), "
        f"before the go-live it was {100 * numbers['before_share']:.1f} % at this hour"
    )


def _duration(seconds: float) -> str:
    if seconds < 5_400:  # noqa: PLR2004 - an hour and a half
        return f"{max(1, round(seconds / 60))} min"
    return f"{seconds / 3_600:.1f} h"


def _limited(said: Sighting, where: str) -> str:
    text = f"{where}: {said.observed:.0f} of {said.calls:.0f} calls were turned away by a rate limit"
    return f"{text}, {said.expected:.1f} were usual"


def _denied(said: Sighting, where: str) -> str:
    return (
        f"{where}: {said.observed:.0f} of {said.calls:.0f} calls failed to authenticate, {said.expected:.1f} are usual"
    )


def _unrouted(said: Sighting, where: str) -> str:
    return f"{where}: the gateway had no route for {said.observed:.0f} of {said.calls:.0f} calls"


def _unheard(said: Sighting, where: str) -> str:
    return f"{where}: nothing is heard any more where {said.expected:.0f} calls should have come"


def _used_up(said: Sighting, where: str) -> str:
    used, limit = 100 * said.numbers["used"], 100 * said.numbers["limit_used"]
    return f"{where}: {used:.0f} % is used, for {_duration(said.until - said.since)} more than {limit:g} %"


def _logged(said: Sighting, where: str) -> str:
    text = f"{where}: {said.observed:.0f} errors were logged where {said.expected:.0f} are usual"
    return f"{text}, mostly {max(said.failures, key=said.failures.__getitem__)}" if said.failures else text


def _logins(said: Sighting, where: str) -> str:
    count, numbers = f"{said.observed:.0f}", said.numbers
    match said.detectors[-1]:
        case "guessing":
            return f"{where}: {count} log-ins failed within {_duration(said.until - said.since)}"
        case "guessed":
            return f"{where}: a log-in succeeded right after {count} had failed"
        case "spraying":
            return f"{where}: {count} log-ins to {numbers['accounts']:.0f} accounts failed from here"
        case "impossible_travel":
            hours = numbers["travel_s"] / 3_600
            return f"{where}: logged in from two places {numbers['travel_km']:.0f} km apart within {hours:.1f} h"
        case "new_country":
            return f"{where}: logged in from a country it never was in before"
    return f"{where}: {count} log-ins failed where {said.expected:.0f} are usual"


def _read(said: Sighting, where: str) -> str:
    return f"{where}: {said.observed:.0f} rows within the hour, {said.expected:.0f} were the most so far"


def _asked(said: Sighting, where: str) -> str:
    away = f"{said.observed:.0f} of {said.calls:.0f} calls"
    return f"{where}: the provider turned {away} away, {said.expected:.1f} were usual"


def _cut(said: Sighting, where: str) -> str:
    return f"{where}: {said.observed:.0f} of {said.calls:.0f} answers were cut off, {said.expected:.1f} were usual"


def _wordy(said: Sighting, where: str) -> str:
    now, usual = said.numbers["tokens"], said.numbers["usual_tokens"]
    return f"{where}: an answer typically has {now:.0f} tokens, {usual:.0f} usually"


def _drifted(said: Sighting, where: str) -> str:
    return f"{where}: {said.observed:.0f} answers came from this model, which never answered before"


def _taken_over(said: Sighting, where: str) -> str:
    return f"{where}: {said.observed:.0f} of {said.calls:.0f} answers came from there, {said.expected:.1f} were usual"


def _dear(said: Sighting, where: str) -> str:
    cost, usual = said.numbers["cost_usd"], said.numbers["usual_cost_usd"]
    limit = f"; agreed are {said.numbers['limit_cost_usd']:g} $" if "limit_cost_usd" in said.numbers else ""
    return f"{where}: {cost:.2f} $ within the hour, {usual:.2f} $ was the dearest so far{limit}"


_SENTENCES = {
    "errors": _errors,
    "latency": _latency,
    "volume_drop": _volume,
    "volume_surge": _volume,
    "burn_rate": _burning,
    "forecast": _ahead,
    "worse_than_before": _worse,
    "outage": _volume,
    "rate_limited": _limited,
    "auth_failures": _denied,
    "routing_failures": _unrouted,
    "blind_spot": _unheard,
    "ai_rate_limited": _asked,
    "ai_truncated": _cut,
    "ai_tokens": _wordy,
    "ai_model_drift": _drifted,
    "ai_failover": _taken_over,
    "ai_cost": _dear,
    "capacity": _used_up,
    "error_logs": _logged,
    "logins": _logins,
    "data_access": _read,
}


def _where(cause: CauseKey) -> str:
    return " + ".join(f"{attribute} {value or '(none)'}" for attribute, value in cause) or "All calls"


def _clock(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S} UTC"
