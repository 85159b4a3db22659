"""What deeds and their objects are called in the audit trail."""

from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

_DEEDS: Mapping[str, LazyString] = {
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
    "refund_in_cash": lazy_gettext("Failed refund paid in cash"),
    "set_refund_policy": lazy_gettext("Refund rule set"),
    "mark_film_changed": lazy_gettext("Marked: the film was changed"),
    "unmark_film_changed": lazy_gettext("Mark taken back: the film was changed"),
    "cancel_screening": lazy_gettext("Screening cancelled"),
    "retry_refund": lazy_gettext("Refund asked for again"),
    "revoke_device": lazy_gettext("Scanner revoked"),
    "stop_vouchers": lazy_gettext("Vouchers stopped"),
}
_OBJECTS: Mapping[str, LazyString] = {
    "device": lazy_gettext("scanner"),
    "festival": lazy_gettext("festival"),
    "hall": lazy_gettext("hall"),
    "matter": lazy_gettext("money matter"),
    "order": lazy_gettext("order"),
    "screening": lazy_gettext("screening"),
    "staff": lazy_gettext("account"),
    "token": lazy_gettext("API token"),
    "vouchers": lazy_gettext("vouchers"),
}
_ROLES: Mapping[str, LazyString] = {
    "manager": lazy_gettext("festival manager"),
    "boxoffice": lazy_gettext("box office"),
    "usher": lazy_gettext("usher"),
}
_EFFECTS: Mapping[str, LazyString] = {
    "callback_kept": lazy_gettext("Word from the bank"),
    "order_paid": lazy_gettext("Mail with the tickets"),
    "refund_done": lazy_gettext("Mail about the refund"),
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


def effect_word(kind: str) -> str:
    """Return what an effect of the outbox is called."""
    return str(_EFFECTS.get(kind, kind))
