"""What was agreed for a project: limits that its routes and consumers are held to, in ``hypercare.toml``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.limits import Slug
from contracts.scoring import Journey, Scoring, Targets
from contracts.windows import MOST_MORE

Share = Annotated[float, Field(gt=0, lt=1)]
Times = Annotated[float, Field(gt=1, le=1_000)]
LimitName = Literal[
    "failing_share",
    "drop",
    "surge",
    "slow_ms",
    "slow_share",
    "error_budget",
    "phase_days",
    "worse",
    "slower",
    "capacity",
    "ai_cost",
]
Route = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Consumer = Annotated[str, StringConstraints(min_length=1, max_length=300)]
AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]
MOST_PROJECTS, MOST_EXCEPTIONS = 1_000, 1_000


class _Agreed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Agreed):
    """Limits of a project, a route or a consumer; the defaults hold where nothing was agreed."""

    failing_share: Share = Field(0.05, description="share of calls that may fail on the serving side at a time")
    drop: Share = Field(0.5, description="part of the usual calls below which a drop is reported")
    surge: Times = Field(3.0, description="times the usual calls above which a surge is reported")
    slow_ms: Annotated[float, Field(gt=0, le=86_400_000)] = Field(
        10_000.0, description="longest time a call may take, ms; after ten seconds people turn away (Nielsen 1993, 5.5)"
    )
    slow_share: Share = Field(0.05, description="share of calls that may take longer all the same")
    error_budget: Share = Field(0.01, description="share of calls that may fail over the whole phase")
    phase_days: Annotated[float, Field(gt=0, le=3_650)] = Field(30.0, description="length of the hypercare phase, days")
    worse: Times = Field(2.0, description="times the failing share of the system before from which this one is worse")
    slower: Times = Field(1.5, description="times the p95 of the system before from which this one is slower")
    capacity: Share = Field(0.9, description="part of a resource that may be used")
    ai_cost: Annotated[float, Field(gt=0, le=1e9)] = Field(
        1_000_000.0, description="what one model at one provider may cost in an hour, US dollars"
    )


DEFAULT = Limits()


class RouteLimits(_Agreed):
    """What differs for one route, named as in the calls: ``/orders/{id}``."""

    route: Route
    limits: dict[LimitName, float]


class ConsumerBounds(_Agreed):
    """What was agreed with one consumer; what is left out is not judged."""

    failing_share: Share | None = Field(None, description="share of its calls that may fail on the serving side")
    most_calls: Annotated[float, Field(gt=0, le=1e9)] | None = Field(
        None, description="calls a minute above which it is told, over five minutes"
    )
    least_calls: Annotated[float, Field(gt=0, le=1e9)] | None = Field(
        None, description="calls a minute below which it is told, over five minutes"
    )

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.most_calls is not None and self.least_calls is not None and self.least_calls >= self.most_calls:
            raise ValueError(f"least_calls {self.least_calls:g} has to be below most_calls {self.most_calls:g}")
        return self


class ConsumerLimits(_Agreed):
    """What was agreed with one consumer, named as in the calls."""

    consumer: Consumer
    limits: ConsumerBounds


class Project(_Agreed):
    """The agreement about one project in one environment.

    ``attributes`` of its calls, such as ``plan``, may be part of a cause, where it is called ``attributes.plan``.
    """

    tenant: Slug = "default"
    project: Slug
    environment: Slug = "production"
    attributes: Annotated[tuple[AttributeName, ...], Field(max_length=MOST_MORE)] = ()
    limits: Limits = DEFAULT
    routes: Annotated[tuple[RouteLimits, ...], Field(max_length=MOST_EXCEPTIONS)] = ()
    consumers: Annotated[tuple[ConsumerLimits, ...], Field(max_length=MOST_EXCEPTIONS)] = ()
    users: Annotated[int, Field(ge=0, le=10**10)] = Field(
        0, description="active users, to say how far a problem reaches"
    )
    journeys: Annotated[tuple[Journey, ...], Field(max_length=MOST_EXCEPTIONS)] = ()
    scoring: Scoring = Scoring()
    targets: Targets = Targets()

    @property
    def name(self) -> str:
        """``tenant/project/environment``."""
        return f"{self.tenant}/{self.project}/{self.environment}"

    @model_validator(mode="after")
    def _exceptions_can_be_used(self) -> Self:
        names = (
            [exception.route for exception in self.routes],
            [exception.consumer for exception in self.consumers],
            list(self.attributes),
            [route for journey in self.journeys for route in journey.routes],
        )
        if twice := [name for some in names for name, count in Counter(some).items() if count > 1]:
            raise ValueError(f"named twice: {', '.join(twice)}")
        _ = self._by_route
        return self

    def of_route(self, route: str) -> Limits:
        """The limits of a route."""
        return self._by_route.get(route, self.limits)

    def journey_weight(self, route: str) -> float:
        """How much the journey matters that a route serves."""
        return self._weights.get(route, self.scoring.default_journey)

    def accepted(self) -> Iterator[tuple[tuple[tuple[str, str], ...], float]]:
        """Routes and consumers, as causes, of whose calls more may fail than of others', with that share."""
        shares = [("route", route, limits.failing_share) for route, limits in self._by_route.items()]
        shares += [
            ("consumer", consumer, share)
            for consumer, bounds in self.bounds().items()
            if (share := bounds.failing_share) is not None
        ]
        for attribute, value, share in shares:
            if share > self.limits.failing_share:
                yield ((attribute, value),), share

    def bounds(self) -> dict[str, ConsumerBounds]:
        """What was agreed with each consumer."""
        return self._by_consumer

    @cached_property
    def _by_route(self) -> dict[str, Limits]:
        return {exception.route: self._with(exception.limits) for exception in self.routes}

    @cached_property
    def _weights(self) -> dict[str, float]:
        return {route: journey.weight for journey in self.journeys for route in journey.routes}

    @cached_property
    def _by_consumer(self) -> dict[str, ConsumerBounds]:
        return {exception.consumer: exception.limits for exception in self.consumers}

    def _with(self, changes: dict[LimitName, float]) -> Limits:
        return Limits.model_validate({**self.limits.model_dump(), **changes})


def without_import(project: str) -> str:
    """The project that an import, ``tenant/project/environment/import``, belongs to; the present is its own."""
    return "/".join(project.split("/", 3)[:3])


class Agreements:
    """The agreements of all projects, by name."""

    def __init__(self, projects: Iterable[Project] = ()) -> None:
        self._by_name = {project.name: project for project in projects}

    def of(self, project: str) -> Project:
        """That of a project, or of an import into it: ``tenant/project/environment[/import]``."""
        return self._by_name.get(without_import(project), NOTHING_AGREED)


NOTHING_AGREED = Project(project="default")
