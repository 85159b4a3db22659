"""What stands between Playwright and a Firefox that is a few months old."""

import json
from io import BytesIO

import pytest

from tests.browser.old_firefox import frame, frames, yielding

UNKNOWN = {
    "type": "error",
    "id": 7,
    "error": "unknown command",
    "message": "emulation.setMediaFeaturesOverride",
}


def test_consent_where_nothing_is_emulated() -> None:
    assert json.loads(yielding(json.dumps(UNKNOWN).encode())) == {"type": "success", "id": 7, "result": {}}


@pytest.mark.parametrize(
    "said",
    [
        {**UNKNOWN, "message": "network.addIntercept"},
        {**UNKNOWN, "error": "invalid argument"},
        {"type": "success", "id": 7, "result": {"text": '"unknown command" emulation.'}},
    ],
)
def test_all_else_passes_as_it_is(said: dict[str, object]) -> None:
    message = json.dumps(said).encode()
    assert yielding(message) == message


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_frames_of_every_size_are_read_and_written(size: int) -> None:
    sent = [(0x81, b"a" * size), (0x82, b"the next one")]
    assert list(frames(BytesIO(b"".join(frame(*one) for one in sent)))) == sent
