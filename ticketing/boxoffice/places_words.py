"""Words of the page where staff set places aside."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from ticketing.inventory.allocations import AllocationKind
from ticketing.inventory.overview import PlaceState

_MOST_NAMED = 8
_KINDS: Mapping[str, LazyString] = {
    AllocationKind.HOUSE: lazy_gettext("House seats"),
    AllocationKind.BADGE: lazy_gettext("Badges"),
    AllocationKind.GUESTS: lazy_gettext("Guests"),
    AllocationKind.SPONSORS: lazy_gettext("Sponsors"),
    AllocationKind.JURY: lazy_gettext("Jury"),
    AllocationKind.SCHOOL: lazy_gettext("Schools"),
}
# One letter each, different within a language: it stands on the seat.
_MARKS: Mapping[str, LazyString] = {
    AllocationKind.HOUSE: lazy_gettext("H (house seats)"),
    AllocationKind.BADGE: lazy_gettext("B (badges)"),
    AllocationKind.GUESTS: lazy_gettext("G (guests)"),
    AllocationKind.SPONSORS: lazy_gettext("S (sponsors)"),
    AllocationKind.JURY: lazy_gettext("J (jury)"),
    AllocationKind.SCHOOL: lazy_gettext("P (schools)"),
}
_STATES: Mapping[str, LazyString] = {
    PlaceState.FREE: lazy_gettext("On sale"),
    PlaceState.ASKED: lazy_gettext("Kept for wheelchair users"),
    PlaceState.BASKET: lazy_gettext("In a basket"),
    PlaceState.SOLD: lazy_gettext("Sold"),
    PlaceState.RUSH: lazy_gettext("Rush line"),
    PlaceState.KEPT: lazy_gettext("Kept"),
    PlaceState.KILLED: lazy_gettext("Withdrawn"),
}


def kept_for_word(kind: str) -> str:
    """Return for whom places are kept."""
    return str(_KINDS.get(kind, kind))


def kept_for_mark(kind: str) -> str:
    """Return the letter that stands on a seat kept for a group."""
    return str(_MARKS.get(kind, kind))[:1]


def state_word(state: str) -> str:
    """Return what a place's state is called."""
    return str(_STATES[state])


def done_text(done: str, number: int) -> str:
    """Return what the page says of an action that was done."""
    texts = {
        "keep": ngettext("%(num)d place is kept now.", "%(num)d places are kept now.", number),
        "release": ngettext("%(num)d place is on sale again.", "%(num)d places are on sale again.", number),
        "kill": ngettext("%(num)d place is withdrawn.", "%(num)d places are withdrawn.", number),
        "revive": ngettext("%(num)d place is back on sale.", "%(num)d places are back on sale.", number),
        "saved": _("Saved."),
    }
    return str(texts.get(done, ""))


def not_possible(names: list[str]) -> str:
    """Return why nothing was done: what these places are now does not allow it."""
    shown = "; ".join(names[:_MOST_NAMED])
    more = f" … (+{len(names) - _MOST_NAMED})" if len(names) > _MOST_NAMED else ""
    return str(_("Nothing was changed. Not possible for: %(seats)s.", seats=f"{shown}{more}"))
