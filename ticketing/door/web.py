"""The scanner's page: its files, and nothing else, with the policies of a page that may use the camera."""

import re
from pathlib import Path

from flask import Blueprint, Response

from ticketing.foundation.built import TYPES, send_built
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.web import allow

blueprint = Blueprint("scanner", __name__, url_prefix="/scanner")

_FOLDER = Path(__file__).resolve().parents[2] / "scanner"
_FILES = re.compile(
    r"index\.html|manifest\.webmanifest|sw\.js|icons/[\w-]+\.(?:svg|png)|dist/(?:fonts/)?[\w-]+\.\w+",
    re.ASCII,
)
_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; "
    "style-src 'self'; img-src 'self' data:; manifest-src 'self'; media-src 'self' blob:; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@blueprint.get("/")
@allow("public")
def scanner_page() -> Response:
    """Return the page itself."""
    return scanner_file("index.html")


@blueprint.get("/<path:path>")
@allow("public")
def scanner_file(path: str) -> Response:
    """Return a file of the scanner. Names carry no hash, so caches must ask each time; the ETag answers."""
    kind = TYPES.get(Path(path).suffix)
    if kind is None or not _FILES.fullmatch(path):
        raise NotFoundError
    # The worker is built, but what it may look after is what lies below its own address.
    response = send_built(_FOLDER, f"dist/{path}" if path == "sw.js" else path, kind)
    # The worker checks the files against their hashes: it refuses what a proxy has "improved".
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
