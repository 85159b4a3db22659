"""The picture of a link in a messenger: a poster, and beside it what, when and where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from ticketing.catalogue.posters.drawing import HEIGHT as POSTER_HEIGHT
from ticketing.catalogue.posters.drawing import WIDTH as POSTER_WIDTH
from ticketing.catalogue.posters.palette import Palette

# What Open Graph's readers agree upon.
WIDTH, HEIGHT = 1200, 630
_POSTER = HEIGHT * POSTER_WIDTH // POSTER_HEIGHT
_LEFT, _MARGIN, _TOP = _POSTER + 60, 60, 72
_ROOM = WIDTH - _LEFT - _MARGIN
_MARK = 56
_TITLE_SIZES = (84, 76, 68, 60, 52, 46, 40)
_TITLE_ROOM, _TITLE_LEADING = 240, 1.06
_LINE_SIZE, _LINE_LEADING, _SMALL = 32, 44, 26
_FACTS_FROM_BELOW = 150

# The width of a text in a size and a style: `B` is bold.
Measure = Callable[[str, float, str], float]
_PLAIN, _BOLD = "", "B"


@dataclass(frozen=True, kw_only=True)
class ShareCard:
    """What a card says; the facts are two short lines. What is too long for it ends with an ellipsis."""

    poster: str
    palette: Palette
    above: str
    title: str
    facts: Sequence[str]
    house: str


def share_card_svg(card: ShareCard, measure: Measure) -> str:
    """Return the card as an SVG document of 1200 by 630 units."""
    palette = card.palette
    inner = card.poster.replace("<svg ", f'<svg width="{_POSTER}" height="{HEIGHT}" ', 1).strip()
    size, lines = _title(card.title, measure)
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{palette.deep}"/>{inner}',
        _text(_TOP + _SMALL, _SMALL, palette.pale, _cut(card.above, _SMALL, measure, _PLAIN)),
    ]
    down = _TOP + _SMALL + 34 + size * 0.8
    for number, line in enumerate(lines):
        parts.append(_text(down + number * size * _TITLE_LEADING, size, palette.pale, line, _BOLD))
    first = HEIGHT - _FACTS_FROM_BELOW - (len(card.facts) - 1) * _LINE_LEADING
    for number, fact in enumerate(card.facts):
        line = _cut(fact, _LINE_SIZE, measure, _BOLD)
        parts.append(_text(first + number * _LINE_LEADING, _LINE_SIZE, palette.pale, line, _BOLD))
    parts.append(_mark(palette))
    house = _cut(card.house, _SMALL, measure, _PLAIN, room=_ROOM - _MARK - 18)
    parts.append(_text(HEIGHT - 64, _SMALL, palette.pale, house, left=_LEFT + _MARK + 18))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(parts)}</svg>'
    )


def _title(title: str, measure: Measure) -> tuple[int, list[str]]:
    """Return the largest size in which the title fits into its lines, and the lines."""
    for size in _TITLE_SIZES:
        lines = _wrapped(title, size, measure)
        if len(lines) * size <= _TITLE_ROOM and all(measure(line, size, _BOLD) <= _ROOM for line in lines):
            return size, lines
    size = _TITLE_SIZES[-1]
    lines = _wrapped(title, size, measure)
    most = _TITLE_ROOM // size
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]}…"]
    return size, [_cut(line, size, measure, _BOLD) for line in lines]


def _wrapped(text: str, size: float, measure: Measure) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer, size, _BOLD) <= _ROOM:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _cut(text: str, size: float, measure: Measure, style: str, room: float = _ROOM) -> str:
    if measure(text, size, style) <= room:
        return text
    kept = text
    while kept and measure(f"{kept}…", size, style) > room:
        kept = kept[:-1].rstrip()
    return f"{kept}…"


def _text(down: float, size: float, colour: str, text: str, style: str = _PLAIN, left: float = _LEFT) -> str:
    weight = 700 if style == _BOLD else 400
    return (
        f'<text x="{left}" y="{down:.1f}" font-family="Golos Text" font-size="{size}" '
        f'font-weight="{weight}" fill="{colour}">{escape(text)}</text>'
    )


def _mark(palette: Palette) -> str:
    """Return the festival's mark, as in templates/_macros/brand.html."""
    horn = 'fill="none" stroke="{}" stroke-width="4.5"'
    top = HEIGHT - 72 - _MARK // 2
    return (
        f'<svg x="{_LEFT}" y="{top}" width="{_MARK}" height="{_MARK}" viewBox="0 0 48 48">'
        f'<path fill="{palette.pale}" d="M0 0h24v48H0z"/><path fill="#ffb627" d="M24 0h24v48H24z"/>'
        f'<path d="M24 44V20A7.5 7.5 0 0 0 9 20a5 5 0 0 0 9 3" {horn.format("#ffb627")}/>'
        f'<path d="M24 44V20a7.5 7.5 0 0 1 15 0 5 5 0 0 1-9 3" {horn.format("#0f1533")}/></svg>'
    )
