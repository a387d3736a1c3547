"""`/connections/webhook/<token>/`: a vendor says that something changed.

Promises: a webhook is never more than a nudge to read, so that a forged, doubled, late or lost one
changes no figure; the answer does not wait for the vendor. The token in the address is the
connection's; where the vendor signs, the signature counts too. Nothing of the body is stored.
"""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from connections.adapters.adapter import SignatureWrong
from connections.adapters.known_vendors import ADAPTERS
from connections.models import Connection, ConnectionState, webhook_hash
from connections.reading.due_connections import nudge
from connections.secret_encryption import SecretsUnreadable, decrypt

UNKNOWN = "no connection has this address"


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, token: str) -> HttpResponse:
    """Answer 204 and have the connection read soon; 404 for an unknown token, 401 unsigned."""
    connection = (
        Connection.objects.filter(webhook_hash=webhook_hash(token))
        .exclude(state=ConnectionState.DISCONNECTED)
        .first()
    )
    kind = ADAPTERS.get(connection.vendor) if connection else None
    if connection is None or kind is None:
        return JsonResponse({"detail": UNKNOWN}, status=404)
    try:
        properties = kind.webhook(request.headers, request.body, decrypt(connection.secrets))
    except SignatureWrong:
        return JsonResponse({"detail": "the signature is not the booking system's"}, status=401)
    except SecretsUnreadable:
        properties = ()
    # One address may serve all properties of an integration.
    nudge(Q(pk=connection.pk) | Q(vendor=connection.vendor, property_id__in=properties))
    return HttpResponse(status=204)
