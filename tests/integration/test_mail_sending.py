"""Mails to a real SMTP server: what it refuses, puts off and delays, and that each mail is sent once."""

import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from tests.support.certificates import self_signed
from tests.support.server import free_port
from tests.support.together import together
from ticketing.foundation.db import Database
from ticketing.foundation.letters import Block, Letter
from ticketing.foundation.mail import Mailer, SmtpMailer
from ticketing.foundation.mail_sending import LEASE, MOST_AN_HOUR, MOST_TRIES, MailSender, back_off
from ticketing.foundation.models import MailEntry
from ticketing.foundation.postbox import Envelope, put, redirect, send_again
from ticketing.foundation.security import CodeVault

NOW = datetime(2024, 11, 20, 7, tzinfo=UTC)
READER = "aigerim@example.kz"
VAULT = CodeVault((Fernet.generate_key().decode(),))
LETTER = Letter(
    language="kk",
    sender="tickets@example.kz",
    house="«Еуразия»",
    subject="Билеттеріңіз",
    greeting="Сәлеметсіз бе",
    blocks=(Block(text="Тапсырыс"),),
)


class Server:
    """A server that answers as a test says, and keeps what it has taken."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.to_recipient: list[str] = []
        self.to_data: list[str] = []
        self.delay_seconds = 0.0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        answer = self.to_recipient.pop(0) if self.to_recipient else "250 fine"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        time.sleep(self.delay_seconds)  # noqa: ASYNC251 - the whole server is slow
        answer = self.to_data.pop(0) if self.to_data else "250 kept"
        if answer.startswith("2"):
            self.taken.append(envelope.content)
        return answer


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def running(server: Server) -> Iterator[Controller]:
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


def sender(database: Database, mailer: Mailer) -> MailSender:
    return MailSender(database=database, mailer=mailer, vault=VAULT, attach={})


@pytest.fixture
def post(database: Database, running: Controller) -> MailSender:
    return sender(database, SmtpMailer(address_of(running), timeout_seconds=1))


def address_of(controller: Controller) -> str:
    return f"smtp://127.0.0.1:{controller.server.sockets[0].getsockname()[1]}"


def write(database: Database, cause: str = "a", recipient: str = READER, kind: str = "order_paid") -> bool:
    with database.transaction() as session:
        envelope = Envelope(cause=cause, kind=kind, about="KX7-4M2Q", recipient=recipient)
        # Later letters of the alphabet are written later.
        return put(session, LETTER, envelope, VAULT, NOW - timedelta(seconds=200 - ord(cause[-1])))


def states(database: Database) -> list[tuple[str, int]]:
    with database.reading() as session:
        rows = session.execute(select(MailEntry.state, MailEntry.tries).order_by(MailEntry.cause))
        return [(state, tries) for state, tries in rows]


def test_a_mail_is_sent_once(database: Database, post: MailSender, server: Server) -> None:
    assert write(database)
    assert not write(database), "the same cause writes once"
    assert post.send_due(NOW) == 1
    assert post.send_due(NOW + timedelta(days=1)) == 0
    (raw,) = server.taken
    read = message_from_bytes(raw, policy=default)
    assert (read["To"], read["Subject"]) == (READER, LETTER.subject)
    assert read.get_body(("plain",)).get_content().replace("\r\n", "\n") == LETTER.to_text()
    assert "Тапсырыс" in read.get_body(("html",)).get_content()
    assert states(database) == [("sent", 1)]


def test_nobody_is_not_written_to(database: Database) -> None:
    assert not write(database, recipient="")
    assert states(database) == []


def test_greylisting_is_waited_out(database: Database, post: MailSender, server: Server) -> None:
    server.to_recipient = ["450 come back later", "451 not yet"]
    write(database)
    assert post.send_due(NOW) == 1
    assert states(database) == [("queued", 1)]
    assert post.send_due(NOW + timedelta(seconds=59)) == 0
    post.send_due(NOW + timedelta(minutes=1))
    assert post.send_due(NOW + timedelta(minutes=2)) == 0
    post.send_due(NOW + timedelta(minutes=3))
    assert states(database) == [("sent", 3)]
    assert len(server.taken) == 1


@pytest.mark.parametrize("answers", [{"to_recipient": ["550 nobody here"]}, {"to_data": ["554 no thanks"]}])
def test_what_is_refused_for_ever_bounces_and_others_go_on(
    database: Database, post: MailSender, server: Server, answers: dict[str, list[str]]
) -> None:
    vars(server).update({name: list(lines) for name, lines in answers.items()})
    write(database)
    write(database, "b", "timur@example.kz")
    assert post.send_due(NOW) == 2
    assert states(database) == [("bounced", 1), ("sent", 1)]
    with database.reading() as session:
        error = session.scalars(select(MailEntry.error).where(MailEntry.state == "bounced")).one()
    assert error.startswith("55")
    with database.transaction() as session:
        bounced = session.scalars(select(MailEntry.id).where(MailEntry.state == "bounced")).one()
        send_again(session, bounced, NOW)
    assert post.send_due(NOW) == 1
    assert states(database) == [("sent", 1), ("sent", 1)]


def test_a_server_that_is_slow_is_left_and_tried_later(
    database: Database, post: MailSender, server: Server
) -> None:
    server.delay_seconds = 1.5
    write(database)
    write(database, "b", "timur@example.kz")
    assert post.send_due(NOW) == 0
    assert states(database) == [("queued", 1), ("queued", 0)], "one time-out a round"
    server.delay_seconds = 0
    later = NOW + timedelta(minutes=1)
    while post.send_due(later):
        continue
    assert [state for state, _ in states(database)] == ["sent", "sent"]


def test_a_server_that_is_not_there_is_nobodys_bounce(database: Database) -> None:
    write(database)
    post = sender(database, SmtpMailer("smtp://127.0.0.1:9", timeout_seconds=1))
    now = NOW
    for tried in range(1, MOST_TRIES):
        assert post.send_due(now) == 0
        assert states(database) == [("queued", tried)]
        now += back_off(tried)
    post.send_due(now)
    assert states(database) == [("dead", MOST_TRIES)]
    assert now - NOW > timedelta(hours=20)


def test_a_killed_worker_leaves_the_mail_to_the_next(
    database: Database, post: MailSender, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(database)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MailSender, "_record", die)
    with pytest.raises(KeyboardInterrupt):
        post.send_due(NOW)
    monkeypatch.undo()
    assert states(database) == [("in_flight", 1)]
    assert post.send_due(NOW + LEASE - timedelta(seconds=1)) == 0
    assert post.send_due(NOW + LEASE) == 1
    assert states(database) == [("sent", 2)]
    first, second = (message_from_bytes(raw, policy=default)["Message-ID"] for raw in server.taken)
    assert first == second


def test_one_that_cannot_be_made_does_not_stop_those_behind_it(
    database: Database, post: MailSender, server: Server
) -> None:
    write(database)
    write(database, "b", "timur@example.kz")
    with database.transaction() as session:
        session.execute(update(MailEntry).where(MailEntry.cause == "a").values(sealed="nothing"))
    assert post.send_due(NOW) == 2
    assert states(database) == [("queued", 1), ("sent", 1)]
    assert len(server.taken) == 1


def test_a_mistake_in_a_loop_does_not_flood_a_reader(
    database: Database, post: MailSender, server: Server
) -> None:
    for number in range(MOST_AN_HOUR + 3):
        write(database, f"c{number}")
    for _ in range(3):
        post.send_due(NOW)
    assert len(server.taken) == MOST_AN_HOUR
    post.send_due(NOW + timedelta(minutes=61))
    assert len(server.taken) == MOST_AN_HOUR + 3


def test_another_address_gets_what_bounced(database: Database, post: MailSender, server: Server) -> None:
    server.to_recipient = ["550 nobody here"]
    write(database)
    post.send_due(NOW)
    with database.transaction() as session:
        assert (
            len(
                redirect(
                    session, "KX7-4M2Q", READER, "right@example.kz", since=NOW - timedelta(days=1), now=NOW
                )
            )
            == 1
        )
    post.send_due(NOW)
    assert message_from_bytes(server.taken[0], policy=default)["To"] == "right@example.kz"


def test_the_password_is_sent_only_through_a_trusted_channel(
    database: Database, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = self_signed(tmp_path, "localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    seen: list[bytes] = []

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        seen.append(data.password)
        return AuthResult(success=data.password == b"s3cret")

    controller = Controller(
        server,
        hostname="localhost",
        port=free_port(),
        tls_context=context,
        authenticator=check,
        auth_required=True,
        require_starttls=True,
    )
    controller.start()
    try:
        port = controller.server.sockets[0].getsockname()[1]
        post = sender(database, SmtpMailer(f"smtp://kassa:s3cret@localhost:{port}", timeout_seconds=3))
        write(database)
        assert post.send_due(NOW) == 0, "a certificate that nobody vouches for"
        assert seen == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert post.send_due(NOW + timedelta(hours=1)) == 1
        assert seen == [b"s3cret"]
        wrong = sender(database, SmtpMailer(f"smtp://kassa:wrong@localhost:{port}", timeout_seconds=3))
        write(database, "b")
        assert wrong.send_due(NOW + timedelta(hours=2)) == 0, "a wrong password is the operator's to mend"
        assert states(database)[1] == ("queued", 1)
    finally:
        controller.stop()
    assert len(server.taken) == 1


def test_two_workers_send_each_mail_once(database: Database, post: MailSender, server: Server) -> None:
    for number in range(12):
        write(database, f"c{number}", f"reader{number}@example.kz")
    jobs: list[Callable[[], int]] = [lambda: post.send_due(NOW)] * 2
    together(*jobs)
    assert len(server.taken) == 12
    assert {state for state, _ in states(database)} == {"sent"}
