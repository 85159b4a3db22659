"""A film for Chromium's fake camera: one still picture, held up for as long as the camera runs."""

from io import BytesIO
from pathlib import Path

from PIL import Image

SIZE = (1280, 720)
_TABLE = (96, 92, 88)
_FRAMES = 4


class Camera:
    """The file that a browser's fake camera plays; it may change between two starts of the camera."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.show_nothing()

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the flags for a browser that has this camera."""
        return ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={self._path}")

    def show(self, picture: bytes, side: int = 480) -> None:
        """Hold up a picture (PNG), `side` pixels wide and high in a film of 1280 by 720."""
        with Image.open(BytesIO(picture)) as image:
            held = image.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
        self._film(held)

    def show_nothing(self) -> None:
        """Show an empty table."""
        self._film(None)

    def _film(self, held: Image.Image | None) -> None:
        frame = Image.new("RGB", SIZE, _TABLE)
        if held is not None:
            frame.paste(held, ((SIZE[0] - held.width) // 2, (SIZE[1] - held.height) // 2))
        still = BytesIO()
        frame.save(still, "JPEG", quality=90)
        # Motion JPEG is nothing but JPEGs one after the other.
        self._path.write_bytes(still.getvalue() * _FRAMES)
