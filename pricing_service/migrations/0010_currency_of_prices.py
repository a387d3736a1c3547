"""Prices in force get the currency that their hotel has now.

Hotel by hotel, each a transaction of its own, so that repricing goes on meanwhile. A price that a
process of the version before saves has none, which counts as the hotel's.
"""

from typing import Any

from django.db import migrations


def name_currency(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    prices = apps.get_model("pricing_service", "NightPrice").objects.using(alias)
    rules = apps.get_model("pricing_service", "PricingRules").objects.using(alias)
    for hotel_id, currency in rules.values_list("hotel_id", "currency").order_by("hotel_id"):
        prices.filter(hotel_id=hotel_id, currency="").update(currency=currency)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("pricing_service", "0009_told_prices")]

    operations = [migrations.RunPython(name_currency, migrations.RunPython.noop)]
