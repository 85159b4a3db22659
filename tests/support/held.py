"""A phone as it follows the door's sync, in Python; scanner/src/book.js does the same in earnest."""

from base64 import b64decode
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

Json = dict[str, Any]


class Held:
    """What a phone holds: tickets by the first bytes of their digests, screenings with their counts."""

    def __init__(self) -> None:
        self.cursor = ""
        self.tickets: dict[str, Json] = {}
        self.screenings: dict[str, Json] = {}
        self.head: Json = {}

    def apply(self, answer: Mapping[str, Any]) -> None:
        """Take an answer in."""
        if answer["full"]:
            self.tickets = {}
        if answer["all_screenings"]:
            self.screenings = {}
        for name in ("festival", "policy", "halls"):
            if answer[name]:
                self.head[name] = answer[name]
        if answer["policy"]:
            self.head["keys"] = answer["keys"]
        for screening in answer["screenings"]:
            self.screenings[screening["code"]] = screening
        for code, admitted in answer["occupancy"].items():
            if code in self.screenings:
                self.screenings[code] = {**self.screenings[code], "admitted": admitted}
        self.tickets |= unpacked(answer)
        self.cursor = answer["cursor"]

    def contents(self) -> Json:
        """Return everything but how far it has come."""
        return {"tickets": self.tickets, "screenings": self.screenings, "head": self.head}


def unpacked(answer: Mapping[str, Any]) -> dict[str, Json]:
    """Return the tickets of an answer, each with its admission or None."""
    tickets, admissions = answer["tickets"], answer["admissions"]
    hashes = b64decode(tickets["hash"])
    let_in = {
        ticket: {
            "at": admissions["at"][n],
            "gate": admissions["gate"][n],
            "device": admissions["devices"][admissions["device"][n]],
            "inside": admissions["inside"][n],
            "left": admissions["left"][n],
        }
        for n, ticket in enumerate(admissions["ticket"])
    }
    serials = list(accumulate(tickets["serial"]))
    return {
        hashes[8 * n : 8 * n + 8].hex(): {
            "screening": tickets["screenings"][tickets["screening"][n]],
            "area": tickets["areas"][tickets["area"][n]],
            **{name: tickets[name][n] for name in ("row", "number", "card", "state", "revision")},
            "serial": serials[n],
            "admission": let_in.get(n),
        }
        for n in range(len(tickets["state"]))
    }
