"""A running Kassa whose payments go to a bank of the local pattern."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.support.kassa import Kassa
from tests.support.local_bank.fake import LocalBank
from tests.support.local_bank.protocol import PatternBank
from ticketing.sales.matters import open_matters
from ticketing.sales.payments.numbered import NumberedGateway
from ticketing.sales.payments.port import Gateways
from ticketing.sales.reconciling import Reconciler

WEBHOOK = "/payments/local/webhook"


class LocalKassa(Kassa):
    """Kassa with the bank and its callbacks."""

    def __init__(self, url: str, folder: Path) -> None:
        self._gateways: dict[str, NumberedGateway] = {}
        super().__init__(url, folder)
        # The gateway's memory is in Kassa's own database, which is open only now.
        self.bank = LocalBank(self.clock.now)
        self._gateways["local"] = NumberedGateway(
            bank=PatternBank(self.bank.handle), database=self.database, clock=self.clock
        )
        self.app.extensions["kassa.sales"] = self.desk = replace(self.desk, gateway="local")
        self.reconciler = Reconciler(self.desk.calls, self.desk.inbox)

    def gateways(self) -> Gateways:
        return self._gateways

    def call_back(self, raw: bytes) -> TestResponse:
        """Send a callback."""
        return self.client.post(WEBHOOK, data=raw, content_type="application/x-www-form-urlencoded")

    def hear(self) -> None:
        """Let every callback arrive, and the worker act on it."""
        sent, self.bank.sent = self.bank.sent, []
        for raw in sent:
            assert self.call_back(raw).get_data(as_text=True) == "RESULT=OK"
        self.work()

    def matters(self) -> list[tuple[str, int]]:
        """Return what staff must decide."""
        with self.database.reading() as session:
            return [(matter.kind, matter.amount_minor) for matter in open_matters(session)]

    def money(self) -> int:
        """Return what the bank has of ours."""
        papers = self.bank.papers.values()
        return sum(paper.amount - paper.returned for paper in papers if paper.state == "paid")


@pytest.fixture
def local_kassa(copy_festival: Callable[[], str], tmp_path: Path) -> Iterator[LocalKassa]:
    """Kassa on a bank of the local pattern. At the end the invariants must hold."""
    here = LocalKassa(copy_festival(), tmp_path)
    yield here
    assert here.broken_invariants() == []
    here.close()
