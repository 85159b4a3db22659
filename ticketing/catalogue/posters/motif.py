"""The names of the thirteen motifs, as the programme's files spell them."""

from enum import StrEnum


class Motif(StrEnum):
    """What a poster shows. The order counts: a film without a named motif gets one by its hash."""

    WELL = "well"
    HORN = "horn"
    WIND = "wind"
    ORCHARD = "orchard"
    HORIZON = "horizon"
    FERRY = "ferry"
    SHANYRAK = "shanyrak"
    WINDOW = "window"
    WING = "wing"
    ROAD = "road"
    FOLD = "fold"
    RHOMB = "rhomb"
    FURROW = "furrow"
