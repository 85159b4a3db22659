"""The pictures that a pass must have: the festival's mark, drawn here, so that they never miss a file."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageDraw

_NIGHT, _SPARK = "#0f1533", "#ffb627"
# The mark's square, as in templates/_macros/brand.html, and how much finer than needed it is drawn first.
_UNITS = 48.0
_FINER = 8
_STROKE = 4.5
_ICON, _LOGO = 29, 50
_SCALES = (1, 2, 3)
_STEPS = 24
# How far a quarter of a circle's control points are from its ends, in radii.
_ROUND = 0.5523

Point = tuple[float, float]


@lru_cache(maxsize=1)
def pass_images() -> Mapping[str, bytes]:
    """Return PNG files by name: icon and logo, each for three densities of screens."""
    return {
        f"{name}{'' if scale == 1 else f'@{scale}x'}.png": _drawn(size * scale)
        for name, size in (("icon", _ICON), ("logo", _LOGO))
        for scale in _SCALES
    }


def _drawn(size: int) -> bytes:
    """Return the mark as a square of so many pixels."""
    large = size * _FINER
    unit = large / _UNITS
    picture = Image.new("RGB", (large, large), _SPARK)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, large / 2 - 1, large), fill=_NIGHT)
    width = _STROKE * unit
    for line, colour in ((_horn(mirrored=False), _SPARK), (_horn(mirrored=True), _NIGHT)):
        points = [(x * unit, y * unit) for x, y in line]
        draw.line(points, fill=colour, width=round(width))
        # Round joints: Pillow's own leave hairlines between short pieces.
        for x, y in points[1:-1]:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)
    small = picture.resize((size, size), Image.Resampling.LANCZOS)
    kept = BytesIO()
    small.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _horn(*, mirrored: bool) -> Sequence[Point]:
    """Return a ram's horn as a line of points: up, over the top to the outside, and curled inwards."""
    line: list[Point] = [(24, 44), (24, 20)]
    for centre, radius, quarters in (
        ((16.5, 20.0), 7.5, ((1, 0), (0, -1), (-1, 0))),
        ((14.0, 20.0), 5.0, ((-1, 0), (0, 1))),
    ):
        for start, end in pairwise(quarters):
            line += _quarter(centre, radius, start, end)
    line += _curve(((14, 25), (15.6, 25), (17, 24.2), (18, 23)))
    return [(2 * 24 - x, y) for x, y in line] if mirrored else line


def _quarter(centre: Point, radius: float, start: tuple[int, int], end: tuple[int, int]) -> list[Point]:
    """Return a quarter of a circle between two of its directions from the centre."""
    (x, y), (sx, sy), (ex, ey) = centre, start, end
    return _curve(
        (
            (x + sx * radius, y + sy * radius),
            (x + (sx + ex * _ROUND) * radius, y + (sy + ey * _ROUND) * radius),
            (x + (ex + sx * _ROUND) * radius, y + (ey + sy * _ROUND) * radius),
            (x + ex * radius, y + ey * radius),
        )
    )


def _curve(points: tuple[Point, Point, Point, Point]) -> list[Point]:
    """Return a cubic Bézier curve as points, without its first."""
    made = []
    for step in range(1, _STEPS + 1):
        t = step / _STEPS
        weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        pairs = list(zip(weights, points, strict=True))
        made.append((sum(w * x for w, (x, _) in pairs), sum(w * y for w, (_, y) in pairs)))
    return made
