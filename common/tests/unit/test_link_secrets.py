"""No log has the secret part of a link that gives access."""

import pytest

from common.link_secrets import hide_link_secrets

TOKEN = "WzEsImEiXQ:1xWrvB:cvOpEYwPZZC3DCUTp3zb63AENHaVqArX-_"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"GET /invitation/{TOKEN} 302", "GET /invitation/<hidden> 302"),
        (f"GET /invitation/{TOKEN}/", "GET /invitation/<hidden>"),
        (f"/password/new/MQ/c1-{TOKEN}/ from 1.1.1.1", "/password/new/<hidden> from 1.1.1.1"),
        (f"http://x/invitation/{TOKEN}?a=1", "http://x/invitation/<hidden>?a=1"),
        (
            "POST /connections/webhook/a-Token_of-20-letters/ 204",
            "POST /connections/webhook/<hidden> 204",
        ),
        (f"POST /unsubscribe/{TOKEN}/ 200", "POST /unsubscribe/<hidden> 200"),
        ("GET /invitation/ 200", "GET /invitation/ 200"),
        ("GET /events/17", "GET /events/17"),
    ],
)
def test_the_secret_is_hidden_and_all_else_stays(text: str, hidden: str) -> None:
    assert hide_link_secrets(text) == hidden
