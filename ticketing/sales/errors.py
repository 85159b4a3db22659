"""Refusals of sales."""

from ticketing.foundation.errors import DomainError


class ConcessionNotOfferedError(DomainError):
    """The screening has no such price; `place` and `concession` say which."""

    code = "concession_not_offered"
    status = 422


class TooManyPlacesForBuyerError(DomainError):
    """One buyer may have `max` places of this screening; `left` of them are."""

    code = "too_many_places_for_buyer"
    status = 422


class TermsNotAcceptedError(DomainError):
    """Nothing is sold without the terms being accepted."""

    code = "terms_required"
    status = 422


class EmailInvalidError(DomainError):
    """No mail can be sent to that address."""

    code = "email_invalid"
    status = 422


class PhoneInvalidError(DomainError):
    """The number is not one that can be called."""

    code = "phone_invalid"
    status = 422


class NameRequiredError(DomainError):
    """A name is needed."""

    code = "name_required"
    status = 422


class OrderNotPayableError(DomainError):
    """The order is not waiting for a payment; `state` says what it is."""

    code = "order_not_payable"


class PaymentOpenError(DomainError):
    """An attempt to pay is still open; use it or let it end."""

    code = "payment_open"


class PaymentInReviewError(DomainError):
    """Money of another amount has come for the order, and staff decide on it; paying again would be twice."""

    code = "payment_in_review"


class SessionClosedError(DomainError):
    """The payment page has come to an end already."""

    code = "session_closed"


class FeeTooHighError(DomainError):
    """The fee kept is more than the tickets cost."""

    code = "fee_too_high"
    status = 422


class MoreThanCapturedError(DomainError):
    """So much is not left of what the buyer paid; `left`, in minor units, is."""

    code = "more_than_captured"


class AlreadyCancelledError(DomainError):
    """The screening is cancelled already."""

    code = "already_cancelled"


class NoShiftError(DomainError):
    """The cashier has no open shift."""

    code = "no_shift"


class ShiftMovedError(DomainError):
    """Cash has moved since the cashier looked: count again."""

    code = "shift_moved"


class SwapPendingError(DomainError):
    """Another exchange of this order waits for its money."""

    code = "swap_pending"


class TicketNotValidError(DomainError):
    """`tickets` are void, so they cannot be exchanged."""

    code = "ticket_not_valid"


class RefundNotFailedError(DomainError):
    """The refund is not waiting for a decision: it has gone on meanwhile."""

    code = "refund_not_failed"


class RefundDisputedError(DomainError):
    """The bank holds the refund's payment in a dispute: paid now, the buyer could have the money twice."""

    code = "refund_disputed"


class RefundAtBankError(DomainError):
    """So much is not left of the payment at the bank: paid now, the buyer would have the money twice."""

    code = "refund_at_bank"


class OrderNotPaidError(DomainError):
    """Nothing has been paid yet, so nothing can go back."""

    code = "order_not_paid"


class ReturnsOffError(DomainError):
    """Buyers do not return tickets of this screening themselves; `tickets` are those in question."""

    code = "returns_off"


class ReturnTooLateError(DomainError):
    """The buyer's own time to return tickets is over; `until` says when it ended, `tickets` which."""

    code = "return_too_late"


class ReturnChangedError(DomainError):
    """Another amount comes back now than the buyer was shown; `amount` is the new one, in minor units."""

    code = "return_changed"


class ParkedMoneyError(DomainError):
    """Money set aside cannot pay the order: `reason` is too_little, order_over, places_gone or currency."""

    code = "parked_money"


class OutsideRefundError(DomainError):
    """The tickets chosen do not fit the refund made at the bank: it is more than they cost."""

    code = "outside_refund_differs"


class CallbackRefused(DomainError):  # noqa: N818 - the port has the exception, this is what the caller hears
    """A callback that proves nothing; `reason` is forged, stale, malformed or unknown."""

    code = "callback_refused"
    status = 400


class GatewayUnavailableError(DomainError):
    """The bank could not be reached; the places are kept and the attempt can be repeated."""

    code = "gateway_unavailable"
    status = 503


class PaymentRefusedError(DomainError):
    """The bank will never open this payment page: the attempt is over, and another may be made."""

    code = "payment_refused"


class DifferenceTooSmallError(DomainError):
    """An exchange would cost `difference` more, and the bank takes nothing below `least` (minor units)."""

    code = "difference_too_small"


class VoucherUnknownError(DomainError):
    """No voucher has this code."""

    code = "voucher_unknown"
    status = 422


class VoucherTooEarlyError(DomainError):
    """The voucher may be used from `valid_from` on."""

    code = "voucher_too_early"


class VoucherExpiredError(DomainError):
    """The voucher's time is over, or staff have stopped it."""

    code = "voucher_expired"


class VoucherUsedUpError(DomainError):
    """The voucher was used as often as it may be, or its budget has less left than it would save."""

    code = "voucher_used_up"


class VoucherNotForThisError(DomainError):
    """The voucher makes nothing of this order cheaper."""

    code = "voucher_not_for_this"
    status = 422


class VouchersDoNotCombineError(DomainError):
    """An order takes one voucher."""

    code = "vouchers_do_not_combine"
    status = 422


class VoucherFormError(DomainError):
    """A series of vouchers cannot be made so; `field` says which of its facts is wrong."""

    code = "voucher_form_invalid"
    status = 422


class VoucherStoppedError(DomainError):
    """The series has been stopped already."""

    code = "voucher_stopped"


class UseGivenBackError(DomainError):
    """A use goes back once, and only after every ticket of its order is refunded."""

    code = "use_not_returnable"


class TooManyCompsError(DomainError):
    """An account may give away `max` tickets in a day; `left` of them are."""

    code = "too_many_comps"
    status = 422


class TicketTransferredError(DomainError):
    """The buyer has sent `tickets` to somebody: they are that person's until they are taken back."""

    code = "ticket_transferred"


class TransferOpenedError(DomainError):
    """The friend has opened the ticket, so it is not taken back any more."""

    code = "transfer_opened"


class TransferTakenBackError(DomainError):
    """The ticket was taken back before its friend opened it."""

    code = "transfer_taken_back"
    status = 410


class LinkOverError(DomainError):
    """A link was used before, or its time is over."""

    code = "link_over"
    status = 410


class ScreeningStartedError(DomainError):
    """The screening has begun, so its tickets are not sent to anybody any more."""

    code = "screening_started"
