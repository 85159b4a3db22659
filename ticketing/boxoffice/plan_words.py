"""The words of the halls' pages: faults of files, changes, why screenings stay."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ticketing.boxoffice.plan_use import PlanUse, Stays
from ticketing.boxoffice.plan_view import band_name
from ticketing.catalogue.plan_json import PlanFaultCode
from ticketing.catalogue.plan_kinds import KindChoice
from ticketing.catalogue.plans import SeatKind
from ticketing.catalogue.programme.faults import Fault, FaultCode
from ticketing.foundation.forms import line

_MOST_VALUE = 80

_FAULTS: Mapping[str, LazyString] = {
    PlanFaultCode.NOT_JSON: lazy_gettext("This is not JSON (line %(line)s)."),
    PlanFaultCode.NOT_AN_OBJECT: lazy_gettext("An object is expected here."),
    PlanFaultCode.NOT_A_LIST: lazy_gettext("A list is expected here."),
    PlanFaultCode.NOT_A_TEXT: lazy_gettext("A text is expected here."),
    PlanFaultCode.NOT_A_NUMBER: lazy_gettext("A number is expected here, not larger than a drawing can be."),
    PlanFaultCode.NOT_YES_NO: lazy_gettext("true or false is expected here."),
    PlanFaultCode.MISSING: lazy_gettext("A value is missing here."),
    PlanFaultCode.TOO_LONG: lazy_gettext("The text is too long. The limit in characters: %(limit)s"),
    PlanFaultCode.BAD_CHARACTER: lazy_gettext("The text has a character that cannot be kept."),
    PlanFaultCode.UNKNOWN_BAND: lazy_gettext("The plan's categories do not have this one: %(band)s"),
    PlanFaultCode.UNKNOWN_CHOICE: lazy_gettext("The format does not know this value: %(value)s"),
    PlanFaultCode.DUPLICATE_GUID: lazy_gettext("Another seat has the same seat_guid: %(guid)s (%(first)s)"),
    PlanFaultCode.NO_SEATS: lazy_gettext("The plan has no seats."),
    PlanFaultCode.TOO_MANY_SEATS: lazy_gettext("The plan has too many seats. The limit: %(limit)s"),
    PlanFaultCode.TOO_MANY_AREAS: lazy_gettext("The plan has too many areas. The limit: %(limit)s"),
    FaultCode.MISSING_FILE: lazy_gettext("Choose the plan's file."),
    FaultCode.NOT_UTF8: lazy_gettext("The file is not UTF-8. Save it again as UTF-8."),
    FaultCode.MALFORMED_CSV: lazy_gettext("This is not well-formed CSV."),
    FaultCode.TOO_MANY_ROWS: lazy_gettext("The table has too many rows. The limit: %(limit)s"),
    FaultCode.NO_HEADER: lazy_gettext("The first row must hold the names of the columns."),
    FaultCode.WRONG_SEPARATOR: lazy_gettext(
        "The columns are separated by semicolons. Save the file with commas."
    ),
    FaultCode.MISSING_COLUMN: lazy_gettext("The column is missing."),
    FaultCode.UNKNOWN_COLUMN: lazy_gettext("There is no such column here. Known: %(known)s"),
    FaultCode.DUPLICATE_COLUMN: lazy_gettext("The column is there twice."),
    FaultCode.TOO_MANY_FIELDS: lazy_gettext("This stands beyond the last column: %(value)s"),
    FaultCode.FORMULA: lazy_gettext("This looks like a formula. Write the value itself."),
    FaultCode.CONTROL_CHARACTER: lazy_gettext("The text has a character that cannot be kept."),
    FaultCode.TOO_LONG: lazy_gettext("The text is too long. The limit in characters: %(limit)s"),
    FaultCode.MISSING_VALUE: lazy_gettext("A value is missing here."),
    FaultCode.UNKNOWN_CHOICE: lazy_gettext("This value is not known: %(value)s. Known: %(known)s"),
    FaultCode.DUPLICATE_CODE: lazy_gettext("This is there already, in row %(first)s: %(value)s"),
    FaultCode.UNKNOWN_SEAT: lazy_gettext("The plan has no such seat: %(value)s"),
    FaultCode.PAIR_REQUIRED: lazy_gettext("This seat needs the other seat of its pair."),
    FaultCode.PAIR_UNEXPECTED: lazy_gettext("A seat of this kind has no pair."),
    FaultCode.PAIR_NOT_MUTUAL: lazy_gettext("The other seat does not name this one as its pair: %(value)s"),
    FaultCode.PAIR_KINDS: lazy_gettext("Seats of these kinds are no pair: %(kind)s, %(other)s"),
}
_CHOICES: Mapping[KindChoice, LazyString] = {
    KindChoice.STANDARD: lazy_gettext("Standard seats"),
    KindChoice.SOFA: lazy_gettext("Sofas for two"),
    KindChoice.COMPANION_RIGHT: lazy_gettext("Wheelchair space, companion on the right"),
    KindChoice.COMPANION_LEFT: lazy_gettext("Wheelchair space, companion on the left"),
    KindChoice.RESTRICTED_VIEW: lazy_gettext("Restricted view"),
}
_KINDS: Mapping[SeatKind, LazyString] = {
    SeatKind.WHEELCHAIR: lazy_gettext("Wheelchair space"),
    SeatKind.COMPANION: lazy_gettext("Companion seat"),
    SeatKind.SOFA: lazy_gettext("Sofa"),
    SeatKind.RESTRICTED_VIEW: lazy_gettext("Restricted view"),
}
_DONE: Mapping[str, LazyString] = {
    "started": lazy_gettext("The draft is begun."),
    "band": lazy_gettext("The band is set."),
    "kind": lazy_gettext("The kind of the seats is set."),
    "section": lazy_gettext("The block has its name."),
    "rows": lazy_gettext("The rows are named."),
    "numbers": lazy_gettext("The seats are numbered."),
    "remove": lazy_gettext("The seats are removed."),
    "block": lazy_gettext("The seats are added."),
    "discard": lazy_gettext("The draft is thrown away."),
    "publish": lazy_gettext("The plan is published. New screenings will have it."),
}
_STAYS: Mapping[Stays, LazyString] = {
    Stays.CLAIMED: lazy_gettext("places are sold or in a basket"),
    Stays.SOLD_BEFORE: lazy_gettext("places were ordered before"),
    Stays.SET_ASIDE: lazy_gettext("staff have set places aside"),
}


def fault_word(fault: Fault) -> str:
    """Return what is wrong in a file."""
    params = {name: line(str(value), _MOST_VALUE) for name, value in fault.params.items()}
    return str(_FAULTS[fault.code]) % params


def choice_word(choice: KindChoice) -> str:
    """Return what a choice of kind is called."""
    return str(_CHOICES[choice])


def kind_word(kind: SeatKind) -> str:
    """Return what a kind of seat is called in the legend."""
    return str(_KINDS[kind])


def done_word(done: str) -> str:
    """Return what has just been done; nothing for what is not known."""
    return str(_DONE.get(done, ""))


def stays_word(use: PlanUse) -> str:
    """Return why a screening keeps its version."""
    if use.stays is None:
        return ""
    if use.stays is Stays.NO_PRICE:
        return str(_("no price for: %(bands)s", bands=", ".join(band_name(band) for band in use.bands)))
    return str(_STAYS[use.stays])
