"""Refusals of the plan editor."""

from ticketing.foundation.errors import DomainError


class SeatsNotChosenError(DomainError):
    """A change of seats without seats."""

    code = "seats_not_chosen"
    status = 422


class SeatsCannotPairError(DomainError):
    """Sofas and wheelchair spaces go by pairs of neighbours; `seats` are (section, row, number) left over."""

    code = "seats_cannot_pair"
    status = 422


class RowsNeedNumbersError(DomainError):
    """Several rows were to get a name that cannot be counted on."""

    code = "rows_need_numbers"
    status = 422


class PlanNeedsSeatsError(DomainError):
    """The change would leave no seat."""

    code = "plan_needs_seats"
    status = 422


class TooManySeatsError(DomainError):
    """The plan would have more than `max` seats."""

    code = "too_many_seats"
    status = 422


class PlanFormError(DomainError):
    """A field of the editor holds something that cannot be meant; `field` is its name."""

    code = "plan_form_invalid"
    status = 422


class DraftExistsError(DomainError):
    """The hall has a draft already."""

    code = "draft_exists"


class DraftChangedError(DomainError):
    """Somebody else has changed or ended the draft since the page was shown."""

    code = "draft_changed"


class PlanKnownError(DomainError):
    """The draft is the same as `version`, which is published already."""

    code = "plan_known"


class HallUnnumberedError(DomainError):
    """The hall has no numbered seats, so it has no plan."""

    code = "hall_unnumbered"
