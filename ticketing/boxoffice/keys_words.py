"""The words of ticket codes and their keys."""

from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ticketing.tickets.key_rules import KeyState

_STATES: Mapping[KeyState, tuple[LazyString, str]] = {
    KeyState.NEXT: (lazy_gettext("Next"), "warn"),
    KeyState.SIGNING: (lazy_gettext("Signs now"), "good"),
    KeyState.EARLIER: (lazy_gettext("Followed by another"), "off"),
    KeyState.RETIRED: (lazy_gettext("Retired"), "off"),
    KeyState.REVOKED: (lazy_gettext("Revoked"), "out"),
}
_DONE: Mapping[str, LazyString] = {
    "opaque": lazy_gettext("Saved. It holds for tickets that are issued from now on."),
    "signed": lazy_gettext("Saved. It holds for tickets that are issued from now on."),
    "publish": lazy_gettext("Published. Phones get it with their next sync."),
    "retire": lazy_gettext("Retired. It signs no more."),
    "revoke": lazy_gettext("Revoked. Phones hear of it with their next sync."),
    "reissue": lazy_gettext("The tickets are being reissued. Their holders get a mail."),
}


def state_word(state: KeyState) -> str:
    """Return what a key's state is called."""
    return str(_STATES[state][0])


def state_look(state: KeyState) -> str:
    """Return the look of a key's state."""
    return _STATES[state][1]


def done_text(done: str) -> str:
    """Return what to say of what was done."""
    return str(_DONE.get(done, ""))
