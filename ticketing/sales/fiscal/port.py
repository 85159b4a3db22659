"""What Kassa needs of a fiscal register. docs/writing-a-register.md says how one is written.

Registering is asynchronous to the sale: the ticket never waits for it. A register is asked outside of
transactions, again and again with the same document until it has answered: it knows a document by its id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


class FiscalUnavailableError(Exception):
    """No answer, or one that says later: the same document is sent again after a while."""


class FiscalRefusedError(Exception):
    """The register will never take this document; staff must see why. `code` is the register's short word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class FiscalLine:
    """One thing sold or returned; amounts in minor units, the tax is contained in the price.

    Each ticket is a line of its own.
    """

    name: str
    price_minor: int
    tax_minor: int
    quantity: int = 1


@dataclass(frozen=True, kw_only=True)
class FiscalDocument:
    """A receipt as the register gets it.

    `at` is when the money moved, with the offset of the hall's clock; `tax_rate` in hundredths of a per cent;
    `amount_minor` = lines - fee kept of a return, `cash_minor` of it in cash, the rest by card;
    `cashier` is whose till the cash went through, empty for what was sold or returned on the web; `sale_sign`
    of a return is the sign that its sale got. Nothing tells who the buyer is.
    """

    id: UUID
    number: int
    kind: str
    at: datetime
    seller: str
    seller_bin: str
    currency: str
    lines: Sequence[FiscalLine]
    fee_minor: int
    amount_minor: int
    cash_minor: int
    cashier: str
    tax_rate: int
    tax_minor: int
    sale_sign: str


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What a register answers. `sign` is empty if it only keeps the document: no fiscal receipt then.

    `operator` of fiscal data and `check_url`, where the buyer can check the receipt, stand on it.
    """

    register: str
    sign: str
    operator: str
    check_url: str


class FiscalRegister(Protocol):
    """A register. Several threads and processes may use it at once."""

    @property
    def name(self) -> str:
        """Return what the operator calls it."""

    def register(self, document: FiscalDocument, /) -> Registered | None:
        """Register a document, or find what was answered before; None while it is under way.

        Raises FiscalUnavailableError or FiscalRefusedError.
        """
