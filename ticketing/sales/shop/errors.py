"""Refusals of the shop's own forms."""

from ticketing.foundation.errors import DomainError


class NothingChosenError(DomainError):
    """The form was sent without a seat or a number of places."""

    code = "nothing_chosen"
    status = 422


class PlanFullError(DomainError):
    """A viewer's plan holds `max` screenings at most."""

    code = "plan_full"
