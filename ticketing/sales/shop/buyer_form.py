"""The checkout's fields: what was typed, what is wrong with it, and the buyer when nothing is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from flask import request
from flask_babel import gettext as _

from ticketing.foundation.errors import DomainError
from ticketing.foundation.web import refusal_text
from ticketing.sales.errors import TermsNotAcceptedError
from ticketing.sales.rules import Buyer, check_email, check_name, check_phone
from ticketing.sales.shop.form_fields import text_field

Checked = TypeVar("Checked")


@dataclass
class BuyerForm:
    """The form as it is shown: texts as typed, and a refusal's words at each field that has one."""

    email: str = ""
    name: str = ""
    phone: str = ""
    terms: bool = False
    # That screenings overlap is a warning, overruled by a tick; who orders by other ways is not asked.
    overlap: bool = False
    must_confirm: bool = False
    faults: dict[str, str] = field(default_factory=dict)

    def buyer(self) -> Buyer | None:
        """Return the buyer, or None with a fault at each field that is wrong."""
        email = self._checked("email", check_email, self.email)
        name = self._checked("name", check_name, self.name)
        phone = self._checked("phone", check_phone, self.phone)
        if not self.terms:
            self.faults["terms"] = refusal_text(TermsNotAcceptedError())
        if self.must_confirm and not self.overlap:
            self.faults["overlap"] = _(
                "Some of these screenings overlap. Confirm that you want all the tickets."
            )
        if self.faults or email is None or name is None:
            return None
        return Buyer(name=name, email=email, phone=phone)

    def _checked(self, name: str, check: Callable[[str], Checked], text: str) -> Checked | None:
        try:
            return check(text)
        except DomainError as error:
            self.faults[name] = refusal_text(error)
            return None


def sent_form() -> BuyerForm:
    """Return the form as sent. Raises InvalidRequestError for lines that no browser would send."""
    return BuyerForm(
        email=text_field("email"),
        name=text_field("name"),
        phone=text_field("phone"),
        terms="terms" in request.form,
        overlap="overlap" in request.form,
    )
