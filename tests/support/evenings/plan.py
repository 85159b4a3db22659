"""What an evening at the doors is like: drawn by Hypothesis, and a seed says all the rest."""

from dataclasses import dataclass

from hypothesis import strategies as st

PHONES = 3
BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One schedule. Shares are per thousand scans, times are whole seconds.

    `network`: of the evening, how much of it each phone has network for. `cuts`: how often it comes and goes.
    `offsets` and `clock_set`: how wrong each phone's clock is, and by how much it is set in the middle of the
    evening. `slow`: how long an answer may take at most, which the server takes for a wrong clock.
    """

    seed: int
    scans: int
    offsets: tuple[int, ...]
    clock_set: int
    slow: int
    network: int
    cuts: int
    lost_requests: int
    lost_answers: int
    repeats: int
    kills: int
    same_ticket: int
    out: int
    undo: int
    override: int
    wilful: int
    elsewhere: int
    unknown: int
    office: int


def plans(scans: st.SearchStrategy[int]) -> st.SearchStrategy[Plan]:
    """Draw evenings with so many scans for each phone."""
    share = st.integers(0, 150)
    rare = st.integers(0, 30)
    # Of the requests over a network that is failing anyway.
    often = st.integers(0, 200)
    return st.builds(
        Plan,
        seed=st.integers(0, 2**32 - 1),
        scans=scans,
        offsets=st.tuples(*[st.integers(-600, 600)] * PHONES),
        clock_set=st.integers(-120, 120),
        slow=st.integers(0, 2),
        network=st.integers(20, 150),
        cuts=st.integers(1, 20),
        lost_requests=often,
        lost_answers=often,
        repeats=often,
        kills=rare,
        same_ticket=st.integers(50, 500),
        out=share,
        undo=share,
        override=rare,
        wilful=rare,
        elsewhere=share,
        unknown=rare,
        office=st.integers(0, 20),
    )
