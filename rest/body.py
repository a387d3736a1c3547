"""Bodies that are taken strictly: a misspelt field must not be passed over in silence."""

from typing import Any

from rest_framework import serializers


class StrictInput(serializers.Serializer):
    """A JSON object with known fields only. What is left out stays as it is."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError({"detail": "send a JSON object"})
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                {name: [f"unknown field; known are: {known}"] for name in unknown}
            )
        return super().to_internal_value(data)
