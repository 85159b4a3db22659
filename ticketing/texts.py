"""The words for every refusal's code, in the language of the request."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from ticketing.sales.shop import wording

_FIELDS: Mapping[str, LazyString] = {
    "rows": lazy_gettext("Rows"),
    "seats": lazy_gettext("Seats in a row"),
    "first_row": lazy_gettext("First row"),
    "first_seat": lazy_gettext("First seat"),
    "aisles": lazy_gettext("Aisles after the seats (such as 6, 14)"),
    "new_band": lazy_gettext("Name of the new band"),
    "row": lazy_gettext("First row"),
    "row_step": lazy_gettext("Step"),
    "number": lazy_gettext("First seat"),
    "number_step": lazy_gettext("Step"),
}
_PARKED: Mapping[str, LazyString] = {
    "currency": lazy_gettext("The money came in another currency. Refund it at the bank, then close this."),
    "order_over": lazy_gettext("This order is over, so its money can only go back. Refund it in full."),
    "places_gone": lazy_gettext("The places are taken meanwhile. Refund the money in full."),
    "too_little": lazy_gettext(
        "Less came in than the tickets cost. Refund it in full; the buyer can pay again."
    ),
}
_VOUCHER_FIELDS: Mapping[str, LazyString] = {
    "name": lazy_gettext("Name of the series"),
    "kind": lazy_gettext("What it does"),
    "value": lazy_gettext("Per cent, or tenge"),
    "prefix": lazy_gettext("Beginning of the codes"),
    "codes": lazy_gettext("Number of codes"),
    "uses_per_code": lazy_gettext("Orders for each code"),
    "valid_from": lazy_gettext("Valid from"),
    "valid_until": lazy_gettext("Valid until"),
    "most_tickets": lazy_gettext("Most tickets in an order"),
    "budget_minor": lazy_gettext("Budget in tenge"),
    "budget_uses": lazy_gettext("Most orders together"),
    "screenings": lazy_gettext("Screenings"),
    "sections": lazy_gettext("Sections"),
    "bands": lazy_gettext("Price bands"),
}
_MOST_NAMED = 5
Words = Callable[[Mapping[str, object]], str]

ERRORS: Mapping[str, Words] = {
    "allocation_released": lambda _p: _("These places are on sale already. Load the page again."),
    "already_admitted": lambda _p: _(
        "This ticket has been used at the door. A supervisor can allow the refund."
    ),
    "already_cancelled": lambda _p: _("This screening is cancelled already. See how far its refunds are."),
    "already_refunded": lambda _p: _("This ticket has been refunded already. Choose another ticket."),
    "already_renewed": lambda _p: _("The time has been extended once already. Please pay before it ends."),
    "uplink_down": lambda _p: _("The server cannot be reached from here just now. Scanning goes on."),
    "busy": lambda _p: _("Too busy just now. Your seats are safe; try again in a few seconds."),
    "callback_refused": lambda _p: _("The signature does not fit. Check the secret of the endpoint."),
    "companion_without_wheelchair": lambda _p: _(
        "This seat goes with the wheelchair space beside it. Choose that space too."
    ),
    "concession_not_offered": lambda _p: _("This ticket type is not offered here. Choose another."),
    "difference_too_small": lambda _p: _(
        "The new places cost a little more, and the bank does not take so small an amount."
        " Choose other places, or refund the tickets and sell the new places."
    ),
    "draft_changed": lambda _p: _(
        "Somebody else has changed or ended this draft meanwhile. This is how things stand now."
    ),
    "draft_exists": lambda _p: _("This hall has a draft already. Open it, or throw it away first."),
    "email_invalid": lambda _p: _("Check the email address: name@example.kz."),
    "fee_too_high": lambda _p: _("The fee is higher than the price of the tickets. Enter a lower one."),
    "forbidden": lambda _p: _("Your role does not allow this. Ask a manager."),
    "form_expired": lambda _p: _("This page has been open for too long. Load it again and repeat."),
    "gateway_unavailable": lambda _p: _(
        "The bank does not answer. Your seats are kept; try again in a minute."
    ),
    "hall_unnumbered": lambda _p: _("The seats of this hall have no numbers, so it has no seating plan."),
    "hold_expired": lambda _p: _("The time is up and the seats are free again. Please choose once more."),
    "hold_used": lambda _p: _("An order has been made for these seats. Open it in My tickets."),
    "idempotency_in_progress": lambda _p: _("The same request is still running. Try again in a few seconds."),
    "idempotency_mismatch": lambda _p: _("This key was used for another request. Send it with a new key."),
    "internal_error": lambda _p: _(
        "Something went wrong on our side. Nothing was lost; try again in a minute."
    ),
    "invalid_request": lambda _p: _("Something in the request is not right. Check it and send it again."),
    "key_ended": lambda _p: _("This key has ended already. Look at the list of keys."),
    "key_not_revoked": lambda _p: _("Only what a revoked key has signed is reissued. Revoke the key first."),
    "keys_spent": lambda _p: _(
        "All keys of this edition are given out. Go on with those that sign, or switch to opaque codes."
    ),
    "login_taken": lambda _p: _("An account with this login exists. Choose another."),
    "malformed_request": lambda _p: _("The request cannot be read. Check it and send it again."),
    "method_not_allowed": lambda _p: _("This address does not take such a request."),
    "name_required": lambda _p: _("Fill in this field."),
    "more_than_captured": lambda _p: _(
        "So much is not left of what was paid. See what has gone back already, and choose less."
    ),
    "nothing_marked": lambda _p: _("Mark at least one place on the map, or enter a number of places."),
    "nothing_chosen": lambda _p: _("Choose at least one seat."),
    "not_found": lambda _p: _("This page is not here. Check the link or open the programme."),
    "not_on_sale": lambda _p: _(
        "Tickets for this screening are not on sale now. See the programme for others."
    ),
    "order_not_paid": lambda _p: _("This order is not paid yet, so there is nothing to give back."),
    "order_not_payable": lambda _p: _("This order cannot be paid now. Choose the seats once more."),
    "outside_refund_differs": lambda _p: _(
        "The bank gave back more than these tickets cost. Choose the tickets that it was for."
    ),
    "pairing_expired": lambda _p: _("The code has expired. Ask staff for a new one."),
    "parked_money": lambda p: str(_PARKED.get(str(p.get("reason")), _PARKED["order_over"])),
    "payment_in_review": lambda _p: _(
        "Your payment is being checked. Do not pay again; we will write to you."
    ),
    "payment_open": lambda _p: _("A payment for this order is open already. Finish it first."),
    "payment_refused": lambda _p: _(
        "The bank refused to take this payment. Nothing was charged. Try once more, or ask the box office."
    ),
    "phone_invalid": lambda _p: _("Check the number. Example: +7 701 555 12 34"),
    "plan_full": lambda p: ngettext(
        "A plan holds %(num)d screening at most. Remove one first.",
        "A plan holds %(num)d screenings at most. Remove one first.",
        cast("int", p["max"]),
    ),
    "plan_form_invalid": lambda p: _field_text(p),  # noqa: PLW0108 - it stands below
    "plan_invalid": lambda _p: _("The seating plan has faults. Mend them and import it again."),
    "plan_known": lambda p: _(
        "This is the same plan as version %(version)s. Change something, or throw the draft away.",
        version=p.get("version", ""),
    ),
    "plan_needs_seats": lambda _p: _("A plan needs at least one seat. To start over, throw the draft away."),
    "places_taken": lambda _p: _("Someone has just taken these seats. Please choose others."),
    "programme_invalid": lambda _p: _("The programme has faults. Mend them and import it again."),
    "rate_limited": lambda _p: _("Too many attempts. Wait a minute and try again."),
    "pin_refused": lambda _p: _("This is not a PIN of the day. Check it and type it again."),
    "quarantine_full": lambda _p: _("This phone has handed over more scans than can be kept."),
    "reason_required": lambda _p: _("Give a reason: it goes into the audit trail."),
    "no_such_day": lambda _p: _("The festival has no screenings on this day. Choose another."),
    "no_shift": lambda _p: _("You have no open shift."),
    "shift_moved": lambda _p: _("Cash has moved since you looked. Compare the sums and count again."),
    "swap_pending": lambda _p: _(
        "Another exchange of this order waits for its payment. Wait until it is paid or its time is over."
    ),
    "ticket_not_valid": lambda _p: _("One of the tickets is void and cannot be exchanged. Choose again."),
    "refund_at_bank": lambda _p: _(
        "So much is not left of the payment: it has gone back in the bank's own system. Decide first what "
        "that was for."
    ),
    "refund_disputed": lambda _p: _(
        "The bank holds this payment in a dispute. Wait until the dispute is decided."
    ),
    "refund_not_failed": lambda _p: _("This refund has gone on meanwhile. Load the page again."),
    "rush_over": lambda _p: _("Nothing can be released here: entry has closed, or nothing was released yet."),
    "number_not_out": lambda p: _("The last number is %(last)s. Enter one up to it.", last=p["last"]),
    "release_time_invalid": lambda _p: _("The time must lie between now and the end of sales."),
    "return_changed": lambda _p: _("Check the amount and confirm."),
    "return_too_late": lambda _p: _("The time to return these tickets yourself is over. Ask the box office."),
    "returns_off": lambda _p: _("Tickets of this screening are not returned here. Ask the box office."),
    "rows_need_numbers": lambda _p: _(
        "Several rows are numbered from the first one on: give a number, or mark one row."
    ),
    "seats_cannot_pair": lambda p: _(
        "These seats are left over: %(seats)s. Pairs are neighbours in a row without an aisle between them: "
        "mark an even number side by side.",
        seats=_seat_names(p),
    ),
    "screening_started": lambda _p: _(
        "The screening has begun, so this ticket cannot be sent any more. Questions: the box office."
    ),
    "seats_not_chosen": lambda _p: _("Mark the seats first."),
    "session_closed": lambda _p: _("This payment page is closed. Go back to your order."),
    "sign_in_refused": lambda _p: _("Login and password do not go together. Try again."),
    "sold_out": lambda _p: _("No places are left. Join the waiting list or look at other screenings."),
    "single_seat_left": lambda p: _(
        "Your choice would leave a single seat alone: %(places)s. Move by one seat, or take it too.",
        places=", ".join(map(str, cast("Iterable[object]", p.get("places", ())))),
    ),
    "terms_required": lambda _p: _("To pay, accept the terms of purchase and refund."),
    "too_many_keys": lambda p: _(
        "Phones keep %(most)s keys at most. Retire one that is not needed first.", most=p.get("most", 0)
    ),
    "too_many_comps": lambda p: ngettext(
        "You can give away %(num)d ticket a day. Left today: %(left)s. A manager can give more.",
        "You can give away %(num)d tickets a day. Left today: %(left)s. A manager can give more.",
        cast("int", p.get("max", 0)),
        left=p.get("left", 0),
    ),
    "too_many_seats": lambda p: _("A plan can have %(max)s seats at most.", max=p.get("max", 0)),
    "ticket_blocked": lambda _p: _(
        "The buyer's bank disputes this payment. Money can go back only after that is decided."
    ),
    "ticket_transferred": lambda _p: _(
        "This ticket was sent to somebody. Take it back first; once it is opened, ask the box office."
    ),
    "transfer_opened": lambda _p: _(
        "Your friend has opened this ticket already, so it cannot be taken back. Ask the box office."
    ),
    "transfer_taken_back": lambda _p: _(
        "Whoever sent you this ticket has taken it back. Ask them for another."
    ),
    "ticket_void": lambda _p: _(
        "This ticket is no longer valid, so it cannot be printed. Open your order to see which are."
    ),
    "too_large": lambda _p: _("That is too much at once. Send less."),
    "too_many_places": lambda p: _(
        "You can take at most %(max)d places. Please choose fewer.", max=p.get("max", 0)
    ),
    "too_many_places_for_buyer": lambda p: ngettext(
        "One buyer can have at most %(num)d place of this screening. You can take %(left)s more.",
        "One buyer can have at most %(num)d places of this screening. You can take %(left)s more.",
        cast("int", p.get("max", 0)),
        left=p.get("left", 0),
    ),
    "unauthorized": lambda _p: _("Sign in first."),
    "unknown_place": lambda _p: _("This hall has no such seat. Choose on the plan."),
    "use_not_returnable": lambda _p: _(
        "A use goes back once, after all tickets of the order are refunded. Refund them first."
    ),
    "voucher_expired": lambda _p: _("This voucher is not valid any more. Go on without it, or use another."),
    "voucher_form_invalid": lambda p: _voucher_field(p),  # noqa: PLW0108 - it stands below
    "voucher_not_for_this": lambda _p: _(
        "This voucher is for other tickets. Choose those, or go on without it."
    ),
    "voucher_stopped": lambda _p: _("These vouchers have been stopped already. Nothing else is to be done."),
    "voucher_too_early": lambda _p: _("This voucher is not valid yet. Come back later, or go on without it."),
    "link_over": lambda _p: _("This link was used already, or is too old. Let us send you a new one."),
    "voucher_unknown": lambda _p: _("There is no such voucher. Check the code, letter by letter."),
    "voucher_used_up": lambda _p: _("This voucher is used up. Go on without it, or use another."),
    "vouchers_do_not_combine": lambda _p: _("An order takes one voucher. Choose the better one."),
    "unsupported_media_type": lambda _p: _("Send the body as application/json."),
}


def _field_text(params: Mapping[str, object]) -> str:
    """Return which field of the plan editor to correct, and how."""
    name = _FIELDS.get(str(params.get("field", "")))
    if name is None:
        return str(_("Something in the request is not right. Check it and send it again."))
    if "high" in params:
        low, high = params["low"], params["high"]
        return str(_("%(field)s: a number from %(low)s to %(high)s.", field=name, low=low, high=high))
    return str(_("Fill in this field: %(field)s", field=name))


def _seat_names(params: Mapping[str, object]) -> str:
    """Return the first of the seats that a refusal names."""
    seats = cast("Sequence[tuple[str, str, str]]", params.get("seats", ()))
    names = [wording.place_name(section, row, number, " ") for section, row, number in seats[:_MOST_NAMED]]
    return "; ".join([*names, *["…"] * (len(seats) > _MOST_NAMED)])


def _voucher_field(params: Mapping[str, object]) -> str:
    """Return which field of a series of vouchers to correct."""
    name = _VOUCHER_FIELDS.get(str(params.get("field", "")))
    if name is None:
        return str(_("Something in the request is not right. Check it and send it again."))
    return str(_("Correct this field: %(field)s", field=name))
