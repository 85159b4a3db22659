"""Playing the demo bank: what its page and its API share."""

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.web import runtime
from ticketing.sales.edge import desk
from ticketing.sales.payments import demo


def demo_outcome(session_id: str, outcome: demo.Outcome) -> None:
    """Carry out what the bank's player chose: the bank's own state first, then each notification.

    Raises NotFoundError for an unknown session or where no demo bank is, and SessionClosedError.
    """
    here, inbox = runtime(), desk().inbox
    if demo.NAME not in inbox.calls.gateways:
        raise NotFoundError
    with here.database.transaction() as session:
        steps = demo.play(session, session_id, outcome)
        for state, notification in steps[:1]:
            # The bank's word and its notification share a database here, so one transaction keeps both.
            demo.settle(session, session_id, state)
            inbox.keep(session, demo.NAME, notification)
    for number, (state, notification) in enumerate(steps):
        if number:
            with here.database.transaction() as session:
                if state != steps[number - 1][0]:
                    demo.settle(session, session_id, state)
                inbox.keep(session, demo.NAME, notification)
        inbox.process_event(demo.NAME, notification.event)
