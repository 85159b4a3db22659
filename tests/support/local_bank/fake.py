"""The bank itself: it refuses what such banks refuse, remembers no keys, and can lose answers."""

import hashlib
import hmac
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

SECRET = b"merchant-secret"
OK, BAD_SIGNATURE, BAD_FIELD, NOT_FOUND, NOT_ALLOWED = "0", "1", "2", "3", "4"
_FIELDS = {
    "open": ("merchant", "number", "amount", "currency", "text", "language", "back", "until", "sign"),
    "status": ("merchant", "number", "sign"),
    "cancel": ("merchant", "number", "sign"),
    "refund": ("merchant", "number", "amount", "reference", "sign"),
}
_SHAPES = {
    "merchant": r"m1",
    "number": r"[1-9]\d{5,14}",
    "amount": r"[1-9]\d{0,8}\.\d\d|0\.(?:\d[1-9]|[1-9]\d)",
    "currency": r"KZT",
    "text": r".{1,100}",
    "language": r"kz|ru|en",
    "back": r"https?://\S{1,1000}",
    "until": r"\d{1,12}",
    "reference": r".{1,100}",
    "sign": r"[0-9a-f]{64}",
}


class NoAnswerError(Exception):
    """The connection broke."""


class ClosedError(Exception):
    """Nobody can pay there any more."""


@dataclass
class Given:
    """A refund."""

    name: str
    reference: str
    amount: int
    state: str


@dataclass
class Paper:
    """An order at the bank. Amounts in tiyn; what it answers is in tenge with two decimals."""

    number: str
    amount: int
    until: int
    state: str = "new"
    given: list[Given] = field(default_factory=list)

    @property
    def returned(self) -> int:
        """What went back or is on its way."""
        return sum(one.amount for one in self.given if one.state != "failed")


def sign(fields: dict[str, str]) -> str:
    """Return the signature of a form: HMAC-SHA256 of its sorted lines."""
    text = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()) if name != "sign")
    return hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()


class LocalBank:
    """Answers forms; threads may share it. `sent` are the callbacks that it has sent."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.papers: dict[str, Paper] = {}
        self.sent: list[bytes] = []
        self.refunds_at_once = True
        self.losing: list[tuple[str, bool]] = []
        self._now, self._lock, self._made = now, threading.Lock(), 0

    def handle(self, path: str, body: str) -> str:
        """Answer a form with a form. Raises NoAnswerError when the connection breaks."""
        with self._lock:
            lost = next((one for one in self.losing if one[0] == path), None)
            if lost is not None:
                self.losing.remove(lost)
                if not lost[1]:
                    raise NoAnswerError
            answer = self._answer(path, dict(parse_qsl(body, keep_blank_values=True)))
            if lost is not None:
                raise NoAnswerError
            return urlencode(answer)

    # What buyers and time do

    def pay(self, number: str, *, slowly: bool = False) -> None:
        """Pay."""
        with self._lock:
            paper = self._current(number)
            if paper.state != "new":
                raise ClosedError(number)
            paper.state = "processing" if slowly else "paid"
        self._call_back(paper)

    def decide(self, number: str, state: str) -> None:
        """Let the bank say `paid` or `declined`."""
        with self._lock:
            paper = self._current(number)
            if paper.state not in ("new", "processing"):
                raise ClosedError(number)
            paper.state = state
        self._call_back(paper)

    def settle_refund(self, name: str, state: str) -> None:
        """Let a refund come to its end."""
        for paper in self.papers.values():
            for one in paper.given:
                if one.name == name:
                    one.state = state

    def _call_back(self, paper: Paper) -> None:
        self.sent.append(urlencode({"number": paper.number, "result": paper.state}).encode())

    # What Kassa asks

    def _answer(self, path: str, fields: dict[str, str]) -> dict[str, str]:
        fault = _fault(path, fields)
        if fault is not None:
            return {"code": fault}
        if path == "open":
            return self._open(fields)
        if fields["number"] not in self.papers:
            return {"code": NOT_FOUND}
        paper = self._current(fields["number"])
        if path == "cancel":
            return self._cancel(paper)
        return self._refund(paper, fields) if path == "refund" else self._status(paper)

    def _open(self, fields: dict[str, str]) -> dict[str, str]:
        amount, until = _tiyn(fields["amount"]), int(fields["until"])
        known = self.papers.setdefault(fields["number"], Paper(fields["number"], amount, until))
        if known.amount != amount:
            return {"code": NOT_ALLOWED}
        return {"code": OK, "page": f"https://bank.test/pay/{known.number}"}

    def _cancel(self, paper: Paper) -> dict[str, str]:
        if paper.state not in ("new", "cancelled", "expired"):
            return {"code": NOT_ALLOWED}
        paper.state = "cancelled" if paper.state == "new" else paper.state
        return {"code": OK}

    def _refund(self, paper: Paper, fields: dict[str, str]) -> dict[str, str]:
        amount = _tiyn(fields["amount"])
        standing = [one for one in paper.given if one.state != "failed"]
        if paper.state != "paid" or standing or amount > paper.amount - paper.returned:
            return {"code": NOT_ALLOWED}  # a part only once
        self._made += 1
        state = "done" if self.refunds_at_once else "pending"
        paper.given.append(Given(f"r{self._made}", fields["reference"], amount, state))
        return {"code": OK, "refund": f"r{self._made}", "state": state}

    def _status(self, paper: Paper) -> dict[str, str]:
        answer = {"code": OK, "state": paper.state, "amount": _tenge(paper.amount), "currency": "KZT"}
        for number, one in enumerate(paper.given):
            answer[f"refund{number}"] = f"{one.name} {one.state} {_tenge(one.amount)} {one.reference}"
        return answer

    def _current(self, number: str) -> Paper:
        paper = self.papers[number]
        if paper.state == "new" and paper.until <= int(self._now().timestamp()):
            paper.state = "expired"
        return paper


def _fault(path: str, fields: dict[str, str]) -> str | None:
    if path not in _FIELDS or set(fields) != set(_FIELDS[path]):
        return BAD_FIELD
    for name, value in fields.items():
        if not re.fullmatch(_SHAPES[name], value, 0 if name == "text" else re.ASCII):
            return BAD_FIELD
    return None if hmac.compare_digest(fields["sign"], sign(fields)) else BAD_SIGNATURE


def _tiyn(text: str) -> int:
    return int(text.replace(".", ""))


def _tenge(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"
