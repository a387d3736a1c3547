from django.apps import AppConfig


class DataProviderConfig(AppConfig):
    name = "data_provider"
    verbose_name = "Event ledger"
