"""The API's tests talk to a whole Kassa through Flask's test client."""

from collections.abc import Iterator

import pytest

from tests.support.kassa import Kassa, copy_festival, festival_template, kassa, whole_festival

__all__ = ["copy_festival", "festival_template", "kassa", "whole_festival"]


@pytest.fixture(scope="module")
def reader(whole_festival: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kassa]:
    """Kassa with the whole demo festival, for tests that change nothing."""
    here = Kassa(whole_festival, tmp_path_factory.mktemp("reader"))
    before = here.fingerprint()
    yield here
    assert here.fingerprint() == before
    here.close()
