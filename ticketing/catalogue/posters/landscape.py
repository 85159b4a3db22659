"""Motifs with a horizon or a way: wind, steppe, sea, city, wing, road, field."""

from ticketing.catalogue.posters.drawing import (
    HEIGHT,
    Art,
    CodeBytes,
    Colours,
    box,
    clip,
    disc,
    ground,
    path,
    short,
)


def wind(colours: Colours, choices: CodeBytes) -> Art:
    """Draw waves that widen towards the eye, under a sun."""
    body = ground(colours.fill) + disc(colours.spark, 64 + choices.below(110), 84, 46)
    y, index = 120.0, 0
    while y < HEIGHT + 20:
        thickness, swing = 8 + index * 4.2, 10 + index * 2.2
        start = choices.below(4) * 20 - 80
        there = f"q30 {short(-swing * 2)} 60 0t60 0 60 0 60 0 60 0 60 0v{short(thickness)}"
        back = f"q-30 {short(swing * 2)} -60 0t-60 0 -60 0 -60 0 -60 0 -60 0z"
        body += path((colours.pale, colours.deep)[index % 2], f"M{start} {short(y)}{there}{back}")
        y += thickness + 9 + index * 1.4
        index += 1
    return Art(body=body)


def horizon(colours: Colours, choices: CodeBytes) -> Art:
    """Draw a low sun behind hills, and the furrowed plain before them."""
    level, sun = 206 + choices.below(24), 80 + choices.below(80)
    body = ground(colours.fill)
    body += disc(colours.pale, sun, level - 34, 78) + disc(colours.spark, sun, level - 34, 52)
    hills = f"M-10 {level}"
    for x in range(-10, 290, 60):
        hills += f"L{x + 30} {level - 30 - choices.below(58)}L{x + 60} {level - 10 - choices.below(20)}"
    body += path(colours.deep, f"{hills}V{level + 2}H-10z")
    body += box(colours.pale, top=level, height=HEIGHT - level)
    y, index = float(level + 10), 0
    while y < HEIGHT:
        thickness, bow = 5 + index * 3.2, 14 + index * 3
        upper = f"M0 {short(y)}Q120 {short(y - bow)} 240 {short(y)}"
        lower = f"V{short(y + thickness)}Q120 {short(y + thickness - bow)} 0 {short(y + thickness)}z"
        body += path((colours.fill, colours.deep)[index % 2], upper + lower)
        y += thickness * 1.9 + 4
        index += 1
    return Art(body=body)


def ferry(colours: Colours, choices: CodeBytes) -> Art:
    """Draw a ship before a setting sun and its light on the water."""
    level = 196
    body = box(colours.fill, top=0, height=level) + box(colours.deep, top=level, height=HEIGHT - level)
    body += f'<circle cx="120" cy="{level}" r="86" fill="{colours.spark}" clip-path="url(#a)"/>'
    for index in range(4):
        body += path(colours.fill, f"M0 {level - 14 - index * 20}h240v{9 - index * 1.7:.1f}H0z")
    for index in range(8):
        width = 176 - abs(index - 1) * 16 - choices.below(14)
        thickness = 7 + index * 0.9
        x, y = short(120 - width / 2), short(level + 10 + index * 19)
        size = f'width="{width}" height="{short(thickness)}" rx="{short(thickness / 2)}"'
        body += f'<rect x="{x}" y="{y}" {size} fill="{(colours.spark, colours.pale)[index % 2]}"/>'
    body += path(colours.pale, f"M84 {level - 8}h72a36 16 0 0 1-72 0z")
    body += path(colours.pale, f"M117 {level - 44}h6v36h-6zM126 {level - 42}l26 30h-26z")
    return Art(body=body, definitions=clip("a", f"M0 0h240v{level}H0z"))


def window(colours: Colours, choices: CodeBytes) -> Art:
    """Draw a house at night, its windows lit by chance, under a young moon."""
    body = ground(colours.deep) + disc(colours.pale, 178, 62, 34) + disc(colours.deep, 164, 54, 32)
    body += path(colours.fill, "M20 120h200v240H20z")
    for row in range(5):
        for column in range(5):
            light = {0: colours.spark, 1: colours.pale}.get(choices.below(7), colours.deep)
            x, y = 32 + column * 37, 136 + row * 46
            body += path(light, f"M{x} {y + 34}v-20a14 14 0 0 1 28 0v20z")
    return Art(body=body)


def wing(colours: Colours, choices: CodeBytes) -> Art:
    """Draw three rows of feathers that fan out from the lower left. Nothing varies by code."""
    del choices
    body = ground(colours.fill) + disc(colours.spark, 170, 92, 58)
    dark_first, pale_first = (colours.deep, colours.pale), (colours.pale, colours.deep)
    rows = ((330, 46, 9, dark_first), (236, 36, 8, pale_first), (150, 28, 7, dark_first))
    for length, width, count, pair in rows:
        bend = f"{length * 0.6:.0f}"
        feather = f"M0 0Q{bend} {-width} {length} 0Q{bend} {width * 0.25:.0f} 0 0z"
        for index in range(count):
            turn = f"translate(-6 366) rotate({short(-98 + index * (104 / (count - 1)))})"
            body += f'<path fill="{pair[index % 2]}" transform="{turn}" d="{feather}"/>'
    body += disc(colours.fill, 0, 360, 62) + disc(colours.pale, 0, 360, 40) + disc(colours.deep, 0, 360, 18)
    return Art(body=body)


def road(colours: Colours, choices: CodeBytes) -> Art:
    """Draw a road to the horizon, marked with chevrons, between way-signs. Nothing varies by code."""
    del choices
    body = box(colours.pale, top=0, height=120) + box(colours.fill, top=120, height=240)
    body += f'<circle cx="120" cy="120" r="58" fill="{colours.spark}" clip-path="url(#a)"/>'
    body += path(colours.deep, "M120 112L290 360H-50z")
    y, index = 150.0, 0
    while y < HEIGHT + 40:
        thickness = 8 + index * 6
        across, down = (y - 112) * 0.42, short(thickness * 1.4)
        body += path(
            colours.pale,
            f"M120 {short(y)}l{short(across)} {down}v{short(thickness)}"
            f"L120 {short(y + thickness)}l{short(-across)} {down}v{short(-thickness)}z",
        )
        y += thickness * 2.3
        index += 1
    for index, colour in enumerate((colours.pale, colours.spark)):
        half = 16 + index * 9
        side = short(half * 0.7)
        for direction in (-1, 1):
            x, top = 120 + direction * (66 + index * 32), 156 + index * 36 - half
            body += path(colour, f"M{x} {top}l{side} {half}-{side} {half}-{side}-{half}z")
    return Art(body=body, definitions=clip("a", "M0 0h240v120H0z"))


def furrow(colours: Colours, choices: CodeBytes) -> Art:
    """Draw a ploughed field that runs together below the mountains."""
    level, count = 150, 11
    body = ground(colours.pale) + disc(colours.spark, 90 + choices.below(60), 92, 50)
    mountains = "L48 104 84 132 132 78 178 126 206 108 240 138V360H0z"
    body += path(colours.fill, f"M0 {level}{mountains}") + path(colours.deep, f"M0 {level + 26}h240V360H0z")
    for index in range(count):
        start, width = short(-330 + index * (900 / count)), short(900 / count * 0.52)
        body += path((colours.fill, colours.pale)[index % 2], f"M120 {level + 26}L{start} 360h{width}z")
    body += path(colours.deep, f"M0 {level + 18}h240v14H0z")
    return Art(body=body)
