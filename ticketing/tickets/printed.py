"""What stands on a printed ticket, in the words of one language; drawing it asks nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PrintedTicket:
    """One ticket. `code` is the door's, `section` the code of the programme section, for its colour."""

    festival: str
    order: str
    count: str
    section: str
    section_name: str
    title: str
    other_titles: Sequence[str]
    film_facts: str
    age_rating: str
    time: str
    date: str
    doors: str
    hall: str
    venue: str
    address: str
    # Pairs of a word and a large figure: row 12, seat 10. Without any, `place` says where one sits.
    seat: Sequence[tuple[str, str]]
    block: str
    place: str
    concession: str
    price: str
    # What may keep its holder out, the strongest first; then what is good to know.
    rules: Sequence[str]
    code: str
