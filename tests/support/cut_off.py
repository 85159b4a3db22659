"""Phones of a venue behind a relay whose way to the server can be cut. They judge by the door's own rule.

In earnest scanner/src does what `Usher` does here; tests/browser/test_relay.py has real phones.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.held import Held
from tests.support.kassa import Kassa
from tests.unit.door.test_chain import entry
from ticketing.door.models import Incident
from ticketing.door.rules import (
    Direction,
    Gate,
    Outcome,
    ScreeningFact,
    Snapshot,
    TicketFact,
    Verdict,
    judge,
)
from ticketing.foundation.db import Database
from ticketing.relay.app import MARK, make_relay
from ticketing.relay.errors import UplinkDownError
from ticketing.relay.uplink import Reply
from ticketing.tickets.codes import digest, parse

Json = dict[str, Any]
HERE, HALL, VENUE = "s06", "esentai-1", "esentai"
# It ends after 22:00, so ushers look who is young.
GREEN = ("admit", "ok_attention")
_MOMENTS = ("starts_at", "doors_open", "doors_close")


class Link:
    """The way from a relay to Kassa: `is_cut` loses requests, `loses_answers` only what comes back.

    What is put into `meanwhile` happens once, while the next answer is on its way.
    """

    def __init__(self, kassa: Kassa) -> None:
        self._kassa = kassa
        self.is_cut = self.loses_answers = False
        self.meanwhile: Callable[[], object] | None = None

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if self.is_cut:
            raise UplinkDownError
        got = self._kassa.client.open(path, method=method, headers=dict(headers), data=body)
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            happens()
        if self.loses_answers:
            raise UplinkDownError
        now = format_datetime(self._kassa.clock.now())
        named = {name.lower(): value for name, value in got.headers.items()}
        return Reply(status=got.status_code, headers={**named, "date": now}, body=got.data)


class Venue:
    """A relay on a laptop; `restart` loses whatever is not on its disk."""

    def __init__(self, kassa: Kassa, folder: Path) -> None:
        self.kassa, self.link = kassa, Link(kassa)
        self._folder = folder
        self._database: Database | None = None
        self.restart()

    def restart(self) -> None:
        self.close()
        self._database = Database(f"sqlite:///{self._folder / 'relay.db'}")
        self.client = make_relay(self.link, self._database, self.kassa.clock, "Зал 1").test_client()

    def close(self) -> None:
        if self._database is not None:
            self._database.close()

    def post(self, path: str, body: object, auth: str = "") -> TestResponse:
        return self.client.post(path, json=body, headers={"Authorization": auth} if auth else {})

    def claim(self, auth: str, **body: object) -> TestResponse:
        return self.post("/api/v1/relay/claims", body, auth)


class Usher:
    """A phone that talks to nobody but the relay of its venue, and keeps its log as the scanner does."""

    def __init__(self, venue: Venue, name: str, gate: str) -> None:
        self.venue, self.gate = venue, gate
        code = venue.kassa.pairing_code(name=name)
        paired = venue.post("/api/v1/door/devices", {"pairing_code": code}).get_json()
        self.device, self.auth = paired["device"], f"Bearer {paired['token']}"
        self.held, self.log, self.told = Held(), list[Json](), 0
        self._seq, self._prev = 0, ""
        assert self.sync()

    def sync(self) -> bool:
        """Take in what is new and send what waits; say whether the server answered."""
        got = self.venue.client.get(
            f"/api/v1/door/sync?cursor={self.held.cursor}", headers={"Authorization": self.auth}
        )
        assert got.headers[MARK]
        if got.status_code != 200:
            assert (got.status_code, got.get_json()["code"]) == (503, "uplink_down")
            return False
        self.held.apply(got.get_json())
        return self.send() is not None

    def send(self) -> list[Json] | None:
        """Send what waits. An entry leaves the phone only when the server has answered for it."""
        if not self.log:
            return []
        now = self.venue.kassa.clock.now().isoformat()
        entries = [{name: value for name, value in one.items() if name != "key"} for one in self.log]
        got = self.venue.post("/api/v1/door/scans", {"sent_at": now, "scans": entries}, self.auth)
        if got.status_code != 200:
            return None
        self.log.clear()
        results: list[Json] = got.get_json()["results"]
        return results

    def scan(self, code: str, direction: str = "in", **more: object) -> Json:
        """Scan a ticket and return what the phone shows: the server's word, else its own."""
        ask = self._write(code, str(uuid4()), direction, **more)
        answers = self.send()
        shown = next((one for one in answers or () if one["id"] == ask["id"]), None)
        return shown or self._alone(ask)

    def undo(self, shown: Json, code: str) -> None:
        """Take an admission back."""
        self._state(code, shown["id"], "in", "refuse", "undo")

    def tell(self) -> None:
        """Tell the relay what was shown, as the scanner does behind each card."""
        told = self._claim(None)
        assert told.status_code == 200, told.get_data(as_text=True)

    def _alone(self, ask: Json) -> Json:
        key, direction = ask["key"], ask["direction"]
        known = self.held.tickets.get(key)
        mine = self._own(key)
        before = known and (mine or known["admission"])
        own = self._judge(known, before, ask)
        verdict, heard = own, False
        if known and direction == "in" and (own.verdict is Outcome.ADMIT or own.reason == "already_in"):
            got = self._claim(
                {
                    "id": ask["id"], "key": key, "at": ask["at"], "gate": self.gate,
                    "held": None if mine else known["admission"],
                }
            )  # fmt: skip
            assert got.status_code == 200, got.get_data(as_text=True)
            verdict = self._judge(known, got.get_json()["admission"], ask)
            heard = verdict.reason == "already_in"
        reason = "relayed" if heard else str(verdict.reason)
        self._state(ask["code"], ask["id"], direction, str(verdict.verdict), reason)
        return {
            "id": ask["id"], "verdict": verdict.verdict, "reason": verdict.reason,
            "since_gate": verdict.since_gate, "since_device": verdict.since_device,
        }  # fmt: skip

    def _own(self, key: str) -> Json | None:
        """Return what the phone's own log says of a ticket, where that is newer than the last sync."""
        found = None
        for one in self.log:
            if one["key"] == key and one.get("verdict") == "admit":
                at = int(datetime.fromisoformat(one["at"]).timestamp())
                if one["direction"] == "in":
                    found = {"at": at, "gate": self.gate, "device": self.device, "inside": 1, "left": None}
                elif found:
                    found |= {"inside": 0, "left": at}
        return found

    def _judge(self, known: Json | None, admission: Json | None, ask: Json) -> Verdict:
        valid = known is not None and known["state"] == "valid"
        fact = known and TicketFact(
            ticket="", screening=known["screening"], place=known["number"],
            state="valid" if valid else "void", void_reason=None if valid else known["state"],
            inside=bool(admission and admission["inside"]), ever_admitted=admission is not None,
            admitted_gate=admission and admission["gate"], admitted_device=admission and admission["device"],
        )  # fmt: skip
        return judge(
            code=parse(ask["code"]), ticket=fact or None, gate=Gate(screening=HERE, hall=HALL, venue=VENUE),
            screenings={code: _screening(one) for code, one in self.held.screenings.items()},
            at=self.venue.kassa.clock.now(), snapshot=Snapshot(authoritative=False, age_seconds=900),
            direction=Direction(ask["direction"]),
        )  # fmt: skip

    def _state(self, code: str, scan: str, direction: str, verdict: str, reason: str) -> None:
        self._write(code, scan, direction, verdict=verdict, reason=reason, offline=True)
        self.send()
        if self.log:
            self.tell()

    def _claim(self, wanted: Json | None) -> TestResponse:
        told = ("id", "key", "at", "gate", "seq", "direction", "verdict")
        fresh = [one for one in self.log if "verdict" in one and one["seq"] > self.told]
        statements = [{name: one[name] for name in told} for one in fresh]
        body = {"statements": statements} | ({"wanted": wanted} if wanted else {})
        got = self.venue.claim(self.auth, **body)
        if got.status_code == 200 and statements:
            self.told = statements[-1]["seq"]
        return got

    def _write(self, code: str, scan: str, direction: str, **more: object) -> Json:
        self._seq += 1
        now = self.venue.kassa.clock.now().isoformat(timespec="milliseconds")
        one = {
            "id": scan, "code": code, "screening": HERE, "hall": HALL, "at": now, "offline": False,
            "direction": direction, "gate": self.gate, **more, "seq": self._seq, "prev": self._prev,
        }  # fmt: skip
        self._prev = entry({"verdict": None, "reason": None, **one}).hash()
        self.log.append({**one, "key": digest(parse(code).canonical)[:8].hex()})
        return self.log[-1]


def _screening(one: Json) -> ScreeningFact:
    moments = {name: datetime.fromisoformat(one[name]) for name in _MOMENTS}
    plain = {name: one[name] for name in ("code", "hall", "venue", "day", "status", "age", "ends_after_22")}
    return ScreeningFact(**plain, **moments)


def said(shown: Json) -> tuple[str, str]:
    """Return what a phone has shown, with its reason."""
    return str(shown["verdict"]), str(shown["reason"])


def incidents(kassa: Kassa) -> list[str]:
    """Return the kinds of all incidents that the server knows."""
    with kassa.database.reading() as session:
        return sorted(session.scalars(select(Incident.kind)))
