"""A real SMTP server that keeps the mails it gets, for tests of what reaches people."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """What arrived, of all addresses; with a `refusal` the server takes nothing."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[EmailMessage] = []
        self.refusal = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail, as aiosmtpd calls it."""
        if self.refusal:
            return self.refusal
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def last_link(self) -> str:
        """Return the path of the link in the last mail."""
        text = text_of(self.mails[-1])
        found = re.search(r"https?://[^/\s]+(/\S+)", text)
        assert found, text
        return found[1]


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """Return a mail's text, plain or html."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    """A server on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        mailbox = Mailbox(free.getsockname()[1])
    server = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    server.start()
    try:
        yield mailbox
    finally:
        server.stop()
