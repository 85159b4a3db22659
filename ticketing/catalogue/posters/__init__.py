"""Posters: art without letters, drawn from a film's code, its section and a motif."""

from ticketing.catalogue.posters.motif import Motif
from ticketing.catalogue.posters.poster import poster_svg

__all__ = ["Motif", "poster_svg"]
