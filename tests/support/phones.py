"""A phone with passes, as Apple's Wallet talks to the web service; and a push service that remembers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.test import TestResponse

from tests.support.kassa import Kassa
from tests.support.wallets import PASS_TYPE, read_pass
from ticketing.tickets.wallet.pushing import PassPusher, Push

SERVICE = "/wallet/apple/v1"


@dataclass
class Phone:
    """A device; it learns serial and token from the passes that it is given."""

    kassa: Kassa
    device: str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    push_token: str = "ab" * 32
    tokens: dict[str, str] = field(default_factory=dict)
    tag: str = ""
    dates: dict[str, str] = field(default_factory=dict)

    def add(self, raw: bytes) -> str:
        """Put a pass into the wallet and register it; return its serial."""
        said = read_pass(raw)
        serial = str(said["serialNumber"])
        self.tokens[serial] = said["authenticationToken"]
        assert said["webServiceURL"] == f"{self.kassa.settings.base_url}/wallet/apple"
        assert self.register(serial).status_code == 201
        return serial

    def path(self, serial: str) -> str:
        return f"{SERVICE}/devices/{self.device}/registrations/{PASS_TYPE}/{serial}"

    def auth(self, serial: str) -> str:
        return f"ApplePass {self.tokens[serial]}"

    def register(self, serial: str) -> TestResponse:
        return self.kassa.post(self.path(serial), {"pushToken": self.push_token}, self.auth(serial))

    def unregister(self, serial: str) -> TestResponse:
        return self.kassa.delete(self.path(serial), self.auth(serial))

    def changes(self) -> list[str]:
        """Ask for what changed since the last time, and remember the tag."""
        query = f"?passesUpdatedSince={self.tag}" if self.tag else ""
        answer = self.kassa.get(f"{SERVICE}/devices/{self.device}/registrations/{PASS_TYPE}{query}")
        if answer.status_code == 204:
            assert answer.data == b""
            return []
        assert answer.status_code == 200
        assert set(answer.get_json()) == {"serialNumbers", "lastUpdated"}
        self.tag = answer.get_json()["lastUpdated"]
        assert isinstance(self.tag, str)
        return list(answer.get_json()["serialNumbers"])

    def fetch(self, serial: str) -> TestResponse:
        """Ask for a pass as a phone does, with the date of the copy that it has."""
        since = {"If_Modified_Since": self.dates[serial]} if serial in self.dates else {}
        answer = self.kassa.get(f"{SERVICE}/passes/{PASS_TYPE}/{serial}", self.auth(serial), **since)
        if "Last-Modified" in answer.headers:
            self.dates[serial] = answer.headers["Last-Modified"]
        return answer


@dataclass
class RememberedPushes:
    """Stands for Apple's push service: what it was asked, and what it answers."""

    asked: list[str] = field(default_factory=list)
    answers: dict[str, Push] = field(default_factory=dict)

    def push(self, tokens: Sequence[str]) -> Mapping[str, Push]:
        self.asked += tokens
        return {token: self.answers.get(token, Push.SENT) for token in tokens}


def pushed(kassa: Kassa, service: RememberedPushes) -> list[str]:
    """Let the worker do what is due, a minute from now; return the push tokens that were told."""
    kassa.clock.forward(minutes=1)
    kassa.work()
    service.asked.clear()
    pusher = PassPusher(kassa.database, service)
    while pusher.send_due(kassa.clock.now()):
        continue
    return list(service.asked)
