"""Mails as files, and over SMTP to a server of a few lines."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from ticketing.foundation.mail import FileMailer, Mail, SmtpMailer

MAIL = Mail(
    id="order-paid-1",
    sender="tickets@example.kz",
    recipient="aigerim@example.kz",
    subject="Билеттеріңіз: тапсырыс KX7-4M2Q",
    text="Сәлеметсіз бе, Айгерім!\n.\nНүктеден кейін де.\n",
    sent_at=datetime(2024, 11, 20, 7, tzinfo=UTC),
)


class TinySmtpServer:
    """Takes one connection at a time and keeps what it is given; refuses recipients it was told to."""

    def __init__(self, *, refuse: bool) -> None:
        self.refuse = refuse
        self.received: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rwb") as stream:
            self._say(stream, b"220 tiny")
            for line in stream:
                verb = line[:4].upper()
                if verb == b"DATA":
                    self._say(stream, b"354 go on")
                    self.received.append(self._message(stream))
                    self._say(stream, b"250 kept")
                elif verb == b"RCPT" and self.refuse:
                    self._say(stream, b"550 nobody here")
                elif verb == b"QUIT":
                    self._say(stream, b"221 bye")
                    return
                else:
                    self._say(stream, b"250 fine")

    def _say(self, stream: object, words: bytes) -> None:
        stream.write(words + b"\r\n")  # type: ignore[attr-defined]
        stream.flush()  # type: ignore[attr-defined]

    def _message(self, stream: object) -> bytes:
        lines = []
        for line in stream:  # type: ignore[attr-defined]
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def close(self) -> None:
        self._thread.join(20)
        self._listener.close()


@pytest.fixture(params=[False, True], ids=["takes", "refuses"])
def server(request: pytest.FixtureRequest) -> Iterator[TinySmtpServer]:
    tiny = TinySmtpServer(refuse=request.param)
    yield tiny
    tiny.close()


def test_over_smtp(server: TinySmtpServer) -> None:
    mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}")
    if server.refuse:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            mailer.send(MAIL)
        assert server.received == []
        return
    mailer.send(MAIL)
    require_whole(server.received[0])


def test_as_a_file_which_is_one_however_often_it_is_sent(tmp_path: Path) -> None:
    mailer = FileMailer(tmp_path / "mail")
    mailer.send(MAIL)
    mailer.send(MAIL)
    (kept,) = (tmp_path / "mail").iterdir()
    require_whole(kept.read_bytes())


def require_whole(raw: bytes) -> None:
    read = message_from_bytes(raw, policy=policy.default)
    assert (read["From"], read["To"], read["Subject"]) == (MAIL.sender, MAIL.recipient, MAIL.subject)
    assert read["Message-ID"] == "<order-paid-1@example.kz>"
    assert read["Date"].datetime == MAIL.sent_at
    assert read.get_content().replace("\r\n", "\n") == MAIL.text
