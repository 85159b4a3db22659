"""Files that `make build` made, sent in their compressed copies to whoever takes them."""

from os import PathLike
from pathlib import Path

from flask import Response, request, send_from_directory

# Said here, because a machine's own table of types may know neither of the first three.
TYPES = {
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
_COPY = ".gz"


def send_built(folder: str | PathLike[str], name: str, kind: str) -> Response:
    """Return a file of a folder, with its content type. Raises werkzeug's NotFound.

    `static/build.mjs` puts the copies beside what is worth it; the name must be a checked one.
    """
    compressed = request.accept_encodings.quality("gzip") > 0 and (Path(folder) / f"{name}{_COPY}").is_file()
    sent = f"{name}{_COPY}" if compressed else name
    response = send_from_directory(folder, sent, mimetype=kind.partition(";")[0])
    response.headers["Content-Type"] = kind
    response.vary.add("Accept-Encoding")
    if compressed:
        response.content_encoding = "gzip"
    return response
