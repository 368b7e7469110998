"""Messages by e-mail, over one connection to one mail server that is kept while there is something to send (RFC 5321).

TLS is always used, from the start or by STARTTLS (RFC 3207), and the certificate is checked; `UNSAFE_NO_TLS` is for
development. A message's id stands in its Message-ID and in the address that bounces go to (VERP), the same in every copy.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from enum import StrEnum
from typing import Final

import aiosmtplib
from aiosmtplib import SMTP

from issuer.domain.bounce import envelope_address, is_mailbox_full, message_id_of, without_addresses
from issuer.domain.message import Message
from issuer.errors import AddressRefused, ChannelAway, MessageRefused, NotDelivered, NotNow
from issuer.ports import Letter
from shared.adapters.outage import Outage

TIMEOUT_SECONDS: Final = 20.0
"""For each command; a message takes half a dozen."""
_PERMANENT: Final = 500
_POLICY: Final = SMTP_POLICY.clone(utf8=False)


class Tls(StrEnum):
    """How the connection is protected."""

    FROM_THE_START = "tls"
    STARTTLS = "starttls"
    UNSAFE_NO_TLS = "none"


@dataclass(frozen=True)
class MailServer:
    """Where to send by and as whom. Bounces go to `bounces`, with the message's id in it, else to `sender`."""

    host: str
    port: int
    tls: Tls
    sender: str
    bounces: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None


class SmtpMail:
    """The port Carrier. One message at a time: who kills the process doubles at most the one in hand."""

    def __init__(self, server: MailServer, clock: Callable[[], datetime]) -> None:
        self._server = server
        self._clock = clock
        self._open: SMTP | None = None
        self._outage = Outage(f"the mail server {server.host}:{server.port}")

    async def send(self, message: Message, *, to: str, sender: str, letter: Letter) -> None:
        """Hand it to the mail server. Raises ChannelAway, NotNow, AddressRefused or MessageRefused."""
        mail = self._mail(message, to=to, sender=sender, letter=letter)
        connection = await self._connected()
        reports = connection.supports_extension(
            "dsn"
        )  # RFC 3461: only failures are told, with the headers alone
        mail_options = ["RET=HDRS", f"ENVID={message.id}"] if reports else []
        rcpt_options = ["NOTIFY=FAILURE"] if reports else []
        envelope = envelope_address(self._server.bounces, message.id) or self._server.sender
        try:
            await connection.sendmail(
                envelope, [to], mail, mail_options=mail_options, rcpt_options=rcpt_options
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            await self._after(error, connection)
            raise _translated(error, to) from error

    async def rest(self) -> None:
        """Say goodbye to the server."""
        connection, self._open = self._open, None
        if connection is not None and connection.is_connected:
            try:
                await connection.quit()
            except (aiosmtplib.SMTPException, OSError):
                connection.close()

    def _mail(self, message: Message, *, to: str, sender: str, letter: Letter) -> bytes:
        mail = EmailMessage(policy=_POLICY)
        domain = self._server.sender.rpartition("@")[2]
        try:
            mail["From"] = Address(_one_line(sender), addr_spec=self._server.sender)
            mail["To"] = Address(addr_spec=to)
            mail["Subject"] = _one_line(letter.subject)
        except (
            MessageError,
            ValueError,
            IndexError,
        ) as error:  # IndexError: the parser's, at an odd address's end
            raise AddressRefused("The address cannot be written into a mail.") from error
        mail["Date"] = format_datetime(self._clock())
        mail["Message-ID"] = message_id_of(message.id, domain)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        mail["Content-Language"] = message.language
        mail.set_content(letter.text)
        mail.add_alternative(letter.html, subtype="html")
        written = mail.get_body(("html",))
        if letter.picture is not None and written is not None:  # it goes along, so that nothing is fetched
            subtype = letter.picture.media_type.removeprefix("image/")
            written.add_related(letter.picture.content, "image", subtype, cid=f"<{letter.picture_id}>")
        return mail.as_bytes()

    async def _connected(self) -> SMTP:
        if self._open is not None and self._open.is_connected:
            return self._open
        server = self._server
        connection = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls is Tls.FROM_THE_START,
            start_tls=server.tls is Tls.STARTTLS,
            username=server.user,
            password=server.password,
            tls_context=ssl.create_default_context(cafile=server.ca_file),
            timeout=TIMEOUT_SECONDS,
        )
        try:
            await connection.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            connection.close()
            why = _why_away(error)
            self._outage.away(why)
            raise ChannelAway(f"The mail server cannot be used: {why}.") from error
        self._outage.back()
        self._open = connection
        return connection

    async def _after(self, error: Exception, connection: SMTP) -> None:
        """Have the next message begin on a clean connection."""
        if not isinstance(error, aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused):
            connection.close()
            self._open = None


def _translated(error: Exception, to: str) -> NotDelivered:
    """Say what a server's answer means for a message. Its own words go along, without addresses."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[refused, *_]):
            said = _said(refused.code, refused.message, to)
            permanent = refused.code >= _PERMANENT and not is_mailbox_full(refused.message)
            return AddressRefused(said) if permanent else NotNow(said)
        case aiosmtplib.SMTPResponseException(code=code, message=text):
            said = _said(code, text, to)
            return MessageRefused(said) if code >= _PERMANENT and not is_mailbox_full(text) else NotNow(said)
        case aiosmtplib.SMTPNotSupported() | ValueError():
            return AddressRefused("The mail server cannot reach addresses with such characters.")
        case _:  # it may have been taken all the same: counted as a try, so that copies stay few
            return NotNow(f"The mail server broke off: {type(error).__name__}.")


def _said(code: int, text: str, to: str) -> str:
    return f"The mail server said: {code} {without_addresses(text, to)}"


def _why_away(error: Exception) -> str:
    """A reason for the log: never what was sent to it."""
    match error:
        case aiosmtplib.SMTPAuthenticationError(code=code):
            return f"it refuses user and password ({code})"
        case ssl.SSLError():
            return "its certificate or TLS handshake is faulty"
        case _:
            return type(error).__name__


def _one_line(text: str) -> str:
    """A header has one line: whatever would end it, or hide in it, becomes a space."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
