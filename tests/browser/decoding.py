"""The scanner's own decoder, as it is built, reading pictures in a real Chromium."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import cast

from playwright.sync_api import Browser, Page

_SCANNER = Path(__file__).resolve().parents[2] / "scanner"
# What camera.js and decoder.js do: the pixels of a frame go to the worker, and the text comes back.
_READ = """async (base64) => {
  window.reader ??= new Worker("dist/decode-worker.js", { type: "module" });
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const frame = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  const pen = new OffscreenCanvas(frame.width, frame.height).getContext("2d", { willReadFrequently: true });
  pen.drawImage(frame, 0, 0);
  const { width, height, data } = pen.getImageData(0, 0, frame.width, frame.height);
  return await new Promise((resolve, reject) => {
    const begin = performance.now();
    window.reader.onmessage = ({ data: answer }) =>
      "error" in answer
        ? reject(new Error(answer.error))
        : resolve({ text: answer.text, milliseconds: performance.now() - begin });
    window.reader.onerror = (event) => reject(new Error(event.message));
    window.reader.postMessage({ width, height, data: data.buffer }, [data.buffer]);
  });
}"""


class Reader:
    """A page with the decoder's worker."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def read(self, jpeg: bytes) -> str | None:
        """Return what the scanner reads in a picture, None for nothing."""
        return self.timed(jpeg)[0]

    def timed(self, jpeg: bytes) -> tuple[str | None, float]:
        """Return what is read, and the milliseconds that it took."""
        found = self._page.evaluate(_READ, b64encode(jpeg).decode())
        return cast("str | None", found["text"]), float(found["milliseconds"])


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def decoder(browser: Browser) -> Iterator[Reader]:
    """Serve the scanner's built files and open a page beside them."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(_SCANNER)))
    serving = Thread(target=server.serve_forever, daemon=True)
    serving.start()
    page = browser.new_page()
    try:
        # Any document of that origin will do: the page's own script is not wanted.
        page.goto(f"http://127.0.0.1:{server.server_port}/manifest.webmanifest")
        yield Reader(page)
    finally:
        page.close()
        server.shutdown()
        serving.join()
        server.server_close()
