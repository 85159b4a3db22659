"""The scanner's page: its own files with its own policies, and no other file."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.database import DatabaseFactory
from tests.support.kassa import settings_for
from ticketing.app import create_app

FOLDER = Path(__file__).resolve().parents[3] / "scanner"
FILES = [
    ("", "text/html; charset=utf-8"),
    ("index.html", "text/html; charset=utf-8"),
    ("manifest.webmanifest", "application/manifest+json"),
    ("icons/icon.svg", "image/svg+xml"),
    ("icons/icon-192.png", "image/png"),
    ("dist/app.js", "text/javascript; charset=utf-8"),
    ("dist/scanner.css", "text/css; charset=utf-8"),
    ("dist/zxing_reader.wasm", "application/wasm"),
    ("dist/fonts/golos-text-latin-wght-normal.woff2", "font/woff2"),
]


@pytest.fixture(scope="module")
def client(databases: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A browser of a Kassa that has no festival yet: its files need none, and no database of a kind."""
    url = databases.fresh("sqlite")
    app = create_app(settings_for(url, tmp_path_factory.mktemp("scanner")))
    yield app.test_client()
    app.extensions["kassa"].database.close()
    databases.drop(url)


def fetch(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    """Return a file whole, and let go of it as a server would."""
    answer = client.get(path if path.startswith("/static") else f"/scanner/{path}", headers=headers)
    answer.get_data()
    answer.close()
    return answer


@pytest.mark.parametrize(("path", "kind"), FILES)
def test_its_files_come_whole_with_their_types(client: FlaskClient, path: str, kind: str) -> None:
    answer = fetch(client, path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == kind
    assert answer.get_data() == (FOLDER / (path or "index.html")).read_bytes()


def test_caches_ask_and_hear_that_nothing_changed(client: FlaskClient) -> None:
    first = fetch(client, "dist/app.js")
    assert first.headers["Cache-Control"] == "no-cache, no-transform"
    again = fetch(client, "dist/app.js", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


def test_the_service_worker_lists_every_file_of_the_page_as_it_is_served(client: FlaskClient) -> None:
    worker = fetch(client, "sw.js")
    assert worker.headers["Content-Type"] == "text/javascript; charset=utf-8"
    listed = dict(re.findall(r'path:"([^"]+)",integrity:"([^"]+)"', worker.text))
    for path, integrity in listed.items():
        digest = hashlib.sha256(fetch(client, path.removeprefix("./")).get_data()).digest()
        assert integrity == f"sha256-{base64.b64encode(digest).decode()}", path
    page = fetch(client, "").text
    named = {name for name in re.findall(r'(?:href|src)="([^"]+)"', page) if "apple" not in name}
    fonts = set(re.findall(r"fonts/[\w-]+\.woff2", fetch(client, "dist/scanner.css").text))
    parts = {"./", "dist/decode-worker.js", "dist/ed25519.js", "dist/zxing_reader.wasm"}
    assert listed.keys() == named | {f"dist/{font}" for font in fonts} | parts


@pytest.mark.parametrize("path", ["", "dist/app.js", "nothing.html"])
def test_the_page_may_use_camera_and_decoder_and_no_other_site(client: FlaskClient, path: str) -> None:
    headers = fetch(client, path).headers
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
def test_no_other_file_is_served(client: FlaskClient, path: str) -> None:
    answer = fetch(client, path)
    assert answer.status_code in (301, 308, 404)
    assert b"create_app" not in answer.get_data()
    assert b"import" not in answer.get_data()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("dist/app.js", "text/javascript; charset=utf-8"),
        ("dist/zxing_reader.wasm", "application/wasm"),
        ("/static/dist/{app.css}", "text/css; charset=utf-8"),
        ("/static/dist/{shop.js}", "text/javascript; charset=utf-8"),
    ],
)
def test_code_is_sent_compressed_to_whoever_takes_it(client: FlaskClient, path: str, kind: str) -> None:
    manifest = json.loads((FOLDER.parent / "static" / "dist" / "manifest.json").read_text())
    path = re.sub(r"\{(.+)\}", lambda found: manifest[found[1]], path)
    plain = fetch(client, path, **{"Accept-Encoding": "br, gzip;q=0"})
    small = fetch(client, path, **{"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 2
    for answer in (plain, small):
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
        assert "Accept-Encoding" in answer.vary
    again = fetch(client, path, **{"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert plain.headers["ETag"] != small.headers["ETag"]


@pytest.mark.parametrize(
    "path", ["build.mjs", "print/golos-text-400.ttf", "dist/manifest.json", "../wsgi.py", "dist/no.css"]
)
def test_other_files_of_the_static_folder_are_nobodys(client: FlaskClient, path: str) -> None:
    assert fetch(client, f"/static/{path}").status_code == 404
