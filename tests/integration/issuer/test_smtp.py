"""Mail goes to a real mail server over TLS, and what the server answers is told apart."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from issuer.adapters.smtp_mail import MailServer, SmtpMail, Tls
from issuer.domain.message import Message
from issuer.domain.profile import Logo
from issuer.errors import AddressRefused, ChannelAway, MessageRefused, NotNow
from issuer.ports import Letter
from tests.support.free_port import free_port
from tests.support.issuer import START, batch_of, prepared_award, published_template
from tests.support.messages import message_to
from tests.support.smtp_server import PASSWORD, USER, MailServerForTests, running_mail_server

TO = "amina@example.org"
LETTER = Letter("Your award", "Open the link.\n", "<p dir='rtl'>Open the link.</p>", "short")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[MailServerForTests]:
    async with running_mail_server(tmp_path) as running:
        yield running


def settings(server: MailServerForTests) -> MailServer:
    return MailServer(
        host="127.0.0.1",
        port=server.port,
        tls=Tls.STARTTLS,
        sender="awards@ngo.example",
        bounces="bounces@ngo.example",
        user=USER,
        password=PASSWORD,
        ca_file=server.ca_file,
    )


@pytest.fixture
async def mail(server: MailServerForTests) -> AsyncIterator[SmtpMail]:
    carrier = SmtpMail(settings(server), lambda: START)
    yield carrier
    await carrier.rest()


def message() -> Message:
    template = published_template()
    return message_to(prepared_award(template, batch_of(template)))


async def send(
    mail: SmtpMail, one: Message, *, to: str = TO, sender: str = "Trust", letter: Letter = LETTER
) -> None:
    await mail.send(one, to=to, sender=sender, letter=letter)


async def test_a_mail_arrives_with_its_id_in_headers_and_return_path_and_the_same_in_a_copy(
    server: MailServerForTests, mail: SmtpMail
) -> None:
    one = message()
    await send(mail, one)
    await send(mail, one)
    first, copy = server.received
    assert first.mail["Message-ID"] == copy.mail["Message-ID"] == f"<ujuzi.{one.id}@ngo.example>"
    assert first.sender == f"bounces+{one.id}@ngo.example"
    assert (first.mail["From"], first.mail["To"]) == ("Trust <awards@ngo.example>", TO)
    assert first.mail["Auto-Submitted"] == "auto-generated"
    assert "Open the link." in first.text
    assert "<p dir='rtl'>" in first.html
    assert server.logins == 1, "one connection for both"


async def test_a_logo_goes_along_with_the_html_that_names_it(
    server: MailServerForTests, mail: SmtpMail
) -> None:
    logo = Logo("ab" * 32, "image/png", b"\x89PNG picture")
    letter = replace(LETTER, picture=logo)
    await send(mail, message(), letter=replace(letter, html=f'<img src="cid:{letter.picture_id}">'))
    (received,) = server.received
    (picture,) = [part for part in received.mail.walk() if part.get_content_type() == "image/png"]
    assert picture.get_payload(decode=True) == logo.content
    assert picture["Content-ID"] == f"<{letter.picture_id}>"
    assert f"cid:{letter.picture_id}" in received.html
    assert "Open the link." in received.text


@pytest.mark.parametrize(
    "evil", ["Trust\r\nBcc: all@example.org", "Trust\nX: y", "Trust\u2028Bcc: all@example.org"]
)
async def test_no_name_or_subject_adds_a_header(
    server: MailServerForTests, mail: SmtpMail, evil: str
) -> None:
    await send(mail, message(), sender=evil, letter=replace(LETTER, subject=evil))
    (taken,) = server.received
    assert taken.mail["Bcc"] is None
    assert taken.mail["X"] is None
    assert taken.mail["Subject"].startswith("Trust ")
    assert taken.mail["From"].addresses[0].addr_spec == "awards@ngo.example"


@pytest.mark.parametrize(
    "evil", ["a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example\nBcc: c@d.example", "a@@b"]
)
async def test_an_address_with_anything_else_in_it_is_refused(
    server: MailServerForTests, mail: SmtpMail, evil: str
) -> None:
    with pytest.raises(AddressRefused, match="cannot be written into a mail"):
        await send(mail, message(), to=evil)
    assert not server.received


@pytest.mark.parametrize(
    ("reply", "refusal"),
    [
        ("550 5.1.1 <amina@example.org>: user unknown", AddressRefused),
        ("553 no such mailbox", AddressRefused),
        ("450 4.2.0 greylisted", NotNow),
        ("552 5.2.2 mailbox full", NotNow),
    ],
)
async def test_what_is_refused_for_the_address_is_hard_or_for_now(
    server: MailServerForTests, mail: SmtpMail, reply: str, refusal: type[Exception]
) -> None:
    server.refuse[TO] = reply
    with pytest.raises(refusal, match=f"The mail server said: {reply[:3]}") as refused:
        await send(mail, message())
    assert TO not in str(refused.value), "the address stays with the award"
    del server.refuse[TO]
    await send(mail, message())
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("reply", "refusal"), [("554 5.7.1 looks like spam", MessageRefused), ("451 4.3.0 try later", NotNow)]
)
async def test_what_is_refused_for_the_mail_says_nothing_of_the_address(
    server: MailServerForTests, mail: SmtpMail, reply: str, refusal: type[Exception]
) -> None:
    server.refuse_data[TO] = reply
    with pytest.raises(refusal, match=reply[4:9]):
        await send(mail, message())


async def test_a_server_that_is_away_or_does_not_let_us_in_is_no_fault_of_the_message(
    server: MailServerForTests, caplog: pytest.LogCaptureFixture
) -> None:
    right = settings(server)
    for wrong, why in (
        (replace(right, port=free_port()), "cannot be used"),
        (replace(right, password="wrong but secret"), "refuses user and password"),
        (replace(right, ca_file=None), "certificate or TLS handshake"),
    ):
        carrier = SmtpMail(wrong, lambda: START)
        with pytest.raises(ChannelAway, match=why):
            await send(carrier, message())
    assert not server.received
    assert "wrong but secret" not in caplog.text


async def test_without_tls_nothing_is_sent_unless_it_was_asked_for_by_name(tmp_path: Path) -> None:
    async with running_mail_server(tmp_path, starttls=False) as plain:
        server = replace(settings(plain), user=None, password=None)
        with pytest.raises(ChannelAway, match="cannot be used"):
            await send(SmtpMail(server, lambda: START), message())
        assert not plain.received
        unsafe = SmtpMail(replace(server, tls=Tls.UNSAFE_NO_TLS), lambda: START)
        await send(unsafe, message())
        await unsafe.rest()
        assert len(plain.received) == 1


async def test_a_password_is_not_shown(server: MailServerForTests) -> None:
    assert PASSWORD not in repr(settings(server))


async def test_a_connection_the_server_closed_meanwhile_is_opened_anew(tmp_path: Path) -> None:
    async with running_mail_server(tmp_path) as server:
        carrier = SmtpMail(settings(server), lambda: START)
        await send(carrier, message())
        await carrier.rest()
        await send(carrier, message())
        await carrier.rest()
        assert server.logins == 2
