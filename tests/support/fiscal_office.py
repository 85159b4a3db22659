"""A strict tax office: it checks what it is told, is slow, loses answers, and registers a document once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from ticketing.sales.fiscal.port import (
    FiscalDocument,
    FiscalRefusedError,
    FiscalUnavailableError,
    Registered,
)

SALE, RETURN = "sale", "return"


@dataclass
class FiscalOffice:
    """A register that answers at once, or after being asked `patience` times."""

    patience: int = 0
    troubles: list[str] = field(default_factory=list)
    refusing: Callable[[FiscalDocument], str] = lambda _document: ""
    asked: list[int] = field(default_factory=list)
    known: dict[UUID, tuple[FiscalDocument, Registered]] = field(default_factory=dict)
    _waits: dict[UUID, int] = field(default_factory=dict)
    name: str = "office"

    def register(self, document: FiscalDocument, /) -> Registered | None:
        self.asked.append(document.number)
        trouble = self.troubles.pop(0) if self.troubles else ""
        if trouble == "away":
            raise FiscalUnavailableError
        if trouble == "breaks":
            raise RuntimeError("the provider's library has a fault")
        self._check(document)
        refusal = self.refusing(document)
        if refusal:
            raise FiscalRefusedError(refusal)
        self._waits[document.id] = self._waits.get(document.id, 0) + 1
        if self._waits[document.id] <= self.patience:
            return None
        if document.id in self.known:
            assert self.known[document.id][0] == document, "the same id with another document"
        else:
            sign = f"FS{len(self.known) + 1:08}"
            url = f"https://consumer.example.kz/?i={sign}"
            answer = Registered(register="SWK00030767", sign=sign, operator="Example OFD", check_url=url)
            self.known[document.id] = (document, answer)
        if trouble == "answer lost":
            raise FiscalUnavailableError
        return self.known[document.id][1]

    def _check(self, document: FiscalDocument) -> None:
        """Refuse what an office would refuse."""
        prices = sum(line.price_minor for line in document.lines)
        taxes = sum(line.tax_minor for line in document.lines)
        good = (
            document.kind in (SALE, RETURN)
            and document.number > 0
            and document.lines
            and all(line.name.strip() and line.price_minor > 0 for line in document.lines)
            and document.amount_minor == prices - document.fee_minor > 0
            and 0 <= document.cash_minor <= document.amount_minor
            and 0 <= document.tax_minor <= taxes
            and document.at.utcoffset() is not None
            and len(document.seller_bin) == 12
            and (document.kind == SALE) == (not document.sale_sign)
        )
        if not good:
            raise FiscalRefusedError("bad_document")
