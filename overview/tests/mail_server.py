"""A real SMTP server for tests, which takes mails, refuses addresses, or is away."""

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

TAKEN = "250 taken"


class MailServer:
    """Remembers the mails that it took, in order.

    `refused` has the answer to each recipient that is refused; `answer` is what the server says to
    a mail itself.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.asked: list[str] = []
        self.refused: dict[str, str] = {}
        self.answer = TAKEN
        self.port = _free_port()
        self._controller: Controller | None = None

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.asked.append(address)
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer == TAKEN:
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.recipients += envelope.rcpt_tos
        return self.answer

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def part(mail: EmailMessage, kind: str) -> str:
    """Return the text of a mail's part, `plain` or `html`."""
    body = mail.get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text


@contextmanager
def running_mail_server(settings: Any) -> Iterator[MailServer]:
    """A server that runs, and Django's settings for it."""
    server = MailServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 10
    settings.DEFAULT_FROM_EMAIL = "RoomPriceGenie <mails@rpg.example>"
    settings.API_AUTH = "required"
    settings.PUBLIC_URL = "https://rpg.example"
    try:
        yield server
    finally:
        server.stop()
