"""Playing the demo bank: what its page and its API share."""

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.web import runtime
from ticketing.sales.edge import desk
from ticketing.sales.payments import demo


def demo_outcome(session_id: str, outcome: demo.Outcome) -> None:
    """Carry out what the bank's player chose: the bank's own state first, then each notification.

    Raises NotFoundError for an unknown session or where no demo bank is, and SessionClosedError.
    """
    here, calls = runtime(), desk().calls
    if demo.NAME not in calls.gateways:
        raise NotFoundError
    with here.database.transaction() as session:
        steps = demo.play(session, session_id, outcome)
        if steps:
            demo.settle(session, session_id, steps[0][0])
    for number, (state, notification) in enumerate(steps):
        if number and state != steps[number - 1][0]:
            with here.database.transaction() as session:
                demo.settle(session, session_id, state)
        calls.receive(demo.NAME, notification)
