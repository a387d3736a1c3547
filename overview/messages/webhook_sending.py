"""Messages by webhook: posted and signed as prices are, in threads, because receivers may be slow.

A post follows the Standard Webhooks specification (standardwebhooks.com); `webhook-id` is the same
for each try of a message, so that the receiver can ignore repetitions. Addresses inside the network
are refused as they are for prices (pricing_service/delivery/receiver_address.py). The words are in
the hotel's language.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

import orjson

from common.mails import public_address
from overview.messages import due_sendings
from overview.messages.message_models import Channel, MessageSending, MessageWebhook
from overview.messages.new_messages import WEBHOOK_WORDS
from overview.messages.readers import Readers
from pricing_service.delivery import webhook_secret
from pricing_service.delivery.http_exchange import Outcome, post_outcome

EXCHANGE_SECONDS = 10.0  # for everything, from the lookup of the name to the end of the answer
IN_FLIGHT = 16
EVENT_TYPE = "message.made"


def send_due_webhooks(keep_going: Callable[[], bool] = lambda: True) -> int:
    """Post the messages that are due and return how many arrived.

    Threads send; everything about the database happens in the caller's thread.

    Args:
        keep_going: asked before each group of IN_FLIGHT posts.
    Raises:
        django.db.Error.
    """
    arrived, readers = 0, Readers()
    with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="message webhook") as threads:
        while keep_going():
            claimed = due_sendings.claim_due(Channel.WEBHOOK, IN_FLIGHT)
            if not claimed:
                break
            started: dict[Future[Outcome], MessageSending] = {}
            for sending in claimed:
                started |= _start(threads, sending, readers)
            for future in as_completed(started):
                has_arrived, answer = future.result()
                if has_arrived:
                    due_sendings.note_arrived(started[future], answer)
                else:
                    due_sendings.note_failed(started[future], answer)
                arrived += has_arrived
    return arrived


def _start(
    threads: ThreadPoolExecutor, sending: MessageSending, readers: Readers
) -> dict[Future[Outcome], MessageSending]:
    """Start a post; return nothing where nobody wants or may have it."""
    message = sending.message
    if not readers.may_read(message.user_id, message.hotel_id):
        due_sendings.end_quietly(sending, "the user may not see the hotel any more")
        return {}
    receiver = MessageWebhook.objects.filter(
        user_id=message.user_id, hotel_id=message.hotel_id
    ).first()
    if receiver is None:
        due_sendings.end_quietly(sending, "there is no address any more")
        return {}
    body = _body(sending)
    headers = webhook_secret.signed_headers([receiver.secret], f"message-{message.pk}", body)
    return {threads.submit(post_outcome, receiver.url, body, headers, EXCHANGE_SECONDS): sending}


def _body(sending: MessageSending) -> bytes:
    """Return the same body for each try."""
    message = sending.message
    facts = {name: value for name, value in message.facts.items() if name != WEBHOOK_WORDS}
    words = message.facts.get(WEBHOOK_WORDS, {"title": message.title, "text": message.text})
    return orjson.dumps(
        {
            "type": EVENT_TYPE,
            "timestamp": message.made_at,
            "data": {
                "hotel_id": message.hotel_id,
                "kind": message.kind,
                "title": words["title"],
                "text": words["text"],
                "link": public_address(message.link),
                "facts": facts,
            },
        }
    )
