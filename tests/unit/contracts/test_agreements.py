"""What was agreed holds where it was agreed, and mistakes are refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.agreements import DEFAULT, Agreements, Project

SHOP = Project.model_validate(
    {
        "project": "shop",
        "limits": {"slow_ms": 3_000, "failing_share": 0.02},
        "routes": [{"route": "/reports", "limits": {"slow_ms": 30_000, "failing_share": 0.1}}],
        "consumers": [{"consumer": "partner-a", "limits": {"failing_share": 0.2}}],
    }
)


def test_a_route_differs_only_in_what_was_said_of_it() -> None:
    assert SHOP.of_route("/reports") == SHOP.limits.model_copy(update={"slow_ms": 30_000, "failing_share": 0.1})
    assert SHOP.of_route("/other") == SHOP.limits
    assert SHOP.limits.drop == DEFAULT.drop


def test_an_agreement_holds_for_its_project_and_the_imports_into_it() -> None:
    agreements = Agreements([SHOP])
    assert agreements.of("default/shop/production") is SHOP
    assert agreements.of("default/shop/production/urn:hypercare:import:old.log") is SHOP
    assert agreements.of("default/shop/staging").limits == DEFAULT


def test_more_is_accepted_only_where_more_was_agreed() -> None:
    assert dict(SHOP.accepted()) == {(("route", "/reports"),): 0.1, (("consumer", "partner-a"),): 0.2}
    strict = SHOP.model_copy(update={"limits": SHOP.limits.model_copy(update={"failing_share": 0.15})})
    assert dict(strict.accepted()) == {(("consumer", "partner-a"),): 0.2}


@pytest.mark.parametrize(
    "wrong",
    [
        {"project": "Shop"},
        {"project": "shop", "limits": {"slow_seconds": 3}},
        {"project": "shop", "limits": {"drop": 1.5}},
        {"project": "shop", "routes": [{"route": "/a", "limits": {"slow_ms": -1}}]},
        {"project": "shop", "routes": [{"route": "/a", "limits": {}}, {"route": "/a", "limits": {}}]},
        {"project": "shop", "consumers": [{"consumer": "a", "limits": {"slow_ms": 1}}]},
        {"project": "shop", "consumers": [{"consumer": "a", "limits": {"failing_share": 1.5}}]},
        {"project": "shop", "consumers": [{"consumer": "a", "limits": {"most_calls": -1}}]},
        {"project": "shop", "consumers": [{"consumer": "a", "limits": {"most_calls": 5, "least_calls": 5}}]},
        {"project": "shop", "consumers": [{"consumer": "a", "limits": {}}, {"consumer": "a", "limits": {}}]},
        {"project": "shop", "limits": {"surge": float("nan")}},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Project.model_validate(wrong)
