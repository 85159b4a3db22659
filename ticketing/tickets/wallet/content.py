"""A ticket as a wallet shows it: its words in every language, and what is the same in all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ticketing.tickets.printed import PrintedTicket


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The words beside a pass's fields, in one language.

    `house` is the festival's short name, `day` the date where there is little room; `notice` says why a pass
    admits nobody, if so, and `about` what that is said of.
    """

    house: str
    day: str
    about: str
    when: str
    hall: str
    place: str
    kind: str
    section: str
    address: str
    order: str
    code: str
    know: str
    notice: str


@dataclass(frozen=True, kw_only=True)
class WalletTicket:
    """A ticket for a wallet. `code` is the door's; without one the pass is void and shows none.

    `serial` is the ticket's id for its buyer, and the transfer's for the friend whom it was sent to: each of
    them has a pass of their own. `language` is the order's, one of those of `says` and `labels`.
    """

    serial: UUID
    revision: int
    code: str
    edition: int
    screening: str
    section: str
    starts_at: datetime
    ends_at: datetime
    doors_at: datetime
    language: str
    says: Mapping[str, PrintedTicket]
    labels: Mapping[str, Labels]

    @property
    def others(self) -> Sequence[str]:
        """Return the languages beside the order's own."""
        return [lang for lang in self.says if lang != self.language]
