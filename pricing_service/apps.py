from django.apps import AppConfig


class PricingServiceConfig(AppConfig):
    name = "pricing_service"
    verbose_name = "Pricing"
