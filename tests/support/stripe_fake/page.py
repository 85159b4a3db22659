"""The hosted payment page: what a buyer and the buyer's bank can do there."""

from tests.support.stripe_fake.memory import Memory, Thing
from tests.support.stripe_fake.sessions import close, receive

AUTHORISED_SECONDS = 7 * 24 * 60 * 60


class PageClosedError(Exception):
    """The page has come to its end; nobody can pay there."""


class Page:
    """Plays buyers."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def pay(self, name: str) -> Thing:
        """Pay by card: the money is taken, or authorised where the session says so."""
        session, intent = self._intent(name)
        session.update(status="complete", url=None)
        if intent["capture_method"] == "manual":
            intent.update(status="requires_capture", amount_capturable=intent["amount"])
            intent["_authorised_until"] = self._memory.moment() + AUTHORISED_SECONDS
            self._memory.emit("payment_intent.amount_capturable_updated", intent)
        else:
            receive(self._memory, intent, intent["amount"])
        self._memory.emit("checkout.session.completed", session)
        return session

    def fail_card(self, name: str) -> Thing:
        """The card is declined; the page stays, another card may be tried."""
        session, intent = self._intent(name)
        intent["status"] = "requires_payment_method"
        self._memory.emit("payment_intent.payment_failed", intent)
        return session

    def pay_slowly(self, name: str) -> Thing:
        """Pay by a method whose word comes later, such as a bank transfer."""
        session, intent = self._intent(name)
        session.update(status="complete", url=None)
        intent["status"] = "processing"
        self._memory.emit("checkout.session.completed", session)
        return session

    def settle(self, name: str, *, paid: bool) -> Thing:
        """The slow method comes to its end."""
        session = self._memory.get("checkout.session", name)
        intent = self._memory.get("payment_intent", session["payment_intent"])
        if intent["status"] != "processing":
            raise PageClosedError(name)
        if paid:
            receive(self._memory, intent, intent["amount"])
            self._memory.emit("checkout.session.async_payment_succeeded", session)
        else:
            intent["status"] = "requires_payment_method"
            self._memory.emit("payment_intent.payment_failed", intent)
            self._memory.emit("checkout.session.async_payment_failed", session)
        return session

    def let_time_pass(self) -> None:
        """Close what has come to its time: open sessions, and authorisations that nobody captured."""
        now = self._memory.moment()
        for session in self._memory.every("checkout.session"):
            if session["status"] == "open" and session["expires_at"] <= now:
                close(self._memory, session)
        for intent in self._memory.every("payment_intent"):
            if intent["status"] == "requires_capture" and intent["_authorised_until"] <= now:
                intent.update(status="canceled", amount_capturable=0)
                self._memory.emit("payment_intent.canceled", intent)

    def _intent(self, name: str) -> tuple[Thing, Thing]:
        """Return an open session with its intent, which is made when somebody first tries to pay."""
        self.let_time_pass()
        session = self._memory.get("checkout.session", name)
        if session["status"] != "open":
            raise PageClosedError(name)
        if session["payment_intent"] is None:
            data = session["_intent"]
            intent = self._memory.add(
                "pi",
                amount=session["amount_total"],
                amount_received=0,
                amount_capturable=0,
                currency=session["currency"],
                capture_method=data.get("capture_method", "automatic"),
                description=data.get("description"),
                metadata=data.get("metadata", {}),
                status="requires_payment_method",
                latest_charge=None,
                _session=name,
            )
            charge = self._memory.add(
                "ch",
                amount=intent["amount"],
                amount_captured=0,
                amount_refunded=0,
                captured=False,
                currency=intent["currency"],
                disputed=False,
                payment_intent=intent["id"],
            )
            intent["latest_charge"] = charge["id"]
            session["payment_intent"] = intent["id"]
        return session, self._memory.get("payment_intent", session["payment_intent"])
