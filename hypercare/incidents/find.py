"""The incident that is meant by an id, or by the beginning of one."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.errors import Stop
from contracts.incidents import Incident
from hypercare.masked import masked_line

MOST_NAMED = 10


def beginning_with(incidents: Iterable[Incident], name: str) -> list[Incident]:
    """The one of that very id, else all whose id begins so."""
    known = sorted(incidents, key=lambda incident: incident.incident)
    exact = [incident for incident in known if incident.incident == name]
    return exact or [incident for incident in known if name and incident.incident.startswith(name)]


def find(incidents: Iterable[Incident], name: str) -> Incident:
    """The incident that is meant; raise `Stop` when there is none, or more than one."""
    found = beginning_with(incidents, name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Stop(f"There is no incident {name!r}.", fix="see `hypercare incidents list --all`", exit_code=1)
    named = "".join(f"\n  {one.incident}  {one.state}  {masked_line(one.title)}" for one in found[:MOST_NAMED])
    more = f"\n  and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    raise Stop(f"{name!r} may mean {len(found)} incidents:{named}{more}", fix="write more of the id", exit_code=2)
