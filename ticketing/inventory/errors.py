"""Refusals of the inventory."""

from ticketing.foundation.errors import DomainError


class PlacesTakenError(DomainError):
    """Somebody else has some of these places; `places` names them."""

    code = "places_taken"


class SoldOutError(DomainError):
    """Not enough places are free."""

    code = "sold_out"


class TooManyPlacesError(DomainError):
    """More than `max` places at once."""

    code = "too_many_places"
    status = 422


class SingleSeatLeftError(DomainError):
    """The choice would leave `places` alone between taken seats or an aisle; `mend` is one that does not."""

    code = "single_seat_left"
    status = 422


class CompanionWithoutWheelchairError(DomainError):
    """`places` are companion seats, kept for those who take the wheelchair space beside them."""

    code = "companion_without_wheelchair"
    status = 422


class UnknownPlaceError(DomainError):
    """The hall has no such places; `places` names them."""

    code = "unknown_place"
    status = 422


class NotOnSaleError(DomainError):
    """The screening is not on sale now."""

    code = "not_on_sale"


class AlreadyRenewedError(DomainError):
    """A hold is renewed at most once."""

    code = "already_renewed"


class HoldExpiredError(DomainError):
    """The hold's time is up, or it was given back."""

    code = "hold_expired"
    status = 410


class HoldUsedError(DomainError):
    """An order was made of this hold."""

    code = "hold_used"


class AllocationReleasedError(DomainError):
    """The allocation's places are on sale already."""

    code = "allocation_released"


class ReleaseTimeError(DomainError):
    """A release must lie between now and the end of sales."""

    code = "release_time_invalid"
    status = 422


class NothingMarkedError(DomainError):
    """Staff named no place."""

    code = "nothing_marked"
    status = 422
