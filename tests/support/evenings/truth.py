"""What the doors' server must come to, said again without a database: lists and dictionaries only.

It hears what the server hears, in the same order, and derives everything anew from all that it has heard of a
ticket, each time. The words are those of docs/door.md; nothing here is taken from ticketing/door.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Entry = Mapping[str, Any]
_OPENS, _CLOSES = timedelta(minutes=240), timedelta(minutes=60)
# Where the phone knows less than the server or the usher took it back, nobody has made a mistake.
_NOBODYS_FAULT = {"ok_attention", "undo", "stale"}


@dataclass(frozen=True)
class Showing:
    """A screening: where, on which day, from when."""

    code: str
    venue: str
    day: str
    starts: datetime


@dataclass
class Paper:
    """A ticket, and what was heard of it."""

    name: str
    showing: str
    code: str
    concession: str = "adult"
    void: str = ""
    blocked: bool = False
    former: set[str] = field(default_factory=set)
    heard: list[str] = field(default_factory=list)


@dataclass
class Heard:
    """One scan: judged once, shown finally, maybe several times."""

    id: str
    paper: Paper | None
    code: str
    phone: int
    gate: str
    at: datetime
    out: bool
    verdict: str
    reason: str
    shown: str = ""
    shown_reason: str = ""
    seq: int = 0

    @property
    def green(self) -> bool:
        """Whether somebody was let through on it, as far as is known."""
        return (self.shown or self.verdict) == "admit"


@dataclass(frozen=True)
class Standing:
    """Where the people of a ticket are: the scan that counts, whether they are in, when they left."""

    entry: Heard | None = None
    inside: bool = False
    left: datetime | None = None
    doubles: tuple[str, ...] = ()


class Truth:
    """The server, if it had no database."""

    def __init__(self, showings: Iterable[Showing], papers: Iterable[Paper]) -> None:
        self.showings = {one.code: one for one in showings}
        self.papers = list(papers)
        self.by_code = {one.code: one for one in self.papers}
        self.scans: dict[str, Heard] = {}
        self.incidents: Counter[tuple[str, str]] = Counter()
        self.heads: dict[int, tuple[int, str]] = {}
        self.standing: dict[str, Standing] = {}
        self.people: Counter[str] = Counter()

    def hear(
        self, phone: int, now: datetime, sent_at: datetime, entries: Sequence[Entry]
    ) -> list[tuple[str, str, str]]:
        """Take a request in; return for each entry whether it was news, and the verdict with its reason."""
        touched: list[Paper] = []
        answers = []
        for entry in entries:
            known = self.scans.get(entry["id"])
            news = known is None or ("verdict" in entry and entry["seq"] > known.seq)
            scan = known or self._judged(phone, entry, now - sent_at)
            if news:
                self._state(scan, entry)
                if scan.paper is not None:
                    self._settle(scan.paper)
                    touched.append(scan.paper)
            answers.append(("stored" if news else "duplicate", scan.verdict, scan.reason))
        for paper in touched:
            for double in self.standing[paper.name].doubles:
                self.incidents["double_admission", double] = 1
        return answers

    def follow(self, phone: int, seq: int, own_hash: str) -> None:
        """Remember the newest entry that has arrived of a phone's log."""
        self.heads[phone] = max(self.heads.get(phone, (0, "")), (seq, own_hash))

    def of(self, paper: Paper) -> Standing:
        """Return where a ticket's people are."""
        return self.standing.get(paper.name, Standing())

    def derive(self, paper: Paper) -> Standing:
        """Replay all that was let through, in the order of its times."""
        green = [self.scans[one] for one in paper.heard if self.scans[one].green]
        found, doubles = Standing(), []
        for scan in sorted(green, key=lambda one: (one.at, one.id)):
            if scan.out:
                found = Standing(found.entry, False, scan.at)
            elif found.inside:
                doubles.append(scan.id)
            else:
                found = Standing(scan, True)
        return Standing(found.entry, found.inside, found.left, tuple(doubles))

    def judge(self, code: str, here: str, at: datetime, *, out: bool, standing: Standing) -> tuple[str, str]:
        """Say what a door that knows everything says."""
        paper = self.by_code.get(code)
        if paper is None:
            return "refuse", "unknown"
        if paper.void or paper.blocked or code in paper.former:
            return "refuse", paper.void or ("blocked" if paper.blocked else "reissued")
        return self.judge_good(paper, here, at, out=out, standing=standing)

    def judge_good(
        self, paper: Paper, here: str, at: datetime, *, out: bool, standing: Standing
    ) -> tuple[str, str]:
        """Say what a door says to a ticket that is good as far as it knows."""
        own, door = self.showings[paper.showing], self.showings[here]
        if own != door:
            elsewhere = "wrong_day" if own.day != door.day else "wrong_screening"
            return "refuse", "wrong_venue" if own.venue != door.venue else elsewhere
        if out:
            return "admit", "exit"
        for stands, reason in (
            (at < own.starts - _OPENS, "too_early"),
            (at >= own.starts + _CLOSES, "too_late"),
            (standing.inside, "already_in"),
        ):
            if stands:
                return "refuse", reason
        first = "ok_attention" if paper.concession == "student" else "ok"
        return "admit", first if standing.entry is None else "reentry"

    def _settle(self, paper: Paper) -> None:
        before, after = self.of(paper), self.derive(paper)
        self.standing[paper.name] = after
        self.people[paper.showing] += after.inside - before.inside

    def _judged(self, phone: int, entry: Entry, skew: timedelta) -> Heard:
        at = datetime.fromisoformat(entry["at"]) + skew
        code, out = entry["code"], entry["direction"] == "out"
        paper = self.by_code.get(code)
        standing = Standing() if paper is None else self.of(paper)
        verdict, reason = self.judge(code, entry["screening"], at, out=out, standing=standing)
        scan = Heard(entry["id"], paper, code, phone, entry["gate"], at, out, verdict, reason)
        self.scans[scan.id] = scan
        if paper is not None:
            paper.heard.append(scan.id)
        return scan

    def _state(self, scan: Heard, entry: Entry) -> None:
        """Note what was finally shown, and whether the server would have shown something else."""
        if "verdict" not in entry:
            return
        scan.shown, scan.shown_reason, scan.seq = entry["verdict"], entry["reason"], entry["seq"]
        if scan.shown == scan.verdict:
            return
        paper = scan.paper
        is_void = paper is not None and (bool(paper.void) or paper.blocked or scan.code in paper.former)
        if scan.shown == "refuse":
            kind = "" if scan.shown_reason in _NOBODYS_FAULT else "disagreement"
        elif entry.get("override"):
            kind = "" if scan.reason == "already_in" else "override"
        elif is_void and not scan.out:
            kind = "void_admitted"
        else:
            kind = "" if scan.reason == "already_in" else "disagreement"
        if kind:
            self.incidents[kind, scan.id] += 1
