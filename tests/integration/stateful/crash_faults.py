"""Guards broken on purpose: what a search for crashes must find, or it finds nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any
from unittest.mock import patch

from sqlalchemy.orm import Session

from ticketing.sales import capture
from ticketing.sales.models import Order
from ticketing.sales.payments.port import RefundRequest, RefundStatus
from ticketing.sales.payments.stripe import StripeGateway

_REFUND, _ISSUE, _NUMBERS = StripeGateway.refund, capture.issue_paid, count()
REFUND_KEY, LATE_TICKETS = "a refund key that changes", "tickets committed after their money"
FAULTS = (REFUND_KEY, LATE_TICKETS)


def _refund_with_new_key(gateway: StripeGateway, request: RefundRequest, /) -> RefundStatus:
    """Ask for a refund as somebody would who makes a new key for each try."""
    return _REFUND(gateway, replace(request, key=f"{request.key}:{next(_NUMBERS)}"))


def _issue_in_a_second_transaction(session: Session, order: Order, *rest: Any) -> None:
    """Issue tickets as somebody would who commits the money first."""
    connection = session.connection()
    for words in ("COMMIT", "BEGIN IMMEDIATE"):
        connection.exec_driver_sql(words)
    _ISSUE(session, order, *rest)


@contextmanager
def broken(fault: str) -> Iterator[None]:
    """Let a guard be broken; on SQLite and at Stripe only."""
    owner, name, instead = {
        REFUND_KEY: (StripeGateway, "refund", _refund_with_new_key),
        LATE_TICKETS: (capture, "issue_paid", _issue_in_a_second_transaction),
    }[fault]
    with patch.object(owner, name, instead):
        yield
