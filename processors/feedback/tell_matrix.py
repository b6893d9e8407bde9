"""The matrix of what is reported and what is observed, as it is told to others."""

from __future__ import annotations

from datetime import UTC, datetime

from contracts.cloudevents import derived_id
from contracts.groups import Cells, ReportedObserved
from processors.feedback.joining.matrix import Cells as MatrixCells
from processors.feedback.joining.matrix import MatrixRow


def told_row(row: MatrixRow) -> ReportedObserved:
    """A row as it counts now."""
    tenant, project, environment = row.project.split("/", 2)
    return ReportedObserved.model_validate(
        {
            "id": derived_id(row.project, row.kind, row.name, row.at),
            "occurred_at": _moment(row.at),
            "tenant": tenant,
            "project": project,
            "environment": environment,
            "kind": row.kind,
            "name": row.name,
            "hour": _cells(row.hour),
            "total": _cells(row.total),
        }
    )


def _cells(cells: MatrixCells) -> Cells:
    return Cells(
        reported_and_observed=max(0, cells.reported_observed),
        observed_not_reported=max(0, cells.observed_not_reported),
        reported_telemetry_green=max(0, cells.reported_green),
    )


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
