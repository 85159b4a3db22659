"""Motifs that mirror: rings, horns, a smoke hole, folded paper, rhombs, an orchard of tiles."""

import math

from ticketing.catalogue.posters.drawing import (
    HEIGHT,
    WIDTH,
    Art,
    CodeBytes,
    Colours,
    box,
    clip,
    clipped,
    disc,
    ground,
    line,
    path,
    short,
)

_MIDDLE = WIDTH // 2


def well(colours: Colours, choices: CodeBytes) -> Art:
    """Draw six to ten rings that change figure and ground at the water's level."""
    return rings(colours, 6 + choices.below(5))


def rings(colours: Colours, count: int) -> Art:
    """Draw the well with a given number of rings."""
    level, outer = 188, 172
    radii = [outer * (count - index) / count for index in range(count)]
    above = (colours.pale, colours.fill)
    below = (colours.deep, colours.pale)
    upper = "".join(disc(above[index % 2], _MIDDLE, level, radius) for index, radius in enumerate(radii))
    lower = "".join(disc(below[index % 2], _MIDDLE, level, radius) for index, radius in enumerate(radii))
    return Art(
        body=box(colours.fill, top=0, height=level)
        + box(colours.pale, top=level, height=HEIGHT - level)
        + clipped("a", upper)
        + clipped("b", lower)
        + disc(colours.spark, _MIDDLE, level, outer / count),
        definitions=clip("a", f"M0 0h240v{level}H0z") + clip("b", f"M0 {level}h240v{HEIGHT - level}H0z"),
    )


def horn(colours: Colours, choices: CodeBytes) -> Art:
    """Draw two pairs of ram's horns, cut along the middle and swapped. Nothing varies by code."""
    del choices
    left, right = "M0 0h120v360H0z", "M120 0h120v360H120z"
    return Art(
        body=path(colours.fill, left)
        + path(colours.pale, right)
        + clipped("a", _horns(colours.pale))
        + clipped("b", _horns(colours.fill))
        + path(colours.deep, "M120 160l22 30-22 30-22-30z")
        + path(colours.spark, "M120 174l11 16-11 16-11-16z"),
        definitions=clip("a", left) + clip("b", right),
    )


def _horns(colour: str) -> str:
    curls = "".join(
        f'<path d="{_spiral(x, y, flip=flip, up=up)}"/>'
        for x, y, flip, up in ((68, 128, -1, 1), (172, 128, 1, 1), (68, 252, -1, -1), (172, 252, 1, -1))
    )
    tips = path(colour, "M120 4l26 34-26 34-26-34zM120 308l26 34-26 34-26-34z")
    return f'<g fill="none" stroke="{colour}" stroke-width="18">{curls}</g>{tips}'


def _spiral(x: int, y: int, *, flip: int, up: int) -> str:
    """Return half circles that shrink towards the eye of the horn."""
    radii = (52, 37, 22, 9)
    end = x - flip * radii[0]
    sweep = 1 if flip * up > 0 else 0
    outline = f"M{end} {y}"
    direction = flip
    for radius in radii:
        end += direction * 2 * radius
        outline += f"A{radius} {radius} 0 0 {sweep} {end} {y}"
        direction = -direction
    return outline


def orchard(colours: Colours, choices: CodeBytes) -> Art:
    """Draw tiles of leaves and fruit, two columns mirrored into four."""
    pairs = (
        (colours.fill, colours.pale),
        (colours.pale, colours.fill),
        (colours.deep, colours.pale),
        (colours.fill, colours.deep),
        (colours.pale, colours.deep),
    )
    side = 60
    tiles, leaves = "", ""
    for row in range(6):
        for column in range(2):
            kind = choices.below(5)
            below, above = pairs[choices.below(5)]
            leaf = _leaf(kind, above, colours.spark)
            for mirrored in (False, True):
                x, y = (3 - column if mirrored else column) * side, row * side
                # A little larger than the tile, so that no seam shows between two of one colour.
                tiles += path(below, f"M{x - 0.4:g} {y - 0.4:g}h60.8v60.8h-60.8z")
                mirror = f" matrix(-1 0 0 1 {side} 0)" if mirrored else ""
                leaves += f'<g transform="translate({x} {y}){mirror}">{leaf}</g>'
    return Art(body=ground(colours.deep) + tiles + leaves)


def _leaf(kind: int, colour: str, fruit: str) -> str:
    return (
        path(colour, "M0 0A60 60 0 0 1 60 60 60 60 0 0 1 0 0z"),
        path(colour, "M60 0A60 60 0 0 1 0 60 60 60 0 0 1 60 0z"),
        path(colour, "M0 60A60 60 0 0 1 60 0V60z"),
        path(colour, "M0 0h60A60 60 0 0 1 0 60z"),
        disc(fruit, 30, 30, 22),
    )[kind]


def shanyrak(colours: Colours, choices: CodeBytes) -> Art:
    """Draw the yurt's smoke hole with its crossed laths, and 12, 14 or 16 rays."""
    x, y, reach = 120, 168, 320
    sectors = 24 + 4 * choices.below(3)
    rays = ""
    for index in range(0, sectors, 2):
        edges = [
            f"L{short(x + reach * math.cos(angle))} {short(y + reach * math.sin(angle))}"
            for angle in (2 * math.pi * index / sectors, 2 * math.pi * (index + 1) / sectors)
        ]
        rays += path(colours.deep, f"M{x} {y}{''.join(edges)}z")
    laths = "".join(f"M{x - 70} {y + offset}h140M{x + offset} {y - 70}v140" for offset in (-18, 0, 18))
    return Art(
        body=ground(colours.fill)
        + rays
        + disc(colours.pale, x, y, 92)
        + disc(colours.spark, x, y, 74)
        + line(colours.pale, 7, laths)
        + f'<circle cx="{x}" cy="{y}" r="83" fill="none" stroke="{colours.deep}" stroke-width="2"/>'
    )


def fold(colours: Colours, choices: CodeBytes) -> Art:
    """Draw paper folded like an accordion along the middle. Nothing varies by code."""
    del choices
    bands = (colours.pale, colours.deep)
    folds = "".join(
        path(bands[index % 2], f"M0 {y}L120 {y + 60}V{y + 90}L0 {y + 30}z")
        + path(bands[(index + 1) % 2], f"M240 {y}L120 {y + 60}V{y + 90}L240 {y + 30}z")
        for index, y in ((index, index * 60) for index in range(-1, 7))
    )
    studs = "".join(path(colours.spark, f"M120 {8 + index * 42}l9 13-9 13-9-13z") for index in range(9))
    return Art(body=ground(colours.fill) + folds + studs)


def rhomb(colours: Colours, choices: CodeBytes) -> Art:
    """Draw nested rhombs in one of two orders of colour, the middle one with horns."""
    deep, fill, pale, spark = colours.deep, colours.fill, colours.pale, colours.spark
    layers = (
        (fill, pale, deep, pale, fill, spark) if choices.below(2) else (deep, pale, fill, pale, deep, spark)
    )
    body = ground(pale)
    for y, centres in ((0, (0, 240)), (180, (120,)), (360, (0, 240))):
        for x in centres:
            for colour, half in zip(layers, (120, 98, 76, 54, 34, 14), strict=True):
                top, bottom = short(y - half * 1.5), short(y + half * 1.5)
                body += path(colour, f"M{x} {top}L{x + half} {y} {x} {bottom} {x - half} {y}z")
    for side in (1, -1):
        for up, offset in ((1, 0), (-1, HEIGHT)):
            mirror = f"matrix({side} 0 0 {up} {120 - 120 * side} {offset})"
            body += (
                f'<path fill="none" stroke="{deep}" stroke-width="9" transform="{mirror}" '
                'd="M120 66V48A18 18 0 0 1 156 48 11 11 0 0 1 134 48"/>'
            )
    return Art(body=body)
