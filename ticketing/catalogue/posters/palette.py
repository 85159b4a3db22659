"""The colours of the sections."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Flat colours: a dark, the section's own, a light, and three accents to choose one from."""

    deep: str
    fill: str
    pale: str
    sparks: tuple[str, str, str]


FALLBACK_SECTION = "business"

PALETTES: Mapping[str, Palette] = {
    "international": Palette(
        deep="#0D1A66", fill="#2F52E8", pale="#F7F2E8", sparks=("#FFB627", "#FF7A4D", "#7FD6FF")
    ),
    "turkic": Palette(
        deep="#5A0A22", fill="#C4284A", pale="#F9EBDA", sparks=("#FFB627", "#7CC7FF", "#FF9A76")
    ),
    "panorama": Palette(
        deep="#05363A", fill="#0E8C7F", pale="#F2F0DF", sparks=("#FF8A5C", "#FFD23F", "#9BE8FF")
    ),
    "aimanov": Palette(
        deep="#47190A", fill="#D9641E", pale="#FBEBD3", sparks=("#1D2B66", "#FFCB57", "#7A1733")
    ),
    "premiere": Palette(
        deep="#4B0636", fill="#D01C93", pale="#FBE9EE", sparks=("#FFD23F", "#FF7A4D", "#8FE3FF")
    ),
    "opening": Palette(
        deep="#0B1230", fill="#FFB627", pale="#F7F2E8", sparks=("#2F52E8", "#2F52E8", "#0E8C7F")
    ),
    "masterclass": Palette(
        deep="#2A1160", fill="#7C45D1", pale="#F1EAFB", sparks=("#9CF0D6", "#FFB627", "#FF8AD0")
    ),
    "business": Palette(
        deep="#16222E", fill="#536B82", pale="#EEF1F2", sparks=("#FFB627", "#7FD6FF", "#FF8A5C")
    ),
}


def palette_of(section: str) -> Palette:
    """Return the section's palette; a section that has none gets the soberest."""
    return PALETTES.get(section, PALETTES[FALLBACK_SECTION])
