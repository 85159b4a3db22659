"""One poster: colours from the section, shapes from the motif, everything else from the code."""

from collections.abc import Callable, Mapping
from functools import partial

from ticketing.catalogue.posters import landscape, symmetric
from ticketing.catalogue.posters.drawing import HEIGHT, WIDTH, Art, CodeBytes, Colours
from ticketing.catalogue.posters.motif import Motif
from ticketing.catalogue.posters.palette import palette_of

Draw = Callable[[Colours, CodeBytes], Art]

_DRAW: Mapping[Motif, Draw] = {
    Motif.WELL: symmetric.well,
    Motif.HORN: symmetric.horn,
    Motif.WIND: landscape.wind,
    Motif.ORCHARD: symmetric.orchard,
    Motif.HORIZON: landscape.horizon,
    Motif.FERRY: landscape.ferry,
    Motif.SHANYRAK: symmetric.shanyrak,
    Motif.WINDOW: landscape.window,
    Motif.WING: landscape.wing,
    Motif.ROAD: landscape.road,
    Motif.FOLD: symmetric.fold,
    Motif.RHOMB: symmetric.rhomb,
    Motif.FURROW: landscape.furrow,
}
# Two posters of the demo festival were set by hand, to fit their titles: a blue spark, and nine rings.
_SPARK_BY_HAND: Mapping[str, int] = {"blue-yurt": 1}
_RINGS_BY_HAND: Mapping[str, int] = {"ninth-well": 9}


def poster_svg(code: str, section: str, motif: str | None) -> str:
    """Return the poster of a film, or of a screening without one, as an SVG document of 240 by 360 units.

    The same code, section and motif give the same text for ever. Ids inside are prefixed with the code, so
    that several posters can stand in one page; the code must be a checked one (small letters, figures,
    hyphens). Without a known motif the code's hash picks one; a section without colours of its own gets those
    of the business platform.
    """
    choices = CodeBytes(code)
    palette = palette_of(section)
    by_hash = choices.below(len(palette.sparks))
    colours = Colours(
        deep=palette.deep,
        fill=palette.fill,
        pale=palette.pale,
        spark=palette.sparks[_SPARK_BY_HAND.get(code, by_hash)],
    )
    art = _draw(code, motif, choices)(colours, choices)
    definitions = f"<defs>{art.definitions}</defs>" if art.definitions else ""
    drawing = definitions + art.body
    for name in ("a", "b"):
        drawing = drawing.replace(f"url(#{name})", f"url(#{code}-{name})")
        drawing = drawing.replace(f'id="{name}"', f'id="{code}-{name}"')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{drawing}</svg>\n'


def _draw(code: str, motif: str | None, choices: CodeBytes) -> Draw:
    motifs = list(Motif)
    chosen = Motif(motif) if motif in set(motifs) else motifs[choices.below(len(motifs))]
    if chosen is Motif.WELL and code in _RINGS_BY_HAND:
        return partial(_rings_by_hand, count=_RINGS_BY_HAND[code])
    return _DRAW[chosen]


def _rings_by_hand(colours: Colours, choices: CodeBytes, *, count: int) -> Art:
    del choices
    return symmetric.rings(colours, count)
