"""The scanner's page: its own files with its own policies, and no other file."""

from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.support.kassa import Kassa

FOLDER = Path(__file__).resolve().parents[3] / "scanner"
FILES = [
    ("", "text/html; charset=utf-8"),
    ("index.html", "text/html; charset=utf-8"),
    ("manifest.webmanifest", "application/manifest+json"),
    ("icons/icon.svg", "image/svg+xml"),
    ("dist/app.js", "text/javascript; charset=utf-8"),
    ("dist/scanner.css", "text/css; charset=utf-8"),
    ("dist/zxing_reader.wasm", "application/wasm"),
    ("dist/fonts/golos-text-latin-wght-normal.woff2", "font/woff2"),
]


def fetch(kassa: Kassa, path: str, **headers: str) -> TestResponse:
    """Return a file whole, and let go of it as a server would."""
    answer = kassa.get(f"/scanner/{path}", **headers)
    answer.get_data()
    answer.close()
    return answer


@pytest.mark.parametrize(("path", "kind"), FILES)
def test_its_files_come_whole_with_their_types(kassa: Kassa, path: str, kind: str) -> None:
    answer = fetch(kassa, path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == kind
    assert answer.get_data() == (FOLDER / (path or "index.html")).read_bytes()


def test_caches_ask_and_hear_that_nothing_changed(kassa: Kassa) -> None:
    first = fetch(kassa, "dist/app.js")
    assert first.headers["Cache-Control"] == "no-cache"
    again = fetch(kassa, "dist/app.js", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.get_data()) == (304, b"")


@pytest.mark.parametrize("path", ["", "dist/app.js", "nothing.html"])
def test_the_page_may_use_the_camera_and_its_decoder_and_no_other_site(kassa: Kassa, path: str) -> None:
    headers = fetch(kassa, path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    if path != "nothing.html":
        assert "script-src 'self' 'wasm-unsafe-eval'" in policy
        assert headers["Permissions-Policy"].startswith("camera=(self)")


@pytest.mark.parametrize(
    "path",
    [
        "src/main.js", "src/words/kk.js", "../wsgi.py", "..%2fwsgi.py", "%2e%2e/wsgi.py",
        "dist/../src/main.js", "dist/../../wsgi.py", "dist/.app.js", "dist//app.js", "dist/app.js%00.css",
        "dist/app.js.map", "index.htm", "/etc/passwd", "icons", "dist/", "x" * 5000,
    ],
)  # fmt: skip
def test_no_other_file_is_served(kassa: Kassa, path: str) -> None:
    answer = fetch(kassa, path)
    assert answer.status_code in (301, 308, 404)
    assert b"create_app" not in answer.get_data()
    assert b"import" not in answer.get_data()
