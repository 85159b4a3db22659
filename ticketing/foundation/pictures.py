"""Drawings as PNG, for messengers and search engines that show no SVG."""

import hashlib
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import cast

import resvg_py
from flask import Flask, Response, current_app, request

from ticketing.foundation.memory import Memory

PNG = "image/png"
_WEEK_SECONDS = 7 * 24 * 3600
_EXTENSION = "kassa.painter"
# A card is 40 to 90 KB; a festival's hundred films are asked for in bursts, one film at a time.
_MOST_REMEMBERED = 48


class Painter:
    """Paints SVG drawings with our own letters, and remembers the last ones."""

    def __init__(self, fonts: Path) -> None:
        """Remember where `make build` has put the letters."""
        self._fonts = [str(fonts / f"golos-text-{weight}.ttf") for weight in (400, 700)]
        self._painted: Memory[str, bytes] = Memory(_MOST_REMEMBERED)

    def png(self, drawing: str) -> bytes:
        """Return an SVG document as PNG, as large as it says it is."""
        return self._painted.get(_digest(drawing), lambda: self._paint(drawing))

    def _paint(self, drawing: str) -> bytes:
        return resvg_py.svg_to_bytes(svg_string=drawing, skip_system_fonts=True, font_files=self._fonts)


def drawn(drawing: str, contents: Callable[[], str | bytes], kind: str) -> Response:
    """Answer with what a drawing became, made only for a caller who does not have it; caches may keep it."""
    response = Response(content_type=kind)
    response.headers["Cache-Control"] = f"public, max-age={_WEEK_SECONDS}"
    response.set_etag(_digest(drawing))
    if response.make_conditional(request).status_code == HTTPStatus.OK:
        response.set_data(contents())
    return response


def _digest(drawing: str) -> str:
    return hashlib.sha256(drawing.encode()).hexdigest()[:16]


def install_painter(app: Flask) -> None:
    """Give the app a painter."""
    app.extensions[_EXTENSION] = Painter(Path(app.static_folder or "") / "print")


def painter() -> Painter:
    """Return the painter of the app that serves this request."""
    return cast("Painter", current_app.extensions[_EXTENSION])
