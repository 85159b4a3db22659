"""What a mail says, apart from how it looks: one value that is written as text and as HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a letter; what is empty is not there.

    A `text` alone is a paragraph, with a `url` it is a button. A `title` with `lines` is a card, such as a
    ticket's; `colour` is its edge.
    """

    text: str = ""
    url: str = ""
    title: str = ""
    lines: tuple[str, ...] = ()
    colour: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail in one language. `sender` is its address, `house` the festival's name; `footer` stands below.

    `stop_url` is where its reader can have no more of this kind.
    """

    language: str
    sender: str
    house: str
    subject: str
    greeting: str
    blocks: tuple[Block, ...]
    footer: tuple[str, ...] = ()
    stop_url: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what `letter_of` reads."""
        return asdict(self)

    def to_text(self) -> str:
        """Return the plain part: complete by itself."""
        parts = [self.greeting, *map(_as_text, self.blocks), "\n".join(("--", self.house, *self.footer))]
        return "\n\n".join(part for part in parts if part) + "\n"


def letter_of(kept: Mapping[str, Any]) -> Letter:
    """Return the letter of its JSON."""
    blocks = tuple(Block(**{**block, "lines": tuple(block["lines"])}) for block in kept["blocks"])
    return Letter(**{**kept, "blocks": blocks, "footer": tuple(kept["footer"])})


def card(title: str, lines: Sequence[str], colour: str = "") -> Block:
    """Return a card without its empty lines."""
    return Block(title=title, lines=tuple(line for line in lines if line), colour=colour)


def _as_text(block: Block) -> str:
    if block.url:
        return f"{block.text}:\n{block.url}"
    return "\n".join(line for line in (block.text, block.title, *block.lines) if line)
