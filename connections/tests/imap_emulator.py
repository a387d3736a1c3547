"""A mailbox that is read by IMAP over TLS, as strict as RFC 3501: what is not as there is BAD."""

import base64
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage, Message
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "exports@hotel.example", 'pass "wörd" \\ x'
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def mail(sender: str, files: dict[str, bytes], encoding: str = "base64") -> EmailMessage:
    """Return a mail with attachments, a text and a picture inside of it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, USER, 'Nightly (export) "x"'
    message.set_content("See the attachment.\n")
    message.add_alternative("<p>See the attachment.</p>", subtype="html")
    for name, content in files.items():
        if encoding == "base64":
            message.add_attachment(content, maintype="text", subtype="csv", filename=name)
        else:
            message.add_attachment(content.decode(), subtype="csv", filename=name, cte=encoding)
    return message


@dataclass
class Mail:
    """A mail with its number and when it came."""

    uid: int
    at: datetime
    message: Message


class ImapEmulator:
    """One mailbox with one folder."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.validity = 7
        self.password = PASSWORD
        self.commands: list[str] = []
        self.drop_after: int | None = None  # the connection ends after so many commands

    def receive(self, message: Message, at: datetime) -> None:
        self.mails.append(Mail(len(self.mails) + 11, at, message))

    def serve_client(self, stream: Any) -> None:
        reader, writer = stream.makefile("rb"), stream.makefile("wb")

        def say(text: bytes) -> None:
            writer.write(text + b"\r\n")
            writer.flush()

        say(b"* OK ready")
        state = "new"
        while line := reader.readline():
            if self.drop_after is not None:
                self.drop_after -= 1
                if self.drop_after < 0:
                    return
            tag, _, rest = line.rstrip(b"\r\n").partition(b" ")
            command = rest.decode()
            self.commands.append(command.split()[0] if "AUTH" in command else command)
            verb = command.split()[0].upper()
            if verb == "CAPABILITY":
                say(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN")
            elif command == "AUTHENTICATE PLAIN" and state == "new":
                say(b"+ ")
                given = base64.b64decode(reader.readline().strip()).decode().split("\0")
                if given != ["", USER, self.password]:
                    say(tag + b" NO [AUTHENTICATIONFAILED] wrong")
                    continue
                state = "in"
            elif command == 'EXAMINE "INBOX"' and state == "in":
                say(b"* %d EXISTS" % len(self.mails))
                say(b"* OK [UIDVALIDITY %d] valid" % self.validity)
                state = "selected"
            elif verb == "LOGOUT":
                say(b"* BYE")
                say(tag + b" OK done")
                return
            elif state == "selected" and command.startswith("UID SEARCH "):
                say(b"* SEARCH" + b"".join(b" %d" % one for one in self._search(command)))
            elif state == "selected" and (
                match := re.fullmatch(r"UID FETCH ([\d,]+) \((.+)\)", command)
            ):
                wanted = set(map(int, match[1].split(",")))
                for number, one in enumerate(self.mails, 1):
                    if one.uid in wanted:
                        say(b"* %d FETCH (%s)" % (number, b" ".join(_fields(one, match[2]))))
            else:
                say(tag + b" BAD " + verb.encode())
                continue
            say(tag + b" OK done")

    def _search(self, command: str) -> list[int]:
        match = re.fullmatch(
            r'UID SEARCH SINCE (\d{1,2})-([A-Z][a-z]{2})-(\d{4}) FROM "([^"]+)"', command
        )
        assert match, command
        day = datetime(int(match[3]), MONTHS.index(match[2]) + 1, int(match[1]), tzinfo=UTC)
        return [
            one.uid
            for one in self.mails
            if one.at >= day and match[4].lower() in str(one.message["From"]).lower()
        ]


def _fields(one: Mail, wanted: str) -> Iterator[bytes]:
    """Yield what FETCH asks for. Only what leaves a mail unread is known."""
    for name in re.findall(r"[A-Z.]+(?:\[[^\]]*\](?:<[\d.]+>)?)?", wanted):
        if name == "UID":
            yield b"UID %d" % one.uid
        elif name == "INTERNALDATE":
            at = one.at
            yield f'INTERNALDATE "{at.day:2}-{MONTHS[at.month - 1]}-{at:%Y %H:%M:%S} +0000"'.encode()
        elif name == "BODYSTRUCTURE":
            yield b"BODYSTRUCTURE " + _structure(one.message)
        elif name == "BODY.PEEK[HEADER.FIELDS (FROM)]":
            text = f"From: {one.message['From']}\r\n\r\n".encode()
            yield b"BODY[HEADER.FIELDS (FROM)] {%d}\r\n%s" % (len(text), text)
        elif match := re.fullmatch(r"BODY\.PEEK\[([\d.]+)\]<(\d+)\.(\d+)>", name):
            start, count = int(match[2]), int(match[3])
            text = _encoded(_part(one.message, match[1]))[start : start + count]
            yield b"BODY[%s]<%d> {%d}\r\n%s" % (match[1].encode(), start, len(text), text)
        else:
            raise AssertionError(name)


def _part(message: Message, number: str) -> Message:
    for place in number.split("."):
        if message.is_multipart():
            message = message.get_payload()[int(place) - 1]  # type: ignore[index,assignment]
    return message


def _encoded(part: Message) -> bytes:
    text = str(part.get_payload())
    return text.encode("utf-8", "surrogateescape").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _structure(message: Message) -> bytes:
    kind, subtype = message.get_content_maintype(), message.get_content_subtype()
    if message.is_multipart():
        parts: Any = message.get_payload()
        boundary = b'("boundary" "%s")' % str(message.get_boundary() or "b").encode()
        return b'(%s "%s" %s NIL NIL)' % (
            b"".join(map(_structure, parts)), subtype.encode(), boundary
        )  # fmt: skip
    body = _encoded(message)
    lines = b" %d" % body.count(b"\n") if kind == "text" else b""
    encoding = str(message.get("Content-Transfer-Encoding", "7bit"))
    return b'("%s" "%s" ("charset" "utf-8") NIL NIL "%s" %d%s NIL %s NIL NIL)' % (
        kind.encode(), subtype.encode(), encoding.encode(), len(body), lines, _disposition(message)
    )  # fmt: skip


def _disposition(message: Message) -> bytes:
    name = message.get_filename()
    if not name:
        return b"NIL"
    if name.isascii():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"').encode()
        return b'("attachment" ("filename" "%s"))' % quoted
    encoded = "utf-8''" + "".join(f"%{byte:02X}" for byte in name.encode())
    return b'("attachment" ("filename*" {%d}\r\n%s))' % (len(encoded), encoded.encode())


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "emulated mailbox")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    return paths


@contextmanager
def serve_mailbox(emulator: ImapEmulator, certificate: Path, key: Path) -> Iterator[str]:
    """Serve a mailbox; yields its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with context.wrap_socket(client, server_side=True) as stream:
                    emulator.serve_client(stream)
            except OSError:
                pass
            finally:
                client.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"imaps://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
