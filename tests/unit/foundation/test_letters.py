"""Letters: the same content as text and as HTML, and nothing of it is markup."""

from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from ticketing.foundation.letter_page import letter_html
from ticketing.foundation.letters import Block, Letter, card, letter_of

WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
BLOCKS = st.one_of(
    st.builds(Block, text=WORDS),
    st.builds(Block, text=WORDS, url=st.just("https://kassa.test/kk/")),
    st.builds(card, WORDS, st.lists(WORDS, max_size=4), st.sampled_from(["", "#0b7a6f"])),
)
LETTERS = st.builds(
    Letter,
    language=st.sampled_from(["kk", "ru", "en"]),
    sender=st.just("tickets@example.kz"),
    house=WORDS,
    subject=WORDS,
    greeting=WORDS,
    blocks=st.lists(BLOCKS, max_size=5).map(tuple),
    footer=st.lists(WORDS, max_size=3).map(tuple),
    stop_url=st.sampled_from(["", "https://kassa.test/stop"]),
)


def sentences(letter: Letter) -> list[str]:
    said = [letter.house, letter.greeting, *letter.footer]
    for block in letter.blocks:
        said += [part for part in (block.text, block.title, block.url, *block.lines) if part]
    return said


@given(LETTERS)
def test_both_parts_say_all_of_it(letter: Letter) -> None:
    text, html = letter.to_text(), unescape(letter_html(letter))
    for sentence in sentences(letter):
        assert sentence in text
        assert sentence in html


@given(LETTERS)
def test_what_is_kept_is_what_was_written(letter: Letter) -> None:
    assert letter_of(letter.to_json()) == letter


@given(WORDS)
def test_nothing_that_a_buyer_types_is_markup(name: str) -> None:
    letter = Letter(
        language="en", sender="a@b.kz", house="x", subject="x", greeting=f"<script>{name}</script>", blocks=()
    )
    assert "<script>" not in letter_html(letter)
