"""Files that are attached to mails, in a mailbox that is read by IMAP over TLS.

Promises: the mailbox is only read, no mail is marked; attachments of other senders than the hotel
named are not looked at; an attachment is read in pieces, whatever its size. Of a mail nothing is
kept but its number and the attachment's name. A sender's address can be forged: give the mailbox an
address of its own that nobody guesses, or have the mail server check senders.
"""

from __future__ import annotations

import binascii
import imaplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, getaddresses
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.adapters.adapter import (
    CredentialsRefused,
    Named,
    NeededText,
    NotReachable,
    OddAnswer,
)
from connections.files.file_adapter import (
    CHUNK_BYTES,
    FileAdapter,
    FileChanged,
    FoundFile,
    is_export,
)
from connections.files.mail_structure import attachments, parse_answer

# RFC 2045; a sender may write anything there, and a file of another one cannot be read.
ENCODINGS: Final = ("7bit", "8bit", "binary", "base64", "quoted-printable")
PORT: Final = 993
CALL_SECONDS: Final = 45
MAILS_AT_ONCE: Final = 100
WHAT: Final = "(UID INTERNALDATE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (FROM)])"


class MailboxAdapter(FileAdapter):
    """Exports that are sent to a mailbox."""

    vendor = "mailbox"
    title = _("Files that are sent to a mailbox")
    schemes = ("imaps",)
    sizes_are_exact = False  # of the encoded text
    needed = (
        NeededText("user", _("User name"), _("Of the mailbox."), is_secret=False),
        NeededText("password", _("Password"), _("Of the mailbox, or one for programs.")),
        NeededText(
            "senders", _("Allowed senders"),
            _("Addresses, or @domains, separated by commas: attachments of no other are read."),
            is_secret=False,
        ),
        NeededText(
            "folder", _("Folder"), _("INBOX where it is empty."), is_secret=False, is_required=False
        ),
    )  # fmt: skip
    what_to_do = (
        _("Make a mailbox for this alone, with an address that nobody guesses."),
        _("Let your system send the export of all reservations there each night."),
        _("Ask the operator of this server to allow the address, like imaps://mail.example.com."),
    )
    tried = _("an emulator in this project's tests")

    def properties(self) -> Sequence[Named]:
        with self._mailbox():
            return [Named("mailbox", f"{self.access.secrets['user']}, {self._host}")]

    def list_files(self, since: datetime) -> Sequence[FoundFile]:
        found: list[FoundFile] = []
        with self._mailbox() as (mailbox, validity):
            numbers = sorted(
                {
                    number
                    for sender in self._senders()
                    for number in self._search(mailbox, sender, since)
                }
            )
            for start in range(0, len(numbers), MAILS_AT_ONCE):
                some = ",".join(map(str, numbers[start : start + MAILS_AT_ONCE]))
                for fields in parse_answer(self._call(mailbox.uid, "FETCH", some, WHAT)):
                    found += self._files_of_mail(fields, validity)
        return found

    def _files_of_mail(self, fields: dict[str, Any], validity: str) -> Iterator[FoundFile]:
        if not self._is_allowed(str(fields.get("BODY[HEADER.FIELDS (FROM)]", ""))):
            return
        moment = datetime.strptime(str(fields["INTERNALDATE"]).strip(), "%d-%b-%Y %H:%M:%S %z")
        for one in attachments(fields["BODYSTRUCTURE"]):
            if is_export(one.name) and one.encoding.lower() in ENCODINGS:
                place = f"{validity}/{fields['UID']}/{one.part}/{one.encoding}"
                yield FoundFile(place, one.name, one.size, moment.astimezone(UTC), is_whole=True)

    def read_file(self, place: str) -> Iterator[bytes]:
        validity, number, part, encoding = place.split("/")
        decoder = _Decoder(encoding)
        with self._mailbox() as (mailbox, present):
            if present != validity:
                raise FileChanged(gettext("the mailbox was made anew"))
            position = 0
            while True:
                what = f"BODY.PEEK[{part}]<{position}.{CHUNK_BYTES}>"
                answer = self._call(mailbox.uid, "FETCH", number, f"(UID {what})")
                rows = parse_answer(answer)
                text = next(
                    (row[key] for row in rows for key in row if key.startswith("BODY[")), None
                )
                if text is None:
                    raise FileChanged(gettext("the mail is not there any more"))
                raw = str(text).encode("latin-1")
                position += len(raw)
                yield decoder.decode(raw, is_last=len(raw) < CHUNK_BYTES)
                if len(raw) < CHUNK_BYTES:
                    return

    @property
    def _host(self) -> str:
        return urlsplit(self.access.address).hostname or ""

    def _senders(self) -> list[str]:
        senders = self.access.secrets["senders"].replace(";", ",").split(",")
        return [one.strip().lower() for one in senders if one.strip()]

    def _is_allowed(self, header: str) -> bool:
        """Return whether a mail has one sender, who is allowed."""
        addresses = getaddresses([header.partition(":")[2].replace("\r\n", " ").strip()])
        if len(addresses) != 1:
            return False
        address = addresses[0][1].lower()
        domain = address[address.rfind("@") :]
        return bool(address) and (address in self._senders() or domain in self._senders())

    def _search(self, mailbox: imaplib.IMAP4_SSL, sender: str, since: datetime) -> list[int]:
        # A day earlier: a server compares days of its own time zone. The month is in English.
        _weekday, day, month, year, *_rest = format_datetime(since - timedelta(days=1)).split()
        answer = self._call(
            mailbox.uid, "SEARCH", "SINCE", f"{day}-{month}-{year}", "FROM", _quoted(sender)
        )
        [numbers] = answer[:1] or [b""]
        return [int(number) for number in (numbers or b"").split()]

    @contextmanager
    def _mailbox(self) -> Iterator[tuple[imaplib.IMAP4_SSL, str]]:
        """Give the open mailbox and its UIDVALIDITY. Raises: VendorFailure."""
        secrets, parts = self.access.secrets, urlsplit(self.access.address)
        self.access.before_call()
        try:
            mailbox = imaplib.IMAP4_SSL(
                self._host, parts.port or PORT, ssl_context=ssl.create_default_context(),
                timeout=CALL_SECONDS,
            )  # fmt: skip
            try:
                self._log_in(mailbox, secrets["user"], secrets["password"])
                folder = _quoted(secrets.get("folder") or "INBOX")
                self._call(mailbox.select, folder, True)
                _name, [validity] = mailbox.response("UIDVALIDITY")
                yield mailbox, (validity or b"").decode()
            finally:
                with suppress(imaplib.IMAP4.error, OSError):
                    mailbox.logout()
        except ssl.SSLError:
            raise NotReachable(gettext("no valid TLS connection")) from None
        except imaplib.IMAP4.abort:
            raise NotReachable(gettext("the connection ended")) from None
        except imaplib.IMAP4.error:  # without its text, which may quote what was asked
            raise OddAnswer(gettext("the mailbox does not do what was asked")) from None
        except OSError as error:
            is_late = isinstance(error, TimeoutError)
            reason = gettext("no answer in time") if is_late else gettext("no connection")
            raise NotReachable(reason) from None

    @staticmethod
    def _log_in(mailbox: imaplib.IMAP4_SSL, user: str, password: str) -> None:
        try:
            if "AUTH=PLAIN" in mailbox.capabilities:  # also for what is not ASCII
                mailbox.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            else:
                mailbox.login(_quoted(user), password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise CredentialsRefused(gettext("the mailbox refuses the sign-in")) from None

    def _call(self, act: Any, *arguments: Any) -> list[Any]:
        """Return what a command answers. Raises: OddAnswer, imaplib.IMAP4.error, OSError."""
        self.access.before_call()
        status, answer = act(*arguments)
        if status != "OK":
            raise OddAnswer(gettext("the mailbox does not do what was asked"))
        return list(answer)


class _Decoder:
    """Takes an attachment's transfer encoding away, piece by piece."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.lower()
        self._left = b""

    def decode(self, raw: bytes, *, is_last: bool) -> bytes:
        """Return the bytes of a piece. Raises: FileChanged."""
        if self._encoding == "base64":
            text = self._left + b"".join(raw.split())
            end = len(text) if is_last else len(text) // 4 * 4
            self._left = text[end:]
            try:
                return binascii.a2b_base64(text[:end])
            except binascii.Error:
                raise FileChanged(gettext("the attachment is damaged")) from None
        if self._encoding == "quoted-printable":
            text = self._left + raw
            end = len(text) if is_last else text.rfind(b"\n") + 1
            self._left = text[end:]
            return binascii.a2b_qp(text[:end])
        return raw


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
