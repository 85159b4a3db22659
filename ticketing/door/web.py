"""The scanner's page: its files, and nothing else, with the policies of a page that may use the camera."""

import re
from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.web import allow

blueprint = Blueprint("scanner", __name__, url_prefix="/scanner")

_FOLDER = Path(__file__).resolve().parents[2] / "scanner"
_FILES = re.compile(
    r"index\.html|manifest\.webmanifest|sw\.js|icons/[\w-]+\.(?:svg|png)|dist/(?:fonts/)?[\w-]+\.\w+",
    re.ASCII,
)
# Said here, because a machine's own table of types may know neither of the first three.
_TYPES = {
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".mjs": "text/javascript; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
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
    kind = _TYPES.get(Path(path).suffix)
    if kind is None or not _FILES.fullmatch(path):
        raise NotFoundError
    response = send_from_directory(_FOLDER, path, mimetype=kind.partition(";")[0])
    response.headers["Content-Type"] = kind
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
