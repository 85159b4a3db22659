"""What deeds and their objects are called in the audit trail."""

from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ticketing.foundation.postbox import MailState

_DEEDS: Mapping[str, LazyString] = {
    "begin_edition": lazy_gettext("Edition begun"),
    "restore": lazy_gettext("Database restored from a backup"),
    "add_account": lazy_gettext("Account added"),
    "decide_matter": lazy_gettext("Money matter decided"),
    "dispute_lost": lazy_gettext("Dispute lost"),
    "dispute_open": lazy_gettext("Dispute opened"),
    "dispute_won": lazy_gettext("Dispute won"),
    "give_voucher_back": lazy_gettext("Voucher's use given back"),
    "import_programme": lazy_gettext("Programme imported"),
    "keep_accessible": lazy_gettext("Wheelchair spaces kept for those who ask"),
    "keep_places": lazy_gettext("Places kept"),
    "kill_places": lazy_gettext("Places withdrawn from sale"),
    "release_accessible": lazy_gettext("Wheelchair spaces offered to everybody"),
    "release_allocation": lazy_gettext("Allocation released"),
    "release_places": lazy_gettext("Places released"),
    "revive_places": lazy_gettext("Withdrawn places back on sale"),
    "set_comps_a_day": lazy_gettext("Comps a day changed"),
    "set_limits": lazy_gettext("Limits set"),
    "set_release_time": lazy_gettext("Time of release changed"),
    "change_plan": lazy_gettext("Seating plan's draft changed"),
    "discard_plan": lazy_gettext("Seating plan's draft thrown away"),
    "make_comps": lazy_gettext("Comps given"),
    "make_vouchers": lazy_gettext("Vouchers made"),
    "move_to_plan": lazy_gettext("Screening moved to another seating plan"),
    "publish_plan": lazy_gettext("Seating plan published"),
    "start_plan": lazy_gettext("Seating plan's draft begun"),
    "issue_token": lazy_gettext("API token issued"),
    "offer_pairing": lazy_gettext("Scanner's pairing code offered"),
    "refund": lazy_gettext("Refund"),
    "accept_parked": lazy_gettext("Set-aside money taken for the tickets"),
    "return_parked": lazy_gettext("Set-aside money given back"),
    "assign_outside": lazy_gettext("Bank's own refund matched with tickets"),
    "write_off_outside": lazy_gettext("Bank's own refund booked as a loss"),
    "refund_in_cash": lazy_gettext("Failed refund paid in cash"),
    "refund_by_outside": lazy_gettext("Failed refund: the buyer has it by a refund at the bank"),
    "refund_by_dispute": lazy_gettext("Failed refund: the buyer has it by a dispute"),
    "set_refund_policy": lazy_gettext("Refund rule set"),
    "mark_film_changed": lazy_gettext("Marked: the film was changed"),
    "unmark_film_changed": lazy_gettext("Mark taken back: the film was changed"),
    "cancel_screening": lazy_gettext("Screening cancelled"),
    "retry_refund": lazy_gettext("Refund asked for again"),
    "accept_quarantined": lazy_gettext("Revoked scanner's scans counted"),
    "dismiss_quarantined": lazy_gettext("Revoked scanner's scans left out"),
    "revoke_device": lazy_gettext("Scanner revoked"),
    "rename_order": lazy_gettext("Name on the order changed"),
    "change_address": lazy_gettext("Email of the order changed"),
    "try_effect_again": lazy_gettext("Given up, tried again"),
    "send_mail_again": lazy_gettext("Mail sent again"),
    "transfer": lazy_gettext("Ticket sent to a friend"),
    "take_back_transfer": lazy_gettext("Sent ticket taken back"),
    "open_transfer": lazy_gettext("Sent ticket opened"),
    "stop_vouchers": lazy_gettext("Vouchers stopped"),
    "ask_reissue": lazy_gettext("Reissue of a key's tickets asked for"),
    "publish_key": lazy_gettext("Key of ticket codes published"),
    "reissue": lazy_gettext("Tickets reissued"),
    "retire_key": lazy_gettext("Key of ticket codes retired"),
    "revoke_key": lazy_gettext("Key of ticket codes revoked"),
    "set_ticket_code": lazy_gettext("Kind of ticket codes changed"),
}
_OBJECTS: Mapping[str, LazyString] = {
    "device": lazy_gettext("scanner"),
    "effect": lazy_gettext("task of the worker"),
    "festival": lazy_gettext("festival"),
    "hall": lazy_gettext("hall"),
    "matter": lazy_gettext("money matter"),
    "order": lazy_gettext("order"),
    "screening": lazy_gettext("screening"),
    "signing_key": lazy_gettext("key of ticket codes"),
    "staff": lazy_gettext("account"),
    "token": lazy_gettext("API token"),
    "vouchers": lazy_gettext("vouchers"),
}
_ROLES: Mapping[str, LazyString] = {
    "manager": lazy_gettext("festival manager"),
    "boxoffice": lazy_gettext("box office"),
    "usher": lazy_gettext("usher"),
}
_MAIL_STATES: Mapping[str, tuple[LazyString, str]] = {
    MailState.QUEUED: (lazy_gettext("Waiting"), "warn"),
    MailState.IN_FLIGHT: (lazy_gettext("Being sent"), "warn"),
    MailState.SENT: (lazy_gettext("Sent"), "good"),
    MailState.BOUNCED: (lazy_gettext("Refused"), "bad"),
    MailState.DEAD: (lazy_gettext("Given up"), "bad"),
}
_MAIL_ADVICE: Mapping[str, LazyString] = {
    MailState.QUEUED: lazy_gettext("It is tried again by itself. The mail server said:"),
    MailState.BOUNCED: lazy_gettext(
        "The address does not take mail: ask the buyer for another. The server said:"
    ),
    MailState.DEAD: lazy_gettext(
        "The mail server was away for a day: tell the operator, then send again. It said:"
    ),
}
_EFFECTS: Mapping[str, LazyString] = {
    "codes_leaked": lazy_gettext("Reissue of an order's tickets"),
    "codes_changed": lazy_gettext("Mail with new ticket codes"),
    "callback_kept": lazy_gettext("Word from the bank"),
    "order_paid": lazy_gettext("Mail with the tickets"),
    "payment_failed": lazy_gettext("Mail about a failed payment"),
    "tickets_swapped": lazy_gettext("Mail about the exchange"),
    "dispute_lost": lazy_gettext("Mail about tickets lost in a dispute"),
    "refund_done": lazy_gettext("Mail about the refund"),
    "own_link": lazy_gettext("Mail with a link to the tickets"),
    "own_link_asked": lazy_gettext("Mail with a link to the tickets"),
    "address_changed": lazy_gettext("Mail about a changed address"),
    "screening_moved": lazy_gettext("Mail about a changed time or hall"),
    "screening_cancelled": lazy_gettext("Mail about a cancelled screening"),
    "film_changed": lazy_gettext("Mail about another film"),
    "reminder": lazy_gettext("Reminder of the day before"),
    "ticket_sent": lazy_gettext("Mail with a sent ticket"),
    "ticket_over": lazy_gettext("Mail to a friend about a returned ticket"),
    "refund_due": lazy_gettext("Refund through the bank"),
}


def deed_word(action: str) -> str:
    """Return what an action is called; one that has no word yet stands under its own name."""
    return str(_DEEDS.get(action, action))


def object_word(kind: str) -> str:
    """Return what a kind of object is called."""
    return str(_OBJECTS.get(kind, kind))


def role_word(role: str) -> str:
    """Return what a role is called."""
    return str(_ROLES.get(role, role))


def mail_word(state: str) -> str:
    """Return what a mail's state is called."""
    return str(_MAIL_STATES[state][0])


def mail_look(state: str) -> str:
    """Return the look of a mail's state."""
    return _MAIL_STATES[state][1]


def mail_advice(state: str) -> str:
    """Return what is to be done about a mail that has met an error."""
    return str(_MAIL_ADVICE.get(state, ""))


def effect_word(kind: str) -> str:
    """Return what an effect of the outbox is called."""
    return str(_EFFECTS.get(kind, kind))
