"""Spending an evening: three phones, a network that comes and goes, a box office, and the truth beside it."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn
from uuid import UUID

from tests.support.evenings.account import Account, Difference, compare
from tests.support.evenings.phone import Disk, Entry, Phone, entry_hash
from tests.support.evenings.plan import BATCH, PHONES, Plan
from tests.support.evenings.town import Town
from tests.support.evenings.truth import Paper, Standing, Truth
from tests.support.house import MORNING
from ticketing.tickets.codes import new_code

_LENGTH = timedelta(hours=5, minutes=20)
_BEGIN = timedelta(hours=-1)
_THOUSAND = 1_000
_RECENT = 60
# Per thousand, what no plan says.
_ANOTHER_DOOR, _OLD_COPY, _NO_CARD = 3, 300, 100
_MAY_OVERRIDE = {"already_in", "too_early", "too_late"}
_STRANGE = new_code(bytes(16))


def spend(plan: Plan, town: Town) -> Account:
    """Spend an evening and compare. Raises Difference with what the server has and should have."""
    town.begin()
    evening = _Evening(plan, town)
    evening.pass_by()
    evening.reconnect()
    compare(evening.truth, town, "when all phones have network again")
    evening.send_everything_again()
    compare(evening.truth, town, "after everything was sent a second time")
    return evening.account.closed(evening.truth)


class _Evening:
    def __init__(self, plan: Plan, town: Town) -> None:
        self.plan, self.town = plan, town
        self.chance = random.Random(plan.seed)
        self.truth = Truth(town.showings, town.papers)
        self.account = Account()
        self.now = MORNING + _BEGIN
        self.phones = [Phone(n, Disk(), timedelta(seconds=plan.offsets[n])) for n in range(PHONES)]
        self.online = [False] * PHONES
        self.today = [one for one in town.showings if one.starts < MORNING + _LENGTH]
        self.door = [self.chance.choice(self.today) for _ in range(PHONES)]
        self.let_in: list[Entry | None] = [None] * PHONES
        self.said: list[list[Entry]] = [[] for _ in range(PHONES)]
        self.late: list[list[tuple[Sequence[Entry], Any]]] = [[] for _ in range(PHONES)]
        self.recent: list[Paper] = []
        self.moments: Counter[str] = Counter()
        self.here: dict[str, list[Paper]] = {one.code: [] for one in town.showings}
        for paper in self.truth.papers:
            self.here[paper.showing].append(paper)

    def pass_by(self) -> None:
        """Let all guests come."""
        plan, chance = self.plan, self.chance
        seconds = int(_LENGTH.total_seconds())
        guests = sorted(
            (chance.randrange(seconds), phone) for phone in range(PHONES) for _ in range(plan.scans)
        )
        begin, middle = self.now, len(guests) // 2
        stay = max(plan.scans * plan.network // _THOUSAND // plan.cuts, 1)
        away = max(stay * (_THOUSAND - plan.network) // plan.network, 1)
        for number, (second, phone) in enumerate(guests):
            self.now = max(self.now, begin + timedelta(seconds=second))
            if number == middle:
                self.phones[phone].offset += timedelta(seconds=plan.clock_set)
            if chance.random() < 1 / (stay if self.online[phone] else away):
                self._network(phone, up=not self.online[phone])
            if self._happens(plan.kills):
                self._kill(phone)
            if self._happens(plan.office):
                self._office()
            if self._happens(plan.repeats // 10) and self.late[phone]:
                self._again(phone, *chance.choice(self.late[phone]))
            self._guest(phone)

    def reconnect(self) -> None:
        """Let every phone have network, one after the other, until none has anything to send."""
        for phone in self.chance.sample(range(PHONES), PHONES):
            while self.phones[phone].waiting:
                batch = self.phones[phone].batch()
                self._post(phone, batch)
                self.phones[phone].settle(len(batch))

    def send_everything_again(self) -> None:
        """Send each phone's whole log a second time: all of it is known."""
        for phone in self.chance.sample(range(PHONES), PHONES):
            for start in range(0, len(self.said[phone]), BATCH):
                batch = self.said[phone][start : start + BATCH]
                if any(stored != "duplicate" for stored, *_ in self._post(phone, batch)):
                    _differ("what was sent again was taken for news")

    def _guest(self, phone: int) -> None:
        """Scan one ticket, as an usher does it."""
        plan, chance, one = self.plan, self.chance, self.phones[phone]
        if self._happens(_ANOTHER_DOOR):
            self.door[phone] = chance.choice(self.today)
        paper, code = self._ticket(phone)
        self.moments[code] += 1
        at = one.clock(self.now) + timedelta(milliseconds=self.moments[code])
        self.account.scans += 1
        scan = {
            "id": str(UUID(int=chance.getrandbits(128))),
            "code": code,
            "screening": self.door[phone].code,
            "direction": "out" if self._happens(plan.out) else "in",
            "gate": one.gate,
            "at": at.isoformat(),
            "offline": not self.online[phone],
        }
        if self.online[phone] and one.has_room:
            entry = self._write(phone, scan)
            answer = self._send(phone)
            if answer is None:
                scan["offline"] = True
                self._alone(phone, scan, paper)
            elif answer[0] == "admit":
                one.saw(entry)
                self._was_let_in(phone, scan, answer[1])
            else:
                self._refused(phone, scan, answer[1])
        else:
            self._alone(phone, scan, paper)
        if self._happens(plan.undo) and (last := self.let_in[phone]) is not None:
            self.let_in[phone] = None
            self._write(phone, {**last, "verdict": "refuse", "reason": "undo"})

    def _alone(self, phone: int, scan: Entry, paper: Paper | None) -> None:
        """Let the phone decide by what it believes, and the usher do something else now and then."""
        verdict, reason = self._believed(phone, scan, paper)
        if self._happens(self.plan.wilful):
            verdict, reason = ("refuse", "blocked") if verdict == "admit" else ("admit", "ok")
        if verdict == "admit":
            self._write(phone, {**scan, "verdict": "admit", "reason": reason})
            self._was_let_in(phone, scan, reason)
        elif not self._refused(phone, scan, reason):
            self._write(phone, {**scan, "verdict": "refuse", "reason": reason})

    def _was_let_in(self, phone: int, scan: Entry, reason: str) -> None:
        if reason == "ok_attention" and self._happens(_NO_CARD):
            self._write(phone, {**scan, "verdict": "refuse", "reason": reason})
        elif scan["direction"] == "in":
            self.let_in[phone] = scan

    def _refused(self, phone: int, scan: Entry, reason: str) -> bool:
        """Let a supervisor overrule; tell whether he did."""
        if reason not in _MAY_OVERRIDE or not self._happens(self.plan.override * 5):
            return False
        overruled = {**scan, "override": {"reason": "guest"}}
        self._write(phone, {**overruled, "verdict": "admit", "reason": reason})
        self.let_in[phone] = overruled
        return True

    def _believed(self, phone: int, scan: Entry, paper: Paper | None) -> tuple[str, str]:
        one, code = self.phones[phone], scan["code"]
        if paper is None:
            return "refuse", "unknown"
        if code in one.void:
            return "refuse", one.void[code]
        inside = Standing(inside=one.inside.get(code, False))
        return self.truth.judge_good(
            paper, scan["screening"], self.now, out=scan["direction"] == "out", standing=inside
        )

    def _ticket(self, phone: int) -> tuple[Paper | None, str]:
        plan, chance = self.plan, self.chance
        if self._happens(plan.unknown):
            return None, _STRANGE
        if self._happens(plan.elsewhere):
            paper = chance.choice(self.truth.papers)
        elif self._happens(plan.same_ticket) and self.recent:
            paper = chance.choice(self.recent)
        else:
            paper = chance.choice(self.here[self.door[phone].code])
        self.recent = [*self.recent[-_RECENT:], paper]
        codes = sorted(paper.former)
        return paper, chance.choice(codes) if codes and self._happens(_OLD_COPY) else paper.code

    def _network(self, phone: int, *, up: bool) -> None:
        self.online[phone] = up
        if not up:
            return
        self.phones[phone].sync(*self._snapshot())
        while self.phones[phone].waiting and self._send(phone) is not None:
            continue

    def _snapshot(self) -> tuple[Mapping[str, bool], Mapping[str, str]]:
        truth, void = self.truth, {}
        for paper in truth.papers:
            void |= dict.fromkeys(paper.former, "reissued")
            if paper.void or paper.blocked:
                void[paper.code] = paper.void or "blocked"
        return {one.code: True for one in truth.papers if truth.of(one).inside}, void

    def _kill(self, phone: int) -> None:
        self.account.kills += 1
        self.online[phone], self.let_in[phone] = False, None
        self.phones[phone] = self.phones[phone].reopened()

    def _office(self) -> None:
        """Let the box office refund, reissue or block a ticket; what it may do, it does."""
        number = self.chance.randrange(len(self.truth.papers))
        paper, deed = self.truth.papers[number], self.chance.choice(("refund", "reissue", "block", "unblock"))
        unused = not paper.void and not paper.blocked and self.truth.of(paper).entry is None
        self.town.house.clock.time = self.now
        if deed == "refund":
            reason = self.chance.choice(("refunded", "cancelled"))
            if self.town.refund(number, reason) is not unused:
                _differ(f"a refund of {paper}")
            paper.void = reason if unused else paper.void
        elif deed == "reissue":
            fresh = self.town.reissue(number)
            if (fresh is not None) is not unused:
                _differ(f"a reissue of {paper}")
            if fresh is not None:
                paper.former.add(paper.code)
                paper.code = fresh
                self.truth.by_code[fresh] = paper
        else:
            self.town.dispute(number, blocks=deed == "block")
            for other, one in zip(self.town.sold, self.truth.papers, strict=True):
                if other.order == self.town.sold[number].order and not one.void:
                    one.blocked = deed == "block"

    def _write(self, phone: int, scan: Entry) -> Entry:
        entry = self.phones[phone].write(scan)
        self.said[phone].append(entry)
        return entry

    def _send(self, phone: int) -> tuple[str, str] | None:
        """Send what waits; return the verdict of the last entry, None if no answer has come."""
        plan, one = self.plan, self.phones[phone]
        batch = one.batch()
        if self._happens(plan.lost_requests):
            self.account.lost += 1
            return None
        answers = self._post(phone, batch)
        self.late[phone] = [*self.late[phone][-5:], (batch, answers)]
        if self._happens(plan.repeats):
            self._again(phone, batch, answers)
        if self._happens(plan.lost_answers):
            self.account.lost += 1
            return None
        one.settle(len(batch))
        return answers[-1][1:]

    def _again(self, phone: int, batch: Sequence[Entry], answers: Any) -> None:
        """Let a request arrive once more: the same verdicts, and nothing new."""
        self.account.repeated += 1
        again = self._post(phone, batch)
        if again != [("duplicate", *answer[1:]) for answer in answers]:
            _differ("a batch that arrived again was answered in another way")

    def _post(self, phone: int, batch: Sequence[Entry]) -> list[tuple[str, str, str]]:
        """Let a request arrive at the server and at the truth; what they answer must be the same."""
        self.account.requests += 1
        sent_at = self.phones[phone].clock(self.now)
        self.now += timedelta(seconds=self.chance.randint(0, self.plan.slow))
        results = self.town.post(phone, self.now, sent_at, batch)
        expected = self.truth.hear(phone, self.now, sent_at, batch)
        self.truth.follow(phone, batch[-1]["seq"], entry_hash(batch[-1]))
        found = [(one["stored"], one["verdict"], one["reason"]) for one in results]
        if found != expected:
            [wrong, *_] = [n for n, one in enumerate(found) if one != expected[n]]
            _differ(f"{batch[wrong]} was answered {found[wrong]} instead of {expected[wrong]}")
        for entry, one in zip(batch, results, strict=True):
            if one["occupancy"]["admitted"] != self.truth.people[entry["screening"]]:
                _differ(f"{one['occupancy']} instead of {self.truth.people}")
        return found

    def _happens(self, thousandth: int) -> bool:
        return self.chance.random() * _THOUSAND < thousandth


def _differ(message: str) -> NoReturn:
    raise Difference(message)
