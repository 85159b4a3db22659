"""Pushes over a real wire: HTTP/2, TLS with the pass's certificate, and whatever a service may answer."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.push_office import PushOffice
from tests.support.wallets import PASS_TYPE, apple_papers, authority
from ticketing.tickets.wallet.apns import ApplePushes
from ticketing.tickets.wallet.pushing import Push

TOKEN, OTHER, THIRD = "ab" * 32, "cd" * 32, "ef" * 32


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PushOffice]:
    with PushOffice(tmp_path, authority().certificate).open() as made:
        yield made


def pushes(office: PushOffice, context: ssl.SSLContext | None = None) -> ApplePushes:
    return ApplePushes(
        apple_papers(), host="localhost", port=office.port, context=context or office.context()
    )


def test_a_push_is_an_empty_message_to_the_passes_topic(office: PushOffice) -> None:
    assert pushes(office).push([TOKEN, OTHER]) == {TOKEN: Push.SENT, OTHER: Push.SENT}
    assert office.connections == 1
    assert office.callers == [PASS_TYPE]
    assert [one.headers[":path"] for one in office.asked] == [f"/3/device/{TOKEN}", f"/3/device/{OTHER}"]
    for one in office.asked:
        assert one.headers[":method"] == "POST"
        assert one.headers["apns-topic"] == PASS_TYPE
        assert one.body == b"{}"


@pytest.mark.parametrize(
    ("status", "reason", "outcome"),
    [
        (410, "Unregistered", Push.GONE),
        (400, "BadDeviceToken", Push.GONE),
        (400, "BadTopic", Push.FAILED),
        (403, "BadCertificate", Push.FAILED),
        (429, "TooManyRequests", Push.FAILED),
        (503, "Shutdown", Push.FAILED),
        (500, "", Push.FAILED),
    ],
)
def test_what_the_service_answers(office: PushOffice, status: int, reason: str, outcome: Push) -> None:
    office.answers[OTHER] = (status, reason)
    assert pushes(office).push([TOKEN, OTHER, THIRD]) == {TOKEN: Push.SENT, OTHER: outcome, THIRD: Push.SENT}


@pytest.mark.parametrize("mischief", ["hang up", "go away", "reset"])
def test_a_connection_that_breaks_leaves_the_rest_for_later(office: PushOffice, mischief: str) -> None:
    office.answers[OTHER] = (0, mischief)
    assert pushes(office).push([TOKEN, OTHER, THIRD]) == {
        TOKEN: Push.SENT,
        OTHER: Push.FAILED,
        THIRD: Push.FAILED,
    }
    assert pushes(office).push([THIRD]) == {THIRD: Push.SENT}


def test_nobody_there_is_no_fault(office: PushOffice, caplog: pytest.LogCaptureFixture) -> None:
    there = pushes(office)
    there._address = ("localhost", 1)
    assert there.push([TOKEN]) == {TOKEN: Push.FAILED}
    assert TOKEN not in caplog.text


def test_a_service_that_cannot_show_who_it_is_is_told_nothing(office: PushOffice) -> None:
    assert pushes(office, ssl.create_default_context()).push([TOKEN]) == {TOKEN: Push.FAILED}
    assert office.asked == []


def test_a_service_without_http2_is_told_nothing(tmp_path: Path) -> None:
    with PushOffice(tmp_path, authority().certificate, protocol="http/1.1").open() as old:
        assert pushes(old).push([TOKEN]) == {TOKEN: Push.FAILED}
        assert old.asked == []


def test_the_service_refuses_another_certificate(tmp_path: Path) -> None:
    with PushOffice(tmp_path, authority(2).certificate).open() as strict:
        assert pushes(strict).push([TOKEN]) == {TOKEN: Push.FAILED}
        assert strict.asked == []
