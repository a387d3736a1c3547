"""The migration that adds the combination of events changes no price of a hotel that has some."""

from typing import Any

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("pricing_service", "0006_undo_steps")]
AFTER = [("pricing_service", "0007_more_rules")]
SPANS = {
    1: [("2026-05-01", "2026-05-03"), ("2026-05-03", "2026-05-04")],  # share a night
    2: [("2026-05-01", "2026-05-03"), ("2026-05-04", "2026-05-04")],
    3: [("2026-05-01", "2026-05-30"), ("2026-05-02", "2026-05-03"), ("2026-05-09", "2026-05-09")],
    4: [],
}


def migrate(target: Any) -> Any:
    executor = MigrationExecutor(connections["pricing_service"])
    executor.migrate(target)
    return executor.loader.project_state(target).apps


@pytest.mark.django_db(databases=["pricing_service"], transaction=True)
def test_hotels_with_overlapping_events_go_on_multiplying_them() -> None:
    try:
        old = migrate(BEFORE)
        rules_model = old.get_model("pricing_service", "PricingRules")
        for hotel, spans in SPANS.items():
            rules = rules_model.objects.using("pricing_service").create(
                hotel_id=hotel, base_price=100, minimum_price=60, maximum_price=250
            )
            for first, last in spans:
                old.get_model("pricing_service", "DemandEvent").objects.using(
                    "pricing_service"
                ).create(profile=rules, first=first, last=last, name="x", factor=1.1)
        new = migrate(AFTER)
        rows = new.get_model("pricing_service", "PricingRules").objects.using("pricing_service")
        assert dict(rows.values_list("hotel_id", "event_combination")) == {
            1: "product", 2: "largest", 3: "product", 4: "largest",
        }  # fmt: skip
    finally:
        executor = MigrationExecutor(connections["pricing_service"])
        executor.migrate(executor.loader.graph.leaf_nodes("pricing_service"))
