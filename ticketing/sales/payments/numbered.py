"""The pattern of banks that know no keys: a numeric order number, a redirect, a callback, a status query.

The bank gets a number of 6 to 15 digits of Kassa's making and sends the buyer's browser back. It calls a
server address without a signature that could be believed, and is then asked for the number's status. It
knows no idempotency keys, so this adapter keeps the memory: which number belongs to which key, and who is
asking for which refund. What is different from bank to bank is behind `Bank`: a small file for each.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ticketing.foundation.clock import Clock
from ticketing.foundation.db import Database
from ticketing.sales.affair_models import NumberedPage, NumberedRefund
from ticketing.sales.payments.port import (
    Callback,
    CallbackRefusedError,
    Capture,
    GatewayRefusedError,
    GatewayUnreachableError,
    Notification,
    RefundRequest,
    RefundState,
    RefundStatus,
    SessionState,
    SessionStatus,
    Started,
    StartRequest,
)

FIRST_NUMBER = 100_000
_MOST_DIGITS = 15
# Somebody who asked for a refund and was never heard of again has surely given up by then.
LEASE = timedelta(minutes=10)
_PAGE, _REFUND = NumberedPage.__table__, NumberedRefund.__table__
_TAKE_NUMBER = {
    "sqlite": sqlite.insert(_PAGE).on_conflict_do_nothing(index_elements=["gateway", "key"]),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(_PAGE).on_conflict_do_nothing(index_elements=["gateway", "key"]),  # type: ignore[arg-type]
}
_NUMBER = select(_PAGE.c.id).where(
    _PAGE.c.gateway == bindparam("of_gateway"), _PAGE.c.key == bindparam("of_key")
)
_KEY = select(_PAGE.c.key).where(_PAGE.c.gateway == bindparam("of_gateway"), _PAGE.c.id == bindparam("of_id"))
_CLAIM = {
    "sqlite": sqlite.insert(_REFUND).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(_REFUND).on_conflict_do_nothing(),  # type: ignore[arg-type]
}
_CLAIM_AGAIN = (
    update(_REFUND)  # type: ignore[arg-type]
    .where(
        _REFUND.c.gateway == bindparam("of_gateway"),
        _REFUND.c.key == bindparam("of_key"),
        _REFUND.c.claimed_at <= bindparam("long_ago"),
    )
    .values(claimed_at=bindparam("at"))
)


@dataclass(frozen=True, kw_only=True)
class PageAsked:
    """A page to open: the number stands for the order at the bank."""

    number: str
    amount_minor: int
    currency: str
    description: str
    locale: str
    return_url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class BankRefund:
    """A refund as the bank lists it with an order; `reference` is what it was asked for under."""

    name: str
    reference: str
    amount_minor: int
    state: RefundState
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class BankWord:
    """The bank's answer to a status query."""

    state: SessionState
    captured_minor: int
    currency: str
    payment: str = ""
    refunds: Sequence[BankRefund] = ()


class Bank(Protocol):
    """What one bank's protocol looks like; its errors are the port's.

    `open` with the same number and amount must be harmless; `ask_refund` need not be.
    """

    @property
    def name(self) -> str:
        """The gateway's name."""

    @property
    def acknowledgement(self) -> tuple[str, str]:
        """Return the body that a callback must be answered with, and its content type."""

    def open(self, page: PageAsked) -> str:
        """Return the address where the buyer pays."""

    def look(self, number: str) -> BankWord | None:
        """Return the status of a number, or None if the bank has never heard of it."""

    def cancel(self, number: str) -> None:
        """Let a number never be paid, if it is not paid yet."""

    def ask_refund(self, number: str, amount_minor: int, reference: str) -> BankRefund:
        """Give money back."""

    def number_in(self, raw: bytes, headers: Mapping[str, str]) -> str:
        """Return the number that a callback is about. Raises CallbackRefusedError."""


@dataclass(frozen=True, kw_only=True)
class NumberedGateway:
    """Implements the gateway port over a bank of numbers."""

    bank: Bank
    database: Database
    clock: Clock
    itemised: bool = False
    capture_mode: Capture = Capture.AUTOMATIC

    @property
    def name(self) -> str:
        """The gateway's name in payments and events."""
        return self.bank.name

    def start(self, request: StartRequest) -> Started:
        """Open a payment page; the same key has the same number, and so the same page."""
        expires_at = datetime.fromisoformat(request.expires_at)
        if expires_at <= self.clock.now():
            raise GatewayRefusedError("too_late")
        number = self._number_of(request.key)
        url = self.bank.open(
            PageAsked(
                number=number,
                amount_minor=request.amount_minor,
                currency=request.currency,
                description=request.order,
                locale=request.locale,
                return_url=request.return_url,
                expires_at=expires_at,
            )
        )
        return Started(session=number, url=url)

    def status(self, session: str) -> SessionStatus:
        """Ask for a number's status; a number that the bank has not met yet can still be paid."""
        key = self._key_of(session)
        if key is None:
            raise GatewayRefusedError("unknown_number")
        word = self.bank.look(session)
        if word is None:
            return SessionStatus(state=SessionState.OPEN, captured_minor=0, currency="", key=key)
        return SessionStatus(
            state=word.state,
            captured_minor=word.captured_minor,
            currency=word.currency,
            reference=word.payment,
            key=key,
        )

    def expire(self, session: str) -> SessionStatus:
        """Cancel a number that is not paid; what the bank then says decides."""
        status = self.status(session)
        if status.state is not SessionState.OPEN:
            return status
        try:
            self.bank.cancel(session)
        except GatewayRefusedError:
            return self.status(session)
        return self.status(session)

    def refund(self, request: RefundRequest) -> RefundStatus:
        """Give money back, once per refund, although the bank would do it twice.

        One asker at a time: the others, and whoever comes after one that was cut off, look at what there is.
        """
        known = self._find_refund(request)
        if known is not None and not (request.attempt > 1 and known.state is RefundState.FAILED):
            return _word(known, request)
        if not self._claim(request.key):
            raise GatewayUnreachableError
        made = self.bank.ask_refund(request.session, request.amount_minor, request.key)
        return _word(made, request)

    def refund_status(self, request: RefundRequest, name: str) -> RefundStatus:
        """Read a refund in the list of its order's."""
        for made in self._refunds(request.session):
            if made.name == name:
                return _word(made, request)
        raise GatewayRefusedError("unknown_refund")

    def read_callback(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> Callback:
        """Return which number to ask for: nothing else in an unsigned callback is worth reading."""
        del now
        number = self.bank.number_in(raw, headers)
        if self._key_of(number) is None:
            raise CallbackRefusedError("unknown")
        body, content_type = self.bank.acknowledgement
        # The same words may come again and mean something new, so the id is only that of these words.
        event = f"{number}:{hashlib.sha256(raw).hexdigest()[:32]}"
        told = Notification(event=event, kind="callback", name=number, trusted=False)
        return Callback(notifications=(told,), body=body, content_type=content_type)

    def _number_of(self, key: str) -> str:
        with self.database.transaction() as session:
            take = _TAKE_NUMBER[session.get_bind().dialect.name]
            session.execute(take, {"gateway": self.name, "key": key})
            row = session.execute(_NUMBER, {"of_gateway": self.name, "of_key": key}).scalar_one()
        return str(FIRST_NUMBER + row)

    def _key_of(self, number: str) -> str | None:
        if not number.isascii() or not number.isdigit() or len(number) > _MOST_DIGITS:
            return None
        with self.database.reading() as session:
            return session.scalar(_KEY, {"of_gateway": self.name, "of_id": int(number) - FIRST_NUMBER})

    def _claim(self, key: str) -> bool:
        """Become the one who asks for a refund; False if somebody else may be asking just now."""
        now = self.clock.now()
        with self.database.transaction() as session:
            claim = _CLAIM[session.get_bind().dialect.name].returning(_REFUND.c.key)
            values = {"gateway": self.name, "key": key, "claimed_at": now}
            if session.execute(claim, values).one_or_none() is not None:
                return True
            names = {"of_gateway": self.name, "of_key": key, "long_ago": now - LEASE, "at": now}
            return int(session.execute(_CLAIM_AGAIN, names).rowcount) == 1  # type: ignore[attr-defined]

    def _refunds(self, number: str) -> Sequence[BankRefund]:
        word = self.bank.look(number)
        return () if word is None else word.refunds

    def _find_refund(self, request: RefundRequest) -> BankRefund | None:
        """Return the newest refund that was asked for under this or an earlier key of the same refund."""
        first = request.key if request.attempt == 1 else request.key.rpartition(":")[0]
        keys = {first, request.key, *(f"{first}:{n}" for n in range(2, request.attempt))}
        made = [one for one in self._refunds(request.session) if one.reference in keys]
        alive = [one for one in made if one.state is not RefundState.FAILED]
        return next(reversed(alive or made), None)


def _word(made: BankRefund, request: RefundRequest) -> RefundStatus:
    return RefundStatus(
        state=made.state,
        name=made.name,
        refund=request.refund,
        amount_minor=made.amount_minor,
        currency=request.currency,
        failure=made.failure,
    )
