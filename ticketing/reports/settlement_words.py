"""The words of the settlement: what the ledger's accounts are."""

from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

_ACCOUNTS: Mapping[str, LazyString] = {
    "gateway": lazy_gettext("At the banks"),
    "withheld": lazy_gettext("Withheld by banks for disputes"),
    "cash": lazy_gettext("Cash"),
    "tickets": lazy_gettext("Valid tickets"),
    "fees": lazy_gettext("Fees kept of refunds"),
    "refunds_owed": lazy_gettext("Refunds on their way"),
    "parked": lazy_gettext("Set aside until staff decide"),
    "disputed": lazy_gettext("Disputed tickets"),
    "losses": lazy_gettext("Lost: given back beyond any ticket"),
}
_PERCENT = 100


def account_word(account: str) -> str:
    """Return what an account of the ledger is called."""
    return str(_ACCOUNTS[account])


def rate_text(hundredths: int) -> str:
    """Return `16 %` of a rate in hundredths of a per cent."""
    return f"{hundredths / _PERCENT:g}".replace(".", ",") + "\u00a0%"
