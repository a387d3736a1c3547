"""Requests for a decision about nights: what they ask for, and errors of it field by field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from common.access_rights import access_of
from common.strict_input import NoParameters
from pricing_service.decisions.manual_decisions import InvalidDecision
from pricing_service.decisions.rules_for_nights import NightRule
from pricing_service.models import Action
from pricing_service.serializers import VALUE_NAMES, DecisionInput


def read_decision(request: Request) -> tuple[int, list[date], Action | NightRule, dict[str, Any]]:
    """Return hotel, nights, action and keyword arguments of a request for a decision.

    The arguments are those of `manual_decisions.decide`, or of `rules_for_nights.set_for_nights`.

    Raises: ValidationError, PermissionDenied.
    """
    NoParameters.read(request)
    serializer = DecisionInput(data=request.data)
    serializer.is_valid(raise_exception=True)
    body: dict[str, Any] = dict(serializer.validated_data)
    access_of(request).must_see([body["hotel_id"]])
    values = {name: body[name] for name in VALUE_NAMES if name in body}
    hotel_id, nights, is_range = body["hotel_id"], body["nights"], body["is_range"]
    if body["action"] in list(NightRule):
        return hotel_id, nights, NightRule(body["action"]), {"values": values, "is_range": is_range}
    return hotel_id, nights, Action(body["action"]), {**values, "is_range": is_range}


@contextmanager
def errors_by_field() -> Iterator[None]:
    """Raises: ValidationError of REST for a decision that is not possible, by field."""
    try:
        yield
    except InvalidDecision as error:
        raise ValidationError({error.field: [str(error)]}) from error
    except ModelValidationError as error:
        raise ValidationError(error.message_dict) from error
